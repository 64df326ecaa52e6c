#pragma once

#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "persistence/record.hpp"
#include "persistence/reservation_store.hpp"

namespace provision::test {

/// A fresh folder that is removed at the end.
class temporary_folder {
public:
  temporary_folder() {
    std::random_device entropy;
    path_ = std::filesystem::temp_directory_path()
            / ("provision-store-" + std::to_string(entropy()) + "-"
               + std::to_string(entropy()));
    std::filesystem::create_directories(path_);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const {
    return (path_ / name).string();
  }

private:
  std::filesystem::path path_;
};

/// A volume reservation that was just accepted.
inline record an_accepted(std::string id, std::uint64_t sequence) {
  record what;
  what.sequence = sequence;
  what.source = "explorer";
  what.type = reservation_types::volume;
  what.user_id = "7";
  what.version = 2;
  what.takes = {.cru = 0, .mru = 0, .hru = 0, .sru = 10ULL << 30U};
  what.accepted_at = from_unix(1'614'250'050);
  what.received
    = own_text(R"({"workload_id":)" + id + "}", text_form::document);
  what.id = std::move(id);
  return what;
}

/// The same, running until `expires`.
inline record a_provisioned(std::string id, std::uint64_t sequence,
                            timestamp expires = end_of_time) {
  auto what = an_accepted(std::move(id), sequence);
  what.state = record_state::provisioned;
  what.expires = expires;
  what.settled_at = from_unix(1'614'250'060);
  what.result = {.type = what.type,
                 .id = what.id,
                 .created = from_unix(1'614'250'060),
                 .state = result_state::ok,
                 .error = "",
                 .data = R"({"volume_id":")" + what.id + "\"}",
                 .signature = std::string(128, 'a')};
  return what;
}

/// `what` with its bytes, as it enters the store.
inline record_put put_new(record what) {
  return {std::make_shared<const record>(std::move(what)), true};
}

/// `what` in a new state; the bytes are known.
inline record_put put_again(record what) {
  return {std::make_shared<const record>(std::move(what)), false};
}

/// Whether all that is stored of two records is the same.
inline bool same(const record& a, const record& b) {
  return a.id == b.id && a.sequence == b.sequence && a.state == b.state
         && a.attempts == b.attempts && a.deaths == b.deaths
         && a.cause == b.cause && a.reason == b.reason && a.source == b.source
         && a.type == b.type && a.user_id == b.user_id && a.version == b.version
         && a.takes == b.takes && a.network == b.network
         && a.expires == b.expires && a.accepted_at == b.accepted_at
         && a.settled_at == b.settled_at && a.result == b.result
         && a.received.form == b.received.form
         && a.received.text == b.received.text;
}

/// Ids of rows that have one, in order, separated by spaces.
template <class Rows>
std::string ids_of(const Rows& rows) {
  std::string ids;
  for (const auto& row : rows)
    ids += (ids.empty() ? "" : " ") + row.id;
  return ids;
}

} // namespace provision::test
