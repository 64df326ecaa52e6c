#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leveldb/env.h>

#include "persistence/leveldb/store_disk.hpp"
#include "tests/simulation/chance.hpp"

namespace provision::simulation {

/// What is left of unsynced changes after the power went.
enum class survival : std::uint8_t { none, all, torn };

std::string_view to_string(survival what) noexcept;

/// A disk in memory. What was not synced may be lost or torn when the power
/// goes; changes of names survive in their order, or not, until their folder
/// is synced. LevelDB's background work waits until it is run.
class sim_disk final : public store_disk, public leveldb::Env {
public:
  struct file {
    std::string data = {};
    std::size_t synced = 0;
  };
  using file_ptr = std::shared_ptr<file>;

  // -- trouble
  /// The power goes in the middle of change number `at`, counted from now.
  void cut_power_at(std::uint64_t at) { dies_at_ = changes_ + at; }
  void cut_power_now() { dead_ = true; }
  /// Only the process was killed: what it wrote is still there.
  void revive() { dead_ = false, dies_at_ = 0; }
  bool is_dead() const noexcept { return dead_; }
  /// Appends fail half-way with ENOSPC.
  bool full = false;
  /// Changes fail with EIO.
  bool failing = false;
  /// A rename is not made durable: the folder's next sync after it does
  /// nothing.
  bool forgets_renames = false;

  /// The machine starts again: what is on disk is what survived.
  void restart(survival what, chance& luck);
  /// Flips one bit of a table, if there is any: name, position, bit. Another
  /// file may get the name later, and is not what was damaged.
  struct flipped_bit {
    std::string name = {};
    std::weak_ptr<file> table = {};
    std::size_t at = 0;
    unsigned bit = 0;
  };
  std::optional<flipped_bit> flip(chance& luck);
  void flip_back(const flipped_bit& where);

  /// Runs LevelDB's compactions; call it between the node's steps.
  void run_background();

  /// Changes asked for so far: appends, syncs, names.
  std::uint64_t changes() const noexcept { return changes_; }
  std::uint64_t syncs() const noexcept { return syncs_; }
  /// Virtual time; must not be null when a database is open.
  std::function<std::uint64_t()> micros = [] { return std::uint64_t{0}; };

  // -- store_disk
  leveldb::Env& env() override { return *this; }
  leveldb::Status sync_folder(const std::string& folder) override;
  leveldb::Status cut(const std::string& path, std::uint64_t size) override;
  std::optional<std::uint64_t> free_bytes(const std::string& folder) override;
  void finish_background() override { run_background(); }

  // -- leveldb::Env
  leveldb::Status NewSequentialFile(const std::string& name,
                                    leveldb::SequentialFile** made) override;
  leveldb::Status
  NewRandomAccessFile(const std::string& name,
                      leveldb::RandomAccessFile** made) override;
  leveldb::Status NewWritableFile(const std::string& name,
                                  leveldb::WritableFile** made) override;
  bool FileExists(const std::string& name) override;
  leveldb::Status GetChildren(const std::string& folder,
                              std::vector<std::string>* names) override;
  leveldb::Status RemoveFile(const std::string& name) override;
  leveldb::Status CreateDir(const std::string&) override { return {}; }
  leveldb::Status RemoveDir(const std::string&) override { return {}; }
  leveldb::Status GetFileSize(const std::string& name,
                              std::uint64_t* size) override;
  leveldb::Status RenameFile(const std::string& from,
                             const std::string& to) override;
  leveldb::Status LockFile(const std::string& name,
                           leveldb::FileLock** lock) override;
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
  void Schedule(void (*work)(void*), void* argument) override;
  void StartThread(void (*work)(void*), void* argument) override;
  leveldb::Status GetTestDirectory(std::string* path) override;
  leveldb::Status NewLogger(const std::string& name,
                            leveldb::Logger** made) override;
  std::uint64_t NowMicros() override { return micros(); }
  void SleepForMicroseconds(int) override {}

  // -- for its files
  leveldb::Status append(file& what, std::string_view bytes);
  leveldb::Status sync(const std::string& name, file& what);
  leveldb::Status check_readable(const std::string& name) const;

private:
  /// A change of names that is not durable yet.
  struct name_change {
    std::string name = {};
    /// Null: the name goes.
    file_ptr what = {};
    /// Set for a rename: the name that goes with it.
    std::string from = {};
  };
  using folder = std::map<std::string, file_ptr>;

  static void apply(folder& names, const name_change& change);
  void change(name_change what);
  /// Counts a change; an error if it must fail. `dies` says that the change
  /// still reaches the disk's memory, unsynced, and the power goes with it.
  leveldb::Status begin(const std::string& name, bool& dies);

  folder names_ = {};
  folder durable_ = {};
  std::vector<name_change> unsynced_ = {};
  std::deque<std::pair<void (*)(void*), void*>> work_ = {};
  std::uint64_t changes_ = 0;
  std::uint64_t syncs_ = 0;
  std::uint64_t dies_at_ = 0;
  bool dead_ = false;
  bool renamed_ = false;
};

} // namespace provision::simulation
