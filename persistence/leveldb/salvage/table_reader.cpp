#include "persistence/leveldb/salvage/table_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "persistence/crc32c.hpp"
#include "persistence/leveldb/salvage/bytes.hpp"
#include "persistence/leveldb/salvage/checksum.hpp"

namespace provision::salvage {

namespace {

/// Behind each block: its compression, and the checksum of both.
constexpr std::size_t trailer_size = 5;
constexpr std::size_t footer_size = 48;
/// Behind each key: the number of the change and its kind.
constexpr std::size_t key_tail_size = 8;

/// A block's place in the file, its trailer not counted.
struct place {
  std::size_t at = 0;
  std::size_t size = 0;

  std::size_t end() const noexcept { return at + size + trailer_size; }
};

struct entry {
  std::string_view key;
  std::string_view value;
};

/// One table and its rows.
class reader {
public:
  reader(std::string file, const findings& found)
    : file_{std::move(file)}, found_{found} {}

  void read();

private:
  std::optional<place> to_place(cutter& from) const;
  std::optional<place> index_by_footer() const;
  std::vector<place> blocks_by_walking() const;
  std::vector<place> blocks_of_index(const place& index);
  state mend(const place& block, const char* what);
  template <class Take>
  bool each_entry(const place& block, Take take) const;
  template <class Take>
  std::optional<std::size_t> entries_from(std::string_view entries,
                                          std::size_t at, std::string& key,
                                          Take& take) const;
  void read_block(const place& block);

