# Writes the source that holds FILES (paths joined by '|', each ending in .gz)
# as bytes; see EmbedFiles.cmake.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "|" ";" files "${FILES}")
set(bytes "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  string(REGEX REPLACE "\\.gz$" "" name "${name}")
  file(READ "${file}" hex HEX)
  file(SHA256 "${file}" tag)
  string(SUBSTRING "${tag}" 0 16 tag)
  string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
  string(APPEND bytes
    "constexpr unsigned char file_${number}[]{${hex}};\n")
  string(APPEND rows
    "    embedded_file{\"${name}\", \"\\\"${tag}\\\"\", text(file_${number})},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${SOURCE}" "// Made by cmake/WriteEmbedded.cmake.
#include \"${HEADER}\"

namespace provision {

namespace {

${bytes}
template <std::size_t Size>
std::string_view text(const unsigned char (&bytes)[Size]) {
  return {reinterpret_cast<const char*>(bytes), Size};
}

} // namespace

std::span<const embedded_file> ${SYMBOL}() {
  static const embedded_file all[]{
${rows}  };
  return all;
}

} // namespace provision
")
