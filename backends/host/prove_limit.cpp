#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/file_descriptor.hpp"

namespace provision {

namespace {

/// No reservation has this id: it is the last one that has a quota group.
constexpr std::string_view proof_id = "1099511627775-255";

/// errno of the write that was refused; 0 if all were accepted.
expected<int> write_until_refused(const std::string& path,
                                  std::uint64_t bytes) {
  const file_descriptor file{::open(
    path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file)
    return fail(last_system_error("write " + path));
  // Not zeros, which a file system may keep without taking room.
  const std::vector<char> chunk(1U << 16U, 'x');
  for (std::uint64_t written = 0; written < bytes;) {
    const auto size = ::write(file.number(), chunk.data(), chunk.size());
    if (size < 0 && errno != EINTR)
      return errno;
    if (size > 0)
      written += static_cast<std::uint64_t>(size);
  }
  return ::fsync(file.number()) == 0 ? 0 : errno;
}

error judge(const expected<int>& refusal, const volume_ability& ability) {
  if (!refusal)
    return refusal.error();
  if (*refusal == EDQUOT || *refusal == ENOSPC)
    return {};
  if (*refusal != 0)
    return system_error("write into a " + ability.technique + " volume",
                        *refusal);
  return {errc::backend_failure,
          ability.technique + " does not hold the limit of a volume here"};
}

} // namespace

error prove_limit(volume_backend& backend, std::uint64_t limit_bytes) {
  const auto path = backend.ensure(proof_id, limit_bytes);
  auto err = path
               ? judge(write_until_refused(*path + "/proof", limit_bytes * 2),
                       backend.ability())
               : path.error();
  const auto removed = backend.destroy(proof_id);
  return err ? err : removed;
}

} // namespace provision
