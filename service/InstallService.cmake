# Installs what a host needs to run the daemon as a service. Run at install
# time, because only then it is known for which prefix: /usr keeps its
# configuration in /etc, any other prefix below itself.
set(prefix "${CMAKE_INSTALL_PREFIX}")
set(bindir "${prefix}/bin")
if(prefix STREQUAL "/usr")
  set(sysconfdir "/etc")
  set(zsh "${prefix}/share/zsh/vendor-completions")
else()
  set(sysconfdir "${prefix}/etc")
  set(zsh "${prefix}/share/zsh/site-functions")
endif()

# systemd 253 and later wait until a reload has ended; 252 (Debian 12) does not
# know the type.
if(SYSTEMD_VERSION GREATER_EQUAL 253)
  set(type "Type=notify-reload")
else()
  set(type "Type=notify\nExecReload=/bin/sh -c \"kill -HUP $MAINPID\"")
endif()

foreach(unit provisiond provisiond-worker)
  configure_file("${SERVICE_DIR}/${unit}.service.in"
    "${BUILD_DIR}/${unit}.service" @ONLY)
endforeach()
file(INSTALL "${BUILD_DIR}/provisiond.service"
  "${BUILD_DIR}/provisiond-worker.service"
  "${SERVICE_DIR}/provisiond-workloads.service"
  DESTINATION "${prefix}/lib/systemd/system")
file(INSTALL "${SERVICE_DIR}/sysusers.conf" RENAME provisiond.conf
  DESTINATION "${prefix}/lib/sysusers.d")
file(INSTALL "${SERVICE_DIR}/tmpfiles.conf" RENAME provisiond.conf
  DESTINATION "${prefix}/lib/tmpfiles.d")
file(INSTALL "${BUILD_DIR}/provisionctl.zsh" RENAME _provisionctl
  DESTINATION "${zsh}")

# What somebody may have edited stays. A package is staged in an empty folder,
# and its manager looks after the file.
set(configuration "${sysconfdir}/provisiond/provisiond.toml")
if(EXISTS "$ENV{DESTDIR}${configuration}")
  message(STATUS "Kept: $ENV{DESTDIR}${configuration}")
else()
  file(INSTALL "${BUILD_DIR}/provisiond.toml"
    DESTINATION "${sysconfdir}/provisiond")
endif()
