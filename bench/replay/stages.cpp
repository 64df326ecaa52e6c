#include "bench/replay/stages.hpp"

#include <algorithm>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <vector>

#include "actors/decoder.hpp"
#include "actors/sources/replay_source.hpp"
#include "bench/replay/cpu_time.hpp"
#include "bench/replay/generator.hpp"
#include "bench/replay/put_load.hpp"
#include "bench/replay/stage_sample.hpp"
#include "bench/replay/stage_store.hpp"
#include "bench/replay/stream_journal.hpp"
#include "identity/document_signature.hpp"
#include "messages/converter.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "messages/json/peek.hpp"

namespace provision::bench {

namespace {

/// Documents that go through all stages: in groups, one by one.
constexpr std::size_t grouped_samples = 4096;
constexpr std::size_t serial_samples = 512;
/// The first ones open connections, and fill caches.
constexpr std::size_t warm_up_count = 32;
/// The first syncs of a new log take ten times as long on some disks.
constexpr std::size_t warm_up_syncs = 128;
constexpr std::size_t records_max = 100'000;
/// How long documents that are known are looked at, at least.
constexpr double glance_seconds = 0.1;

using group = std::vector<const stage_sample*>;

/// What CPU and time passed since it was made.
class stopwatch {
public:
  void add_to(stage_cost& sum) const {
    sum.wall_us += static_cast<double>(now_ns() - begin_) / 1e3;
    sum.cpu_us += (own_cpu_seconds() - cpu_) * 1e6;
  }

private:
  double cpu_ = own_cpu_seconds();
  std::int64_t begin_ = now_ns();
};

stage_cost each(const stage_cost& sum, std::size_t count) {
  auto n = static_cast<double>(count);
  return {sum.cpu_us / n, sum.wall_us / n};
}

/// A node without the node: page by page, every stage that its documents cannot
/// do without, in one thread and one after the other.
class straight_line {
public:
  explicit straight_line(const stage_orders& orders) : orders_{orders} {}

  expected<stage_costs> take();

private:
  bool is_serial() const {
    return std::max(orders_.intents_per_sync, orders_.outcomes_per_sync) == 1;
  }
  error prepare();
  error read_samples();
  error find_keys();
  error warm_the_log();
  error walk();
  void go_on();
  error take_page();
  void decode_page(std::size_t first, std::size_t last);
  void verify_page();
  error settle_page(std::size_t first, std::size_t last);
  error sign_group(std::size_t first, std::size_t last);
  void send_page(std::size_t first, std::size_t last);
  error send_together();
  error write_the_rest();
  stage_cost glance_at_all() const;
  stage_sample& sample(std::size_t i) { return samples_[i % samples_.size()]; }
  group group_of(std::size_t first, std::size_t last);

