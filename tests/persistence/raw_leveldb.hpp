#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <leveldb/db.h>

namespace provision::test {

/// A store's rows behind the store's back.
class raw_leveldb {
public:
  explicit raw_leveldb(const std::string& folder) {
    leveldb::DB* opened = nullptr;
    // As the store writes its tables.
    leveldb::Options options;
    options.compression = leveldb::kNoCompression;
    if (!leveldb::DB::Open(options, folder, &opened).ok())
      throw std::runtime_error{"cannot open " + folder};
    db_.reset(opened);
  }

  std::string get(const std::string& key) {
    std::string value;
    return db_->Get({}, key, &value).ok() ? value : std::string{};
  }
  bool has(const std::string& key) {
    std::string value;
    return db_->Get({}, key, &value).ok();
  }
  void put(const std::string& key, const std::string& value) {
    db_->Put({}, key, value);
  }
  void remove(const std::string& key) { db_->Delete({}, key); }
  /// Flips a bit in the middle of a row's value.
  void damage(const std::string& key) {
    auto value = get(key);
    if (value.empty())
      throw std::runtime_error{"no row " + key};
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 4);
    put(key, value);
  }
  /// Moves everything from the log into tables.
  void compact() { db_->CompactRange(nullptr, nullptr); }

private:
  std::unique_ptr<leveldb::DB> db_;
};

} // namespace provision::test