  std::string file_;
  const findings& found_;
  std::string last_key_ = {};
};

std::optional<place> reader::to_place(cutter& from) const {
  const auto at = from.number();
  const auto size = at ? from.number() : std::nullopt;
  if (!size || *at > file_.size() || *size > file_.size()
      || *at + *size + trailer_size > file_.size())
    return std::nullopt;
  return place{static_cast<std::size_t>(*at), static_cast<std::size_t>(*size)};
}

/// The index is the last block: a footer that says anything else is damaged.
std::optional<place> reader::index_by_footer() const {
  if (file_.size() < footer_size)
    return std::nullopt;
  cutter footer{std::string_view{file_}.substr(file_.size() - footer_size)};
  // The block before it names the filter; nobody needs that here.
  if (!footer.number() || !footer.number())
    return std::nullopt;
  const auto index = to_place(footer);
  if (!index || index->end() + footer_size != file_.size())
    return std::nullopt;
  return index;
}

/// Blocks lie one behind the other, and the checksum behind a block tells where
/// it ends: so they are found without an index, up to the first damaged one.
std::vector<place> reader::blocks_by_walking() const {
  std::vector<place> blocks;
  const std::string_view file{file_};
  const auto end = file.size() - std::min(file.size(), footer_size);
  std::size_t at = 0;
  while (at + trailer_size <= end) {
    std::uint32_t crc = 0;
    auto kind = at;
    for (; kind + trailer_size <= end; ++kind) {
      crc = crc32c(file.substr(kind, 1), crc);
      if (file[kind] == 0 && to_stored(crc) == fixed32(file.substr(kind + 1)))
        break;
    }
    if (kind + trailer_size > end)
      break;
    blocks.push_back({at, kind - at});
    at = kind + trailer_size;
  }
  return blocks;
}

state reader::mend(const place& block, const char* what) {
  const auto stored
    = fixed32(std::string_view{file_}.substr(block.at + block.size + 1));
  const auto now = check_and_mend(file_, block.at, block.size + 1, stored);
  if (now == state::mended)
    found_.tell(std::string{"one byte of the "} + what + " at "
                + std::to_string(block.at) + " was wrong and is put right");
  return now;
}

/// Parses entries from `at` on; the place of the first that cannot be parsed.
template <class Take>
std::optional<std::size_t>
reader::entries_from(std::string_view entries, std::size_t at, std::string& key,
                     Take& take) const {
  while (at < entries.size()) {
    cutter in{entries.substr(at)};
    const auto shared = in.number();
    const auto own = shared ? in.number() : std::nullopt;
    const auto size = own ? in.number() : std::nullopt;
    const auto rest = size ? in.bytes(*own) : std::nullopt;
    const auto value = rest ? in.bytes(*size) : std::nullopt;
    if (!value || *shared > key.size())
      return at;
    key.resize(static_cast<std::size_t>(*shared));
    key.append(*rest);
    take(entry{key, *value});
    at = entries.size() - in.left().size();
  }
  return std::nullopt;
}

/// Whether all of the block could be parsed. After a place that cannot, it goes
/// on at the next restart point, where a key is written in full.
template <class Take>
bool reader::each_entry(const place& block, Take take) const {
  const auto bytes = std::string_view{file_}.substr(block.at, block.size);
  if (bytes.size() < 4)
    return false;
  const std::uint64_t restarts = fixed32(bytes.substr(bytes.size() - 4));
  if (restarts * 4 + 4 > bytes.size())
    return false;
  const auto end = bytes.size() - 4 - static_cast<std::size_t>(restarts) * 4;
  const auto entries = bytes.substr(0, end);
  std::string key;
  auto stopped = entries_from(entries, 0, key, take);
  const bool whole = !stopped;
  for (std::uint64_t n = 0; stopped && n < restarts; ++n) {
    const auto at
      = fixed32(bytes.substr(end + static_cast<std::size_t>(n) * 4));
    if (at <= *stopped || at >= end)
      continue;
    key.clear();
    stopped = entries_from(entries, at, key, take);
  }
  return whole;
}

std::vector<place> reader::blocks_of_index(const place& index) {
  std::vector<place> blocks;
  if (mend(index, "index") == state::damaged)
    return blocks_by_walking();
  each_entry(index, [&](const entry& one) {
    cutter value{one.value};
    if (const auto block = to_place(value))
      blocks.push_back(*block);
  });
  return blocks;
}

void reader::read_block(const place& block) {
  const bool is_doubtful = mend(block, "block") == state::damaged;
  const auto before = last_key_;
  const bool is_plain = file_[block.at + block.size] == 0;
  const bool whole = is_plain && each_entry(block, [&](const entry& one) {
                       if (one.key.size() < key_tail_size)
                         return;
                       const auto size = one.key.size() - key_tail_size;
                       const auto tail = fixed64(one.key.substr(size));
                       row made{.key = std::string{one.key.substr(0, size)},
                                .sequence = tail >> 8U,
                                .is_deletion = (tail & 0xffU) == 0,
                                .value = one.value,
                                .is_doubtful = is_doubtful};
                       found_.take(made);
                       last_key_ = std::move(made.key);
                     });
  if (!whole)
    found_.tell("rows behind " + printable(before) + " are lost: the block at "
                + std::to_string(block.at) + " cannot be parsed");
}

void reader::read() {
  auto index = index_by_footer();
  if (!index) {
    found_.tell("the footer is damaged; blocks are looked for");
    const auto blocks = blocks_by_walking();
    if (!blocks.empty() && blocks.back().end() + footer_size == file_.size())
      index = blocks.back();
  }
  const auto blocks = index ? blocks_of_index(*index) : blocks_by_walking();
  if (blocks.empty())
    found_.tell("no row of this table could be read");
  for (const auto& block : blocks)
    read_block(block);
}

} // namespace

std::string printable(std::string_view key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : key) {
    const auto code = static_cast<unsigned char>(byte);
    if (code >= 0x20 && code < 0x7f)
      text.push_back(byte);
    else
      text.append({'\\', 'x', digits[code >> 4U], digits[code & 0xfU]});
  }
  return text;
}

void read_table(std::string file, const findings& found) {
  reader{std::move(file), found}.read();
}

} // namespace provision::salvage
