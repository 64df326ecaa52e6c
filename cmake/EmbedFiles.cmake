# provision_embed(<target> <symbol> HEADER <header> FILES ...): builds files into
# a library, gzip'd, as the function <symbol> that the header declares. A file's
# tag changes when its bytes do.
find_program(PROVISION_GZIP gzip REQUIRED)

function(provision_embed target symbol)
  cmake_parse_arguments(arg "" "HEADER" "FILES" ${ARGN})
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${symbol}")
  file(MAKE_DIRECTORY "${folder}")
  set(packed "")
  foreach(file IN LISTS arg_FILES)
    get_filename_component(name "${file}" NAME)
    # Without name and time, so that equal files make equal programs.
    add_custom_command(OUTPUT "${folder}/${name}.gz"
      COMMAND sh -c "\"$1\" -9 -n -c \"$2\" > \"$3\"" _
        "${PROVISION_GZIP}" "${file}" "${folder}/${name}.gz"
      DEPENDS "${file}" VERBATIM)
    list(APPEND packed "${folder}/${name}.gz")
  endforeach()
  set(source "${folder}/${symbol}.cpp")
  set(writer "${PROJECT_SOURCE_DIR}/cmake/WriteEmbedded.cmake")
  list(JOIN packed "|" listed)
  add_custom_command(OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${listed}" "-DSYMBOL=${symbol}"
      "-DHEADER=${arg_HEADER}" "-DSOURCE=${source}" -P "${writer}"
    DEPENDS ${packed} "${writer}" VERBATIM)
  target_sources(${target} PRIVATE "${source}")
  set_source_files_properties("${source}" PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON)
endfunction()
