#include "identity/private_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "messages/hex.hpp"

namespace provision::private_file {

namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;
constexpr mode_t open_to_others = S_IRWXG | S_IRWXO;

/// A file descriptor that closes itself.
class descriptor {
public:
  explicit descriptor(int number) noexcept : number_{number} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  int number() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

private:
  int number_;
};

error unusable(const std::string& path, const std::string& reason,
               int cause = 0) {
  auto message = "key file " + path + " " + reason;
  if (cause != 0)
    message += ": " + std::system_category().message(cause);
  return {errc::identity_unusable, std::move(message), cause};
}

std::string octal(mode_t mode) {
  std::array<char, 8> text;
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

error check_ownership(const std::string& path, const struct stat& found) {
  if (!S_ISREG(found.st_mode))
    return unusable(path, "is not a regular file");
  if (found.st_uid != ::geteuid() && found.st_uid != 0)
    return unusable(path, "belongs to user " + std::to_string(found.st_uid)
                            + ", who could change it; run chown "
                            + std::to_string(::geteuid()) + " " + path);
  if ((found.st_mode & open_to_others) != 0)
    return unusable(path, "has mode " + octal(found.st_mode)
                            + ", which lets others in; run chmod 600 " + path);
  return {};
}

/// Reads until `size` bytes are there or the file ends; errno if it fails.
int read_up_to(int file, std::string& bytes, std::size_t size) {
  bytes.resize(size);
  std::size_t filled = 0;
  while (filled < size) {
    auto count = ::read(file, bytes.data() + filled, size - filled);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    if (count == 0)
      break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return 0;
}

int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

/// Creates `name` in `folder`, filled and synced; errno if it fails.
int write_new(int folder, const std::string& name, std::string_view bytes) {
  descriptor file{::openat(folder, name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           owner_only)};
  if (!file)
    return errno;
  // The umask may have taken the owner's own rights.
  if (::fchmod(file.number(), owner_only) != 0)
    return errno;
  if (auto cause = write_all(file.number(), bytes))
    return cause;
  return ::fsync(file.number()) == 0 ? 0 : errno;
}

} // namespace

expected<secret> read(const std::string& path, std::size_t size_max) {
  // O_NONBLOCK: opening a pipe by mistake must not hang the start.
  descriptor file{
    ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file && errno == ELOOP)
    return fail(unusable(
      path, "is a symbolic link; configure the file it points to", ELOOP));
  if (!file)
    return fail(unusable(path, "cannot be opened", errno));
  struct stat found = {};
  if (::fstat(file.number(), &found) != 0)
    return fail(unusable(path, "cannot be examined", errno));
  if (auto refusal = check_ownership(path, found))
    return fail(refusal);
  std::string bytes;
  if (auto cause = read_up_to(file.number(), bytes, size_max + 1)) {
    wipe(bytes);
    return fail(unusable(path, "cannot be read", cause));
  }
  auto contents = secret::absorb(bytes);
  if (contents.size() > size_max)
    return fail(
      unusable(path, "has more than " + std::to_string(size_max) + " bytes"));
  return contents;
}

error create(const std::string& path, std::string_view bytes, entropy& random) {
  std::filesystem::path target{path};
  auto parent = target.parent_path();
  auto name = target.filename().string();
  descriptor folder{::open(parent.empty() ? "." : parent.c_str(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder)
    return unusable(path, "cannot be created: its folder cannot be opened",
                    errno);
  auto temporary
    = "." + name + "." + hex::encode(random.draw(8).reveal()) + ".tmp";
  auto cause = write_new(folder.number(), temporary, bytes);
  // A link, unlike a rename, never replaces what another start put there.
  if (cause == 0
      && ::linkat(folder.number(), temporary.c_str(), folder.number(),
                  name.c_str(), 0)
           != 0)
    cause = errno;
  // Whatever happened, the temporary name has served; a leftover is harmless.
  ::unlinkat(folder.number(), temporary.c_str(), 0);
  if (cause == EEXIST)
    return {errc::already_exists, "key file " + path + " exists already",
            cause};
  if (cause == 0 && ::fsync(folder.number()) != 0)
    cause = errno;
  if (cause != 0)
    return unusable(path, "cannot be created", cause);
  return {};
}

} // namespace provision::private_file
