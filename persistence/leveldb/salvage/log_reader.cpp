#include "persistence/leveldb/salvage/log_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "persistence/crc32c.hpp"
#include "persistence/leveldb/salvage/bytes.hpp"
#include "persistence/leveldb/salvage/checksum.hpp"

namespace provision::salvage {

namespace {

/// A log is cut into pages; no fragment of a batch reaches over a page's end.
constexpr std::size_t page_size = 32768;
/// Checksum, length, kind; the checksum covers the kind and what follows.
constexpr std::size_t head_size = 7;
/// Of a batch: number of its first change, number of changes.
constexpr std::size_t batch_head_size = 12;

enum fragment : std::uint8_t { whole = 1, first = 2, middle = 3, last = 4 };

class reader {
public:
  reader(std::string file, const findings& found)
    : file_{std::move(file)}, found_{found} {}

  void read();

private:
  std::optional<std::size_t> true_size(std::size_t at, std::size_t end) const;
  std::size_t read_fragment(std::size_t at, std::size_t end);
  void add(std::uint8_t kind, std::string_view bytes, bool is_doubtful);
  void read_batch(std::string_view batch);

  std::string file_;
  const findings& found_;
  std::string batch_ = {};
  bool in_batch_ = false;
  bool is_doubtful_ = false;
};

/// The size with which the fragment at `at` matches its checksum.
std::optional<std::size_t> reader::true_size(std::size_t at,
                                             std::size_t end) const {
  const std::string_view file{file_};
  const auto stored = fixed32(file.substr(at));
  auto crc = crc32c(file.substr(at + head_size - 1, 1));
  for (std::size_t size = 0;; ++size) {
    if (to_stored(crc) == stored)
      return size;
    if (at + head_size + size >= end)
      return std::nullopt;
    crc = crc32c(file.substr(at + head_size + size, 1), crc);
  }
}

/// The place behind the fragment; `end` of the page if that cannot be told.
std::size_t reader::read_fragment(std::size_t at, std::size_t end) {
  const std::string_view file{file_};
  std::size_t size = static_cast<unsigned char>(file[at + 4])
                     + 256U * static_cast<unsigned char>(file[at + 5]);
  const bool fits = at + head_size + size <= end;
  const auto stored = fixed32(file.substr(at));
  const auto where = std::to_string(at);
  auto seen = state::damaged;
  if (const auto found = true_size(at, end)) {
    seen = fits && *found == size ? state::sound : state::mended;
    size = *found;
  } else if (fits) {
    seen = check_and_mend(file_, at + head_size - 1, size + 1, stored);
  } else {
    // At the log's end it is a change that was cut short.
    if (end != file_.size() || end % page_size == 0)
      found_.tell("changes from " + where + " to " + std::to_string(end)
                  + " are lost: they cannot be parsed");
    in_batch_ = false;
    return end;
  }
  if (seen == state::mended)
    found_.tell("one byte of the change at " + where
                + " was wrong and is put right");
  else if (seen == state::damaged)
    found_.tell("the change at " + where + " is damaged");
  add(static_cast<std::uint8_t>(file_[at + head_size - 1]),
      std::string_view{file_}.substr(at + head_size, size),
      seen == state::damaged);
  return at + head_size + size;
}

void reader::add(std::uint8_t kind, std::string_view bytes, bool is_doubtful) {
  if (kind == whole || kind == first) {
    batch_.clear();
    in_batch_ = true;
    is_doubtful_ = false;
  }
  if (!in_batch_)
    return;
  is_doubtful_ = is_doubtful_ || is_doubtful;
  batch_.append(bytes);
  if (kind != whole && kind != last)
    return;
  in_batch_ = false;
  read_batch(batch_);
}

void reader::read_batch(std::string_view batch) {
  if (batch.size() < batch_head_size)
    return;
  auto sequence = fixed64(batch);
  cutter in{batch.substr(batch_head_size)};
  while (!in.empty()) {
    const auto kind = in.bytes(1);
    const auto key = in.text();
    const bool is_deletion = kind->front() == 0;
    const auto value
      = is_deletion ? std::optional{std::string_view{}} : in.text();
    if (!key || !value)
      return found_.tell("the rest of a change is lost: it cannot be parsed");
    found_.take({.key = std::string{*key},
                 .sequence = sequence++,
                 .is_deletion = is_deletion,
                 .value = *value,
                 .is_doubtful = is_doubtful_});
  }
}

void reader::read() {
  for (std::size_t page = 0; page < file_.size(); page += page_size) {
    const auto end = std::min(page + page_size, file_.size());
    auto at = page;
    // Fewer bytes than a head are filling, or a change that was cut short.
    while (at + head_size <= end)
      at = read_fragment(at, end);
  }
}

} // namespace

void read_log(std::string file, const findings& found) {
  reader{std::move(file), found}.read();
}

} // namespace provision::salvage
