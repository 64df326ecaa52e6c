#include "tests/simulation/disk.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace provision::simulation {

namespace {

using leveldb::Slice;
using leveldb::Status;

Status power_is_off(const std::string& name) {
  return Status::IOError(name, "the power is off");
}

class reader final : public leveldb::SequentialFile {
public:
  reader(sim_disk& disk, std::string name, sim_disk::file_ptr what)
    : disk_{disk}, name_{std::move(name)}, file_{std::move(what)} {}

  Status Read(std::size_t size, Slice* result, char* scratch) override {
    if (auto wrong = disk_.check_readable(name_); !wrong.ok())
      return wrong;
    auto left = file_->data.size() - std::min(at_, file_->data.size());
    auto count = std::min(size, left);
    std::memcpy(scratch, file_->data.data() + at_, count);
    at_ += count;
    *result = Slice{scratch, count};
    return {};
  }
  Status Skip(std::uint64_t count) override {
    at_ += count;
    return {};
  }

private:
  sim_disk& disk_;
  std::string name_;
  sim_disk::file_ptr file_;
  std::size_t at_ = 0;
};

class table final : public leveldb::RandomAccessFile {
public:
  table(sim_disk& disk, std::string name, sim_disk::file_ptr what)
    : disk_{disk}, name_{std::move(name)}, file_{std::move(what)} {}

  Status Read(std::uint64_t offset, std::size_t size, Slice* result,
              char* scratch) const override {
    if (auto wrong = disk_.check_readable(name_); !wrong.ok())
      return wrong;
    auto at = std::min<std::size_t>(offset, file_->data.size());
    auto count = std::min(size, file_->data.size() - at);
    std::memcpy(scratch, file_->data.data() + at, count);
    *result = Slice{scratch, count};
    return {};
  }

private:
  sim_disk& disk_;
  std::string name_;
  sim_disk::file_ptr file_;
};

class writer final : public leveldb::WritableFile {
public:
  writer(sim_disk& disk, std::string name, sim_disk::file_ptr what)
    : disk_{disk}, name_{std::move(name)}, file_{std::move(what)} {}

  Status Append(const Slice& bytes) override {
    return disk_.append(*file_, {bytes.data(), bytes.size()});
  }
  Status Close() override { return {}; }
  Status Flush() override { return {}; }
  Status Sync() override { return disk_.sync(name_, *file_); }

private:
  sim_disk& disk_;
  std::string name_;
  sim_disk::file_ptr file_;
};

class no_logger final : public leveldb::Logger {
public:
  void Logv(const char*, std::va_list) override {}
};

class held_lock final : public leveldb::FileLock {};

} // namespace

std::string_view to_string(survival what) noexcept {
  switch (what) {
  case survival::none:
    return "none";
  case survival::all:
    return "all";
  case survival::torn:
    break;
  }
  return "torn";
}

// -- trouble ------------------------------------------------------------------

Status sim_disk::begin(const std::string& name, bool& dies) {
  dies = false;
  if (dead_)
    return power_is_off(name);
  if (++changes_ == dies_at_) {
    dies = dead_ = true;
    return {};
  }
  if (failing)
    return Status::IOError(name, "Input/output error");
  return {};
}

Status sim_disk::check_readable(const std::string& name) const {
  return dead_ ? power_is_off(name) : Status{};
}

void sim_disk::restart(survival what, chance& luck) {
  auto some = [&](std::size_t most) -> std::size_t {
    if (what == survival::none)
      return 0;
    return what == survival::all ? most : luck.below(most + 1);
  };
  unsynced_.resize(some(unsynced_.size()));
  for (auto& one : unsynced_)
    apply(durable_, one);
  unsynced_.clear();
  names_ = durable_;
  for (auto& [name, each] : names_) {
    auto kept = each->synced + some(each->data.size() - each->synced);
    each->data.resize(kept);
    each->synced = kept;
  }
  dead_ = false;
  dies_at_ = 0;
}

std::optional<sim_disk::flipped_bit> sim_disk::flip(chance& luck) {
  std::vector<std::string> tables;
  for (auto& [name, what] : names_)
    if (name.ends_with(".ldb") && !what->data.empty())
      tables.push_back(name);
  if (tables.empty())
    return std::nullopt;
  flipped_bit where;
  where.name = tables[luck.below(tables.size())];
  where.table = names_[where.name];
  where.at = luck.below(names_[where.name]->data.size());
  where.bit = static_cast<unsigned>(luck.below(8));
  flip_back(where);
  return where;
}

void sim_disk::flip_back(const flipped_bit& where) {
  auto table = where.table.lock();
  if (!table || where.at >= table->data.size())
    return;
  auto& byte = table->data[where.at];
  byte
    = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << where.bit));
}

void sim_disk::run_background() {
  while (!work_.empty()) {
    auto [work, argument] = work_.front();
    work_.pop_front();
    work(argument);
  }
}

// -- contents -----------------------------------------------------------------

Status sim_disk::append(file& what, std::string_view bytes) {
  bool dies = false;
  if (auto wrong = begin("append", dies); !wrong.ok())
    return wrong;
  if (full && !dies) {
    what.data.append(bytes.substr(0, bytes.size() / 2));
    return Status::IOError("append", "No space left on device");
  }
  what.data.append(bytes);
  return dies ? power_is_off("append") : Status{};
}

