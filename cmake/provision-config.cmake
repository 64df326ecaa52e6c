# CMake package of provision: find_package(provision) gives provision::actors
# (the engine and everything below it).
include(CMakeFindDependencyMacro)
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
find_dependency(PkgConfig)
find_dependency(Threads)
find_dependency(OpenSSL)
find_dependency(tl-expected)
find_dependency(simdjson)
find_dependency(spdlog)
find_dependency(Boost)
find_dependency(CAF COMPONENTS core io)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
include("${CMAKE_CURRENT_LIST_DIR}/provision.cmake")
