# The Debian package, made by CPack from the component node: `cpack -G DEB` in
# any build folder, `make package` from one that is built for it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME provisiond)
set(CPACK_PACKAGE_CONTACT "${PROVISION_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_HOMEPAGE_URL "${PROJECT_HOMEPAGE_URL}")
# Not from where it was built, and with a configuration in /etc.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Permissions are those of the files, not of who builds.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_COMPONENTS_ALL node)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_NAME provisiond)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "node agent that applies reservations of workloads")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"provisiond takes reservations of workloads from an explorer, applies them on
this host one at a time and in order, remembers them durably, counts the
capacity they use, takes them down when they expire or are cancelled, and
reports a signed result for each.
.
The package holds the daemon, its systemd unit, and provisionctl, the
operator's tool.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles, mount, ca-certificates")
# What the back-ends call; `provisiond probe` tells what a host lacks.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "btrfs-progs, e2fsprogs, iproute2, nftables, wireguard-tools")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "wireguard-go, crun, skopeo, umoci, golang-github-containers-common, qemu-system-x86, qemu-utils, genisoimage, prometheus, bash-completion")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${CMAKE_CURRENT_SOURCE_DIR}/debian/postinst"
  "${CMAKE_CURRENT_SOURCE_DIR}/debian/prerm"
  "${CMAKE_CURRENT_SOURCE_DIR}/debian/postrm"
  "${CMAKE_CURRENT_SOURCE_DIR}/debian/conffiles")
include(CPack)
