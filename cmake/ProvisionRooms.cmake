# How this project declares its parts: one documented function per pattern.

option(PROVISION_BENCH "build the benchmarks" OFF)
option(PROVISION_FUZZ "build the fuzzers; needs clang++" OFF)
option(PROVISION_PCH "share precompiled headers" ON)
option(PROVISION_UNITY "compile several sources of a room at once" ON)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# Flags live here and nowhere else.
add_library(provision_flags INTERFACE)
target_compile_features(provision_flags INTERFACE cxx_std_20)
# g++ 12 reports std::string's own code when it is inlined at -O2: operator+
# (-Wrestrict, its PR 105651), moves (-Warray-bounds and -Wstringop-overflow,
# its PR 105329; -Wstringop-overread in builds for release).
target_compile_options(provision_flags INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wpedantic;-Werror>
  $<BUILD_INTERFACE:$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow>>
  $<BUILD_INTERFACE:$<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-stringop-overread>>)
# Boost 1.74 looks for clang's coroutines where they were before C++20, and
# forgets <utility> behind them.
target_compile_options(provision_flags INTERFACE
  $<BUILD_INTERFACE:$<$<CXX_COMPILER_ID:Clang>:-DBOOST_ASIO_HAS_CO_AWAIT;-DBOOST_ASIO_HAS_STD_COROUTINE;SHELL:-include utility>>)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # It caches what includes a precompiled header only when told that the header
  # has no __TIME__ and is named in g++'s preprocessed output.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
  target_compile_options(provision_flags INTERFACE
    $<BUILD_INTERFACE:$<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>>)
endif()

set(PROVISION_LAYERS "" CACHE INTERNAL "lines 'room: rooms it may look into'")

