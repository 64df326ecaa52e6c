# Writes FILE with the commit of SOURCE_DIR as C++, only if it has changed.
execute_process(COMMAND git describe --always --dirty --abbrev=12
  WORKING_DIRECTORY "${SOURCE_DIR}" OUTPUT_VARIABLE commit
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT "${FILE}" @ONLY
  CONTENT "#define PROVISION_COMMIT \"@commit@\"\n")
