#pragma once

namespace provision {

/// Prepares libsodium on first use; thread-safe and cheap afterwards. False if
/// the library cannot work here, then none of it may be used.
bool sodium_ready() noexcept;

} // namespace provision
