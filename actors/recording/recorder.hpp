#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "actors/engine.hpp"
#include "messages/error.hpp"

namespace provision {

/// Writes what a node receives and what it answers to a file, so that its day
/// can be replayed elsewhere and compared: documents as they came, one a line,
/// and between them marks (docs/recording.md). Thread-safe. If the disk refuses
/// a line, that is logged once and recording ends; the node goes on.
class recorder {
public:
  /// Appends to `path`, which is made for its owner alone: documents hold
  /// customers' settings. errc::storage_failure naming the path.
  static expected<std::shared_ptr<recorder>>
  open(std::string path, std::shared_ptr<const wall_clock> clock);

  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;
  ~recorder();

  /// Who records, what it offers and how much of it.
  void start(const engine_options& options, const statser_limits& limits);
  void page(const source_page& received);
  void user(std::int64_t tid, std::string_view public_key);
  void provisioned(const std::string& id, const expected<std::string>& answer);
  void decommissioned(const std::string& id, const error& failure);
  void result(const std::string& id, const std::string& body);
  void deleted(const std::string& id);

private:
  recorder(std::string path, std::shared_ptr<const wall_clock> clock, int file)
    : path_{std::move(path)}, clock_{std::move(clock)}, file_{file} {}

  std::string now() const;
  void append(const std::string& lines);

  std::string path_;
  std::shared_ptr<const wall_clock> clock_;
  std::mutex mutex_ = {};
  int file_;
};

/// Lets `by` see everything that passes the edges of the engine that is made
/// of `options`: pages, keys, provisioners' answers, reports.
void record_edges(engine_options& options, std::shared_ptr<recorder> by,
                  const statser_limits& limits = {});

} // namespace provision