# provision_room(<name> [NEEDS rooms and libraries that its headers show]
# [PRIVATE_NEEDS those that only its sources use] [PRECOMPILE std|caf]
# [TOGETHER])
#
# A room is a folder with one purpose, one static library provision::<name>
# made of every source below it (a program's main.cpp apart), and one list of
# rooms it may include from. Each header is compiled alone when
# CMAKE_VERIFY_INTERFACE_HEADER_SETS is on.
function(provision_room name)
  cmake_parse_arguments(arg "TOGETHER" "PRECOMPILE" "NEEDS;PRIVATE_NEEDS"
    ${ARGN})
  set(target provision_${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cpp")
  list(FILTER sources EXCLUDE REGEX "main\\.cpp$")
  file(GLOB_RECURSE arg_HEADERS CONFIGURE_DEPENDS "*.hpp")
  add_library(${target} STATIC ${sources})
  add_library(provision::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_sources(${target} PUBLIC FILE_SET HEADERS
    BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${arg_HEADERS})
  target_link_libraries(${target}
    PUBLIC ${arg_NEEDS}
    PRIVATE ${arg_PRIVATE_NEEDS} $<BUILD_INTERFACE:provision_flags>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  if(NOT arg_PRECOMPILE)
    set(arg_PRECOMPILE std)
  endif()
  provision_precompile(${target} ${arg_PRECOMPILE})
  if(arg_TOGETHER)
    provision_compile_together(${target})
  endif()
  set(seen ${arg_NEEDS} ${arg_PRIVATE_NEEDS})
  list(FILTER seen INCLUDE REGEX "^provision::")
  list(TRANSFORM seen REPLACE "^provision::" "")
  list(JOIN seen " " seen)
  set(PROVISION_LAYERS "${PROVISION_LAYERS}${name}: ${seen}\n"
      CACHE INTERNAL "")
  set_property(GLOBAL APPEND PROPERTY PROVISION_ROOMS ${target})
endfunction()

# provision_program(<name> SOURCES ... NEEDS ... [COMPONENT node]): a program in
# build/*/bin, installed with the rest; the Debian package holds those of the
# component node.
function(provision_program name)
  cmake_parse_arguments(arg "" "COMPONENT" "SOURCES;NEEDS" ${ARGN})
  if(NOT arg_COMPONENT)
    set(arg_COMPONENT development)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_NEEDS} provision_flags)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
    COMPONENT ${arg_COMPONENT})
  set_property(GLOBAL APPEND PROPERTY PROVISION_PROGRAMS_${arg_COMPONENT} ${name})
endfunction()

# provision_precompile(<target> <kind>): compiles the headers that most sources
# of this kind need once, for all targets of the kind: std (standard library),
# caf (that and CAF), test (that and Boost.Test), caf_test (all of them). Off in
# the ci preset, so that every include stays honest.
set(PROVISION_STD_HEADERS
  <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional>
  <string> <string_view> <unordered_map> <utility> <variant> <vector>
  <tl/expected.hpp>)
set(PROVISION_CAF_HEADERS
  <caf/actor_system.hpp> <caf/actor_system_config.hpp>
  <caf/event_based_actor.hpp> <caf/scoped_actor.hpp> <caf/stateful_actor.hpp>
  <caf/typed_actor.hpp> <caf/typed_event_based_actor.hpp>)
set(PROVISION_TEST_HEADERS <boost/test/unit_test.hpp>)

function(provision_precompile target kind)
  if(NOT PROVISION_PCH)
    return()
  endif()
  set(owner provision_pch_${kind})
  if(NOT TARGET ${owner})
    set(headers ${PROVISION_STD_HEADERS})
    set(source "${PROJECT_BINARY_DIR}/${owner}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "")
    add_library(${owner} OBJECT "${source}")
    target_link_libraries(${owner} PRIVATE provision_flags tl::expected)
    if(kind MATCHES "caf")
      list(APPEND headers ${PROVISION_CAF_HEADERS})
      target_link_libraries(${owner} PRIVATE CAF::core)
    endif()
    if(kind MATCHES "test")
      list(APPEND headers ${PROVISION_TEST_HEADERS})
      # With the library's own definitions: the header must see the same ones.
      target_link_libraries(${owner} PRIVATE provision_test_main)
    endif()
    target_precompile_headers(${owner} PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()

# provision_compile_together(<target>): compiles several sources at once. Most of
# the time of a source that sees CAF goes into what headers make of it, the same in
# its neighbours: this halves it. The price: names in unnamed namespaces must
# differ within a target, and a change to one source compiles six. Off in the ci
# preset and with -DPROVISION_UNITY=OFF, for whoever works on one room all day.
function(provision_compile_together target)
  if(PROVISION_UNITY)
    set_target_properties(${target} PROPERTIES
      UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    # g++ takes an unnamed namespace in an included source for one of a header.
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# provision_tests(<room> [NEEDS ...] [LABELS ...] [PRECOMPILE test|caf_test]
# [TOGETHER]): one program <room>_tests from every source in this folder, and one CTest entry
# <room>.<unit>_test per file <unit>_test.cpp, whose Boost.Test suite bears the
# same name.
function(provision_tests room)
  cmake_parse_arguments(arg "TOGETHER" "PRECOMPILE" "NEEDS;LABELS" ${ARGN})
  set(program ${room}_tests)
  file(GLOB files CONFIGURE_DEPENDS "*.cpp")
  add_executable(${program} ${files})
  target_link_libraries(${program} PRIVATE
    provision_test_main ${arg_NEEDS} provision_flags)
  target_include_directories(${program} PRIVATE "${PROJECT_SOURCE_DIR}")
  if(NOT arg_PRECOMPILE)
    set(arg_PRECOMPILE test)
  endif()
  provision_precompile(${program} ${arg_PRECOMPILE})
  if(arg_TOGETHER)
    provision_compile_together(${program})
  endif()
  file(GLOB suites CONFIGURE_DEPENDS "*_test.cpp")
  # Fixtures such as node_under_test.cpp are no suites.
  list(FILTER suites EXCLUDE REGEX "_under_test\\.cpp$")
  foreach(suite IN LISTS suites)
    get_filename_component(suite "${suite}" NAME_WE)
    add_test(NAME ${room}.${suite}
      COMMAND ${program} --run_test=${suite} --catch_system_errors=no
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${room}.${suite} PROPERTIES
      TIMEOUT 300 LABELS "${arg_LABELS}")
  endforeach()
endfunction()

# provision_check_layering(): the CTest entry house.layering. It names every
# file that includes from a room that its own room does not list.
function(provision_check_layering)
  file(WRITE "${PROJECT_BINARY_DIR}/layers.txt" "${PROVISION_LAYERS}")
  if(BUILD_TESTING)
    add_test(NAME house.layering
      COMMAND ${CMAKE_COMMAND}
        -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
        -DLAYERS=${PROJECT_BINARY_DIR}/layers.txt
        -P ${PROJECT_SOURCE_DIR}/cmake/CheckLayering.cmake)
  endif()
  set(PROVISION_LAYERS "" CACHE INTERNAL "")
endfunction()

# provision_install(): libraries, headers and the CMake package for embedders,
# who bring a main of their own and so do not need daemon/, ctl/ and manual/.
function(provision_install)
  get_property(rooms GLOBAL PROPERTY PROVISION_ROOMS)
  list(REMOVE_ITEM rooms provision_daemon provision_ctl provision_manual)
  foreach(room IN LISTS rooms)
    install(TARGETS ${room} EXPORT provision
      ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
      FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/provision")
  endforeach()
  install(EXPORT provision NAMESPACE provision::
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/provision")
  include(CMakePackageConfigHelpers)
  write_basic_package_version_file(
    "${PROJECT_BINARY_DIR}/provision-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_SOURCE_DIR}/cmake/provision-config.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake"
    "${PROJECT_BINARY_DIR}/provision-config-version.cmake"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/provision")
endfunction()
