#include "backends/host/output_files.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/file_descriptor.hpp"
#include "messages/reservation.hpp"
#include "shim/process_state.hpp"

namespace provision {

namespace {

/// A number that a later file does not bear: the file system gives that of its
/// inode to another soon, but not at the same time.
std::uint64_t number_of(const struct statx& facts) {
  constexpr std::uint64_t nanoseconds = 1'000'000'000;
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15ULL;
  const auto born
    = (facts.stx_mask & STATX_BTIME) == 0
        ? 0
        : static_cast<std::uint64_t>(facts.stx_btime.tv_sec) * nanoseconds
            + facts.stx_btime.tv_nsec;
  // 0 stands for no file.
  return std::max<std::uint64_t>((facts.stx_ino * odd) ^ born, 1);
}

struct output_file {
  file_descriptor opened = {};
  std::uint64_t number = 0;
  std::uint64_t size = 0;
};

/// The oldest first. The youngest is opened first: what a rotation renames
/// meanwhile is found twice then, and not missed.
expected<std::vector<output_file>> open_files(const std::string& youngest) {
  std::vector<output_file> all;
  for (int age = 0;; ++age) {
    auto path = youngest;
    if (age > 0)
      path += '.' + std::to_string(age);
    file_descriptor opened{
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
    if (!opened && errno == ENOENT)
      break;
    struct statx facts = {};
    if (!opened
        || ::statx(opened.number(), "", AT_EMPTY_PATH,
                   STATX_INO | STATX_SIZE | STATX_BTIME, &facts)
             != 0)
      return fail(last_system_error(path));
    const auto number = number_of(facts);
    if (std::ranges::find(all, number, &output_file::number) == all.end())
      all.push_back({std::move(opened), number, std::uint64_t{facts.stx_size}});
  }
  std::ranges::reverse(all);
  return all;
}

/// Appends what is in `file` from `offset` on, at most up to `text_max` bytes.
error read_more(const output_file& file, std::uint64_t& offset,
                std::string& text, std::uint64_t text_max) {
  while (offset < file.size && text.size() < text_max) {
    const auto begin = text.size();
    text.resize(
      begin + std::min<std::uint64_t>(file.size - offset, text_max - begin));
    const auto got = ::pread(file.opened.number(), text.data() + begin,
                             text.size() - begin, static_cast<off_t>(offset));
    text.resize(begin + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR)
      return last_system_error("read output");
    if (got == 0)
      break;
    offset += static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
  }
  return {};
}

expected<output_piece> read_from(const std::vector<output_file>& files,
                                 output_place from, output_bounds bounds = {}) {
  output_piece piece{.next = from};
  auto file = std::ranges::find(files, from.file, &output_file::number);
  // Gone, or a new one under an old number.
  if (file == files.end() || from.offset > file->size) {
    piece.has_gap = from.file != 0;
    file = files.begin();
    piece.next.offset = 0;
  }
  for (; file != files.end(); ++file) {
    piece.next.file = file->number;
    if (auto failure
        = read_more(*file, piece.next.offset, piece.text, bounds.bytes_max))
      return fail(std::move(failure));
    if (piece.next.offset < file->size || std::next(file) == files.end()
        || (bounds.of_one_file && !piece.text.empty()))
      break;
    piece.next.offset = 0;
  }
  return piece;
}

/// Where the last `bytes_max` bytes of all begin.
output_place near_end(const std::vector<output_file>& files) {
  std::uint64_t behind = 0;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (behind + file->size > output_reader::bytes_max)
      return {file->number, behind + file->size - output_reader::bytes_max};
    behind += file->size;
  }
  return {};
}

/// Leaves the last `lines` of `text`.
void cut_to_lines(std::string& text, std::uint64_t lines) {
  auto begin = text.size();
  if (begin > 0 && text.back() == '\n')
    --begin;
  for (; lines > 0; --lines) {
    const auto end
      = begin == 0 ? std::string::npos : text.rfind('\n', begin - 1);
    if (end == std::string::npos)
      return;
    begin = end;
  }
  text.erase(0, begin < text.size() ? begin + 1 : begin);
}

expected<std::vector<output_file>>
files_of(const std::map<std::string, std::string>& folders,
         const reservation_type& type, const std::string& id) {
  const auto folder = folders.find(type.name);
  if (folder == folders.end())
    return fail(errc::no_such_reservation,
                "workloads of type " + type.name + " write no output here");
  if (!is_safe_id(id))
    return fail(errc::malformed_input, "'" + id + "' is no id");
  auto files = open_files(folder->second + '/' + id + '/' + shim::log_name);
  if (files && files->empty())
    return fail(errc::no_such_reservation,
                "no output of " + id + " is kept on this host");
  return files;
}

} // namespace

expected<output_piece> read_output(const std::string& path, output_place from,
                                   output_bounds bounds) {
  const auto files = open_files(path);
  if (!files)
    return fail(files.error());
  // Whoever waits for the first word has missed nothing.
  if (files->empty())
    return output_piece{.next = from};
  return read_from(*files, from, bounds);
}

output_reader read_output_files(std::map<std::string, std::string> folders) {
  return {.tail = [folders](const reservation_type& type, const std::string& id,
                            std::uint64_t lines) -> expected<output_piece> {
            const auto files = files_of(folders, type, id);
            if (!files)
              return fail(files.error());
            auto piece = read_from(*files, near_end(*files));
            if (piece)
              cut_to_lines(piece->text, lines);
            return piece;
          },
          .after
          = [folders](const reservation_type& type, const std::string& id,
                      output_place from) -> expected<output_piece> {
            const auto files = files_of(folders, type, id);
            if (!files)
              return fail(files.error());
            return read_from(*files, from);
          }};
}

} // namespace provision