  const stage_orders& orders_;
  std::vector<stage_sample> samples_ = {};
  std::map<std::int64_t, std::string> keys_ = {};
  /// As decoded, of the page in hand.
  std::vector<decoded_document> page_ = {};
  ed25519_signer signer_{measured_node()};
  std::unique_ptr<stage_store> store_ = {};
  std::unique_ptr<put_load> reports_ = {};
  /// Where the next page begins, the first that is measured, and the end.
  std::size_t next_ = 0;
  std::size_t measured_from_ = 0;
  std::size_t end_ = 0;
  stage_costs sums_ = {};
  double explorer_began_ = 0;
  std::promise<error> ended_ = {};
};

// -- before -------------------------------------------------------------------

error straight_line::read_samples() {
  std::ifstream lines{orders_.documents.file};
  std::string line;
  auto count = is_serial() ? serial_samples : grouped_samples;
  while (samples_.size() < count && std::getline(lines, line)) {
    if (line.empty() || is_recording_mark(line))
      continue;
    auto form = guess_form(line);
    stage_sample one;
    one.received = own_text(std::move(line), form);
    auto decoded = decode(one.received, orders_.documents.node_id);
    if (!decoded.entry.what || decoded.entry.refusal)
      continue;
    one.what = decoded.entry.what;
    if (decoded.document)
      keys_.emplace(decoded.document->customer_tid, "");
    samples_.push_back(std::move(one));
  }
  if (samples_.empty())
    return {errc::malformed_input,
            orders_.documents.file + ": no line that can be measured"};
  return {};
}

error straight_line::find_keys() {
  auto users = open_users(orders_.documents.users_file);
  if (!users)
    return users.error();
  for (auto& [customer, key] : keys_)
    (*users)->find_user_key(customer, [&](expected<std::string> found) {
      key = found.value_or(std::string(32, '\0'));
    });
  return {};
}

error straight_line::prepare() {
  if (auto failure = read_samples())
    return failure;
  if (auto failure = find_keys())
    return failure;
  auto store = stage_store::open(orders_.folder, orders_.documents.node_id);
  if (!store)
    return store.error();
  store_ = std::move(*store);
  measured_from_ = std::max(orders_.intents_per_sync, warm_up_count);
  end_ = measured_from_ + samples_.size();
  if (orders_.explorer_url.empty())
    return {};
  auto reports
    = put_load::open(orders_.explorer_url, orders_.documents.node_id, false);
  if (!reports)
    return reports.error();
  reports_ = std::move(*reports);
  return {};
}

error straight_line::warm_the_log() {
  error failure;
  for (std::size_t i = 0; i < warm_up_syncs && !failure; ++i) {
    failure = store_->write_intents(group_of(0, 1));
    if (!failure)
      failure = store_->write_outcomes(group_of(0, 1));
  }
  return failure;
}

// -- the way ------------------------------------------------------------------

group straight_line::group_of(std::size_t first, std::size_t last) {
  group made;
  for (auto i = first; i < last; ++i)
    made.push_back(&sample(i));
  return made;
}

error straight_line::walk() {
  error failure;
  if (reports_) {
    auto end = ended_.get_future();
    go_on();
    return end.get();
  }
  while (!failure && next_ < end_)
    failure = take_page();
  return failure;
}

/// Each page begins when the last one's reports were answered, on the
/// transport's thread: so nothing waits for a thread to be woken that a program
/// without threads would not wait for.
void straight_line::go_on() {
  if (next_ == end_)
    return ended_.set_value({});
  auto first = next_;
  if (auto failure = take_page())
    return ended_.set_value(std::move(failure));
  send_page(first, next_);
}

error straight_line::take_page() {
  if (next_ == measured_from_) {
    sums_ = {};
    explorer_began_ = cpu_seconds_of(orders_.explorer_pid);
  }
  auto first = next_;
  next_ = std::min(first + orders_.intents_per_sync,
                   first < measured_from_ ? measured_from_ : end_);
  decode_page(first, next_);
  if (orders_.verify)
    verify_page();
  stopwatch watch;
  auto failure = store_->write_intents(group_of(first, next_));
  watch.add_to(sums_.store);
  for (auto i = first; i < next_ && !failure; i += orders_.outcomes_per_sync)
    failure = settle_page(i, std::min(i + orders_.outcomes_per_sync, next_));
  return failure;
}

void straight_line::decode_page(std::size_t first, std::size_t last) {
  stopwatch watch;
  page_.clear();
  for (auto i = first; i < last; ++i)
    page_.push_back(decode(sample(i).received, orders_.documents.node_id));
  watch.add_to(sums_.decode);
}

void straight_line::verify_page() {
  stopwatch watch;
  for (auto& [entry, document] : page_)
    if (document)
      verify_customer_signature(*document, keys_[document->customer_tid]);
  watch.add_to(sums_.verify);
}

error straight_line::settle_page(std::size_t first, std::size_t last) {
  if (auto failure = sign_group(first, last))
    return failure;
  stopwatch watch;
  auto failure = store_->write_outcomes(group_of(first, last));
  watch.add_to(sums_.store);
  return failure;
}

error straight_line::sign_group(std::size_t first, std::size_t last) {
  stopwatch watch;
  auto now = system_clock{}.now();
  for (auto i = first; i < last; ++i) {
    auto& one = sample(i);
    one.result = {.type = one.what->type,
                  .id = one.what->id,
                  .created = now,
                  .state = result_state::ok,
                  .data = "{\"id\":\"" + one.what->id + "\"}"};
    auto signature = signer_.sign(one.result.bytes());
    if (!signature)
      return signature.error();
    one.result.signature = hex::encode(*signature);
    if (auto document = to_document(one.result))
      one.body = json::write(*document) + '\n';
  }
  watch.add_to(sums_.sign);
  return {};
}

void straight_line::send_page(std::size_t first, std::size_t last) {
  std::vector<put_request> batch;
  for (auto i = first; i < last; ++i)
    batch.push_back({sample(i).what->id, sample(i).body});
  reports_->send(std::move(batch), orders_.puts_in_flight,
                 [this, watch = stopwatch{}](error failure) {
                   watch.add_to(sums_.http);
                   if (failure)
                     ended_.set_value(std::move(failure));
                   else
                     go_on();
                 });
}

// -- after --------------------------------------------------------------------

/// All reports once more, several in a packet.
error straight_line::send_together() {
  if (!reports_ || is_serial())
    return {};
  auto together
    = put_load::open(orders_.explorer_url, orders_.documents.node_id, true);
  if (!together)
    return together.error();
  auto send = [&](std::size_t count) {
    std::vector<put_request> batch;
    for (std::size_t i = 0; i < count; ++i)
      batch.push_back({sample(i).what->id, sample(i).body});
    std::promise<error> ended;
    (*together)->send(std::move(batch), orders_.puts_in_flight,
                      [&](error failure) { ended.set_value(failure); });
    return ended.get_future().get();
  };
  if (auto failure = send(orders_.intents_per_sync))
    return failure;
  auto explorer = cpu_seconds_of(orders_.explorer_pid);
  stopwatch watch;
  auto failure = send(samples_.size());
  watch.add_to(sums_.http_together);
  sums_.explorer_together_us
    = (cpu_seconds_of(orders_.explorer_pid) - explorer) * 1e6;
  return failure;
}

/// As many records as the run writes: with their number grows what LevelDB
/// moves from table to table. With one record per sync, fewer of them take as
/// long.
error straight_line::write_the_rest() {
  auto count = std::min(orders_.records, records_max);
  if (is_serial() || count <= next_)
    return {};
  stopwatch watch;
  error failure;
  while (next_ < count && !failure) {
    auto page = std::min(next_ + orders_.intents_per_sync, count);
    failure = store_->write_intents(group_of(next_, page));
    while (next_ < page && !failure) {
      auto last = std::min(next_ + orders_.outcomes_per_sync, page);
      failure = store_->write_outcomes(group_of(next_, last));
      next_ = last;
    }
  }
  watch.add_to(sums_.store);
  return failure;
}

/// Of what is known only this is read.
stage_cost straight_line::glance_at_all() const {
  stopwatch watch;
  stage_cost sum;
  std::size_t count = 0;
  while (sum.wall_us < glance_seconds * 1e6) {
    for (auto& one : samples_)
      json::glance_at(one.received);
    count += samples_.size();
    sum = {};
    watch.add_to(sum);
  }
  return each(sum, count);
}

expected<stage_costs> straight_line::take() {
  for (auto step : {&straight_line::prepare, &straight_line::warm_the_log,
                    &straight_line::walk})
    if (auto failure = (this->*step)())
      return fail(std::move(failure));
  auto explorer = cpu_seconds_of(orders_.explorer_pid) - explorer_began_;
  auto count = end_ - measured_from_;
  for (auto step :
       {&straight_line::send_together, &straight_line::write_the_rest})
    if (auto failure = (this->*step)())
      return fail(std::move(failure));
  const auto sent = static_cast<double>(samples_.size());
  return stage_costs{
    .decode = orders_.known ? glance_at_all() : each(sums_.decode, count),
    .verify = each(sums_.verify, count),
    .store = each(sums_.store, next_ - measured_from_),
    .sign = each(sums_.sign, count),
    .http = each(sums_.http, count),
    .explorer_us = explorer * 1e6 / static_cast<double>(count),
    .http_together = each(sums_.http_together, samples_.size()),
    .explorer_together_us = sums_.explorer_together_us / sent};
}

} // namespace

expected<stage_costs> measure_stages(const stage_orders& orders) {
  return straight_line{orders}.take();
}

} // namespace provision::bench
