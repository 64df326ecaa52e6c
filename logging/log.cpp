#include "logging/log.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "logging/line.hpp"
#include "logging/log_level.hpp"
#include "logging/tee.hpp"

namespace provision::log {
namespace {

/// Who else hears the log. As long as there is nobody, no lock is taken.
class audience {
public:
  bool is_there() const { return is_there_.load(std::memory_order_relaxed); }

  /// Waits for the calls in flight.
  void replace(listener who) {
    const std::lock_guard lock{mutex_};
    heard_by_ = std::move(who);
    is_there_ = static_cast<bool>(heard_by_);
  }

  void tell(std::string_view line) {
    const std::shared_lock lock{mutex_};
    if (heard_by_)
      heard_by_(line);
  }

private:
  std::atomic<bool> is_there_ = false;
  std::shared_mutex mutex_ = {};
  listener heard_by_ = {};
};

audience& everybody() {
  static audience only;
  return only;
}

/// Hands lines to the audience.
class tee_sink final : public spdlog::sinks::sink {
public:
  void log(const spdlog::details::log_msg& message) override {
    if (!everybody().is_there())
      return;
    spdlog::memory_buf_t line;
    {
      // A formatter is for one thread at a time.
      const std::lock_guard lock{mutex_};
      formatter_->format(message, line);
    }
    everybody().tell({line.data(), line.size()});
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    formatter_ = std::move(formatter);
  }

private:
  std::mutex mutex_;
  std::unique_ptr<spdlog::formatter> formatter_;
};

/// A logger whose pattern frames a line with the time, in UTC. Its sink locks,
/// so that lines of different threads, also of both loggers, stay whole.
spdlog::logger make_logger(const char* pattern) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
    pattern, spdlog::pattern_time_type::utc));
  auto tee = std::make_shared<tee_sink>();
  tee->set_formatter(std::make_unique<spdlog::pattern_formatter>(
    pattern, spdlog::pattern_time_type::utc, ""));
  spdlog::logger logger{"provision", {std::move(sink), std::move(tee)}};
  // Which lines are written is decided before they are rendered.
  logger.set_level(spdlog::level::trace);
  return logger;
}

/// The process has one standard error, hence one of these. Which form a line
/// takes is one atomic word: a change never meets a half-written line.
struct output {
  spdlog::logger text = make_logger("%Y-%m-%dT%H:%M:%S.%eZ %v");
  spdlog::logger json = make_logger(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})");
  std::atomic<level> lowest = level::info;
  std::atomic<format> form = format::text;
};

output& standard_error() {
  static output only;
  return only;
}

} // namespace

void configure(level lowest, format form) {
  auto& out = standard_error();
  out.lowest = lowest;
  out.form = form;
}

void tee(listener who) {
  everybody().replace(std::move(who));
}

level lowest_level() noexcept {
  return standard_error().lowest;
}

void set_lowest_level(level lowest) noexcept {
  standard_error().lowest = lowest;
}

void write(level severity, std::string_view message,
           std::string_view reservation, std::initializer_list<field> fields) {
  auto& out = standard_error();
  if (severity < out.lowest.load(std::memory_order_relaxed)
      || severity >= level::off)
    return;
  const std::span<const field> all{fields.begin(), fields.size()};
  // The level is part of the rendered line; the library's own is not used.
  if (out.form == format::json)
    out.json.log(spdlog::level::info,
                 json_line(severity, message, reservation, all));
  else
    out.text.log(spdlog::level::info,
                 text_line(severity, message, reservation, all));
}

} // namespace provision::log
