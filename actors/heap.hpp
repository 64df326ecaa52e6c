#pragma once

namespace provision {

/// Sets up the C library's heap for how an engine uses it; for main programs,
/// before other threads are there. Does nothing where the library is not glibc.
void set_up_heap() noexcept;

} // namespace provision
