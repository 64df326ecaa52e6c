// Tries in a folder, its only argument, what would make subvolumes of btrfs
// there, and says on a line each how that went: "create ok", "create 1".
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

int folder = -1;

/// Not by the C library, which may cut the request to what it ought to be.
void attempt(const char* what, unsigned long request, void* argument) {
  const auto code = ::syscall(SYS_ioctl, folder, request, argument);
  if (code == 0)
    std::printf("%s ok\n", what);
  else
    std::printf("%s %d\n", what, errno);
}

template <class Arguments>
Arguments named(const char* name) {
  Arguments arguments = {};
  std::strcpy(arguments.name, name);
  return arguments;
}

} // namespace

int main(int count, char** words) {
  folder = count == 2 ? ::open(words[1], O_RDONLY | O_DIRECTORY) : -1;
  if (folder < 0)
    return 2;
  std::printf("trying\n");
  constexpr auto high_bit = 1UL << 40U;
  auto old = named<btrfs_ioctl_vol_args>("old");
  attempt("create", BTRFS_IOC_SUBVOL_CREATE, &old);
  old = named<btrfs_ioctl_vol_args>("high");
  attempt("create with a high bit", BTRFS_IOC_SUBVOL_CREATE | high_bit, &old);
  auto one = named<btrfs_ioctl_vol_args_v2>("new");
  attempt("create of version 2", BTRFS_IOC_SUBVOL_CREATE_V2, &one);
  // Into no group at all.
  btrfs_qgroup_inherit nowhere = {};
  one = named<btrfs_ioctl_vol_args_v2>("stray");
  one.flags = BTRFS_SUBVOL_QGROUP_INHERIT;
  one.size = sizeof nowhere;
  one.qgroup_inherit = &nowhere;
  attempt("create beside the group", BTRFS_IOC_SUBVOL_CREATE_V2, &one);
  old = named<btrfs_ioctl_vol_args>("copy");
  old.fd = folder;
  attempt("snapshot", BTRFS_IOC_SNAP_CREATE, &old);
  one = named<btrfs_ioctl_vol_args_v2>("copy2");
  one.fd = folder;
  attempt("snapshot of version 2", BTRFS_IOC_SNAP_CREATE_V2, &one);
  // What programs need.
  int block = 0;
  attempt("size of a block", FIGETBSZ, &block);
  attempt("close on exec", FIOCLEX, nullptr);
  std::printf("tried\n");
}