Status sim_disk::sync(const std::string& name, file& what) {
  // As LevelDB's own Env does: a manifest names files that must be there.
  if (name.find("/MANIFEST") != std::string::npos)
    if (auto wrong = sync_folder(name); !wrong.ok())
      return wrong;
  bool dies = false;
  if (auto wrong = begin(name, dies); !wrong.ok())
    return wrong;
  if (dies)
    return power_is_off(name);
  ++syncs_;
  what.synced = what.data.size();
  return {};
}

Status sim_disk::cut(const std::string& path, std::uint64_t size) {
  bool dies = false;
  if (auto wrong = begin(path, dies); !wrong.ok())
    return wrong;
  if (dies)
    return power_is_off(path);
  auto found = names_.find(path);
  if (found != names_.end() && found->second->data.size() > size) {
    found->second->data.resize(size);
    found->second->synced = std::min<std::size_t>(found->second->synced, size);
  }
  return {};
}

std::optional<std::uint64_t> sim_disk::free_bytes(const std::string&) {
  return full ? 0 : std::uint64_t{1} << 40U;
}

// -- names --------------------------------------------------------------------

void sim_disk::apply(folder& names, const name_change& change) {
  if (!change.from.empty())
    names.erase(change.from);
  if (change.what)
    names[change.name] = change.what;
  else
    names.erase(change.name);
}

void sim_disk::change(name_change what) {
  apply(names_, what);
  unsynced_.push_back(std::move(what));
}

Status sim_disk::sync_folder(const std::string& folder) {
  if (std::exchange(renamed_, false) && forgets_renames)
    return {};
  bool dies = false;
  if (auto wrong = begin(folder, dies); !wrong.ok())
    return wrong;
  if (dies)
    return power_is_off(folder);
  ++syncs_;
  for (auto& one : unsynced_)
    apply(durable_, one);
  unsynced_.clear();
  return {};
}

Status sim_disk::NewSequentialFile(const std::string& name,
                                   leveldb::SequentialFile** made) {
  auto found = names_.find(name);
  if (found == names_.end())
    return Status::NotFound(name, "No such file or directory");
  *made = new reader{*this, name, found->second};
  return {};
}

Status sim_disk::NewRandomAccessFile(const std::string& name,
                                     leveldb::RandomAccessFile** made) {
  auto found = names_.find(name);
  if (found == names_.end())
    return Status::NotFound(name, "No such file or directory");
  *made = new table{*this, name, found->second};
  return {};
}

Status sim_disk::NewWritableFile(const std::string& name,
                                 leveldb::WritableFile** made) {
  bool dies = false;
  if (auto wrong = begin(name, dies); !wrong.ok())
    return wrong;
  auto what = std::make_shared<file>();
  change({name, what, {}});
  if (dies)
    return power_is_off(name);
  *made = new writer{*this, name, std::move(what)};
  return {};
}

bool sim_disk::FileExists(const std::string& name) {
  return names_.contains(name);
}

Status sim_disk::GetChildren(const std::string& folder,
                             std::vector<std::string>* names) {
  names->clear();
  for (auto& [name, what] : names_)
    if (name.starts_with(folder + "/"))
      names->push_back(name.substr(folder.size() + 1));
  return {};
}

Status sim_disk::RemoveFile(const std::string& name) {
  bool dies = false;
  if (auto wrong = begin(name, dies); !wrong.ok())
    return wrong;
  if (!names_.contains(name))
    return Status::NotFound(name, "No such file or directory");
  change({name, nullptr, {}});
  return dies ? power_is_off(name) : Status{};
}

Status sim_disk::GetFileSize(const std::string& name, std::uint64_t* size) {
  auto found = names_.find(name);
  if (found == names_.end())
    return Status::NotFound(name, "No such file or directory");
  *size = found->second->data.size();
  return {};
}

Status sim_disk::RenameFile(const std::string& from, const std::string& to) {
  bool dies = false;
  if (auto wrong = begin(from, dies); !wrong.ok())
    return wrong;
  auto found = names_.find(from);
  if (found == names_.end())
    return Status::NotFound(from, "No such file or directory");
  change({to, found->second, from});
  renamed_ = true;
  return dies ? power_is_off(from) : Status{};
}

// -- the rest of an Env -------------------------------------------------------

Status sim_disk::LockFile(const std::string&, leveldb::FileLock** lock) {
  *lock = new held_lock;
  return {};
}

Status sim_disk::UnlockFile(leveldb::FileLock* lock) {
  delete lock;
  return {};
}

void sim_disk::Schedule(void (*work)(void*), void* argument) {
  work_.emplace_back(work, argument);
}

void sim_disk::StartThread(void (*work)(void*), void* argument) {
  Schedule(work, argument);
}

Status sim_disk::GetTestDirectory(std::string* path) {
  *path = "/test";
  return {};
}

Status sim_disk::NewLogger(const std::string&, leveldb::Logger** made) {
  *made = new no_logger;
  return {};
}

} // namespace provision::simulation
