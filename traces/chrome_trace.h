// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bsfa::traces {

/// Text in Chrome's trace event format (JSON object form), as Perfetto and chrome://tracing open
/// it.
///
/// Units  nanoseconds in, written as microseconds with three decimals, exactly.
/// Text   may hold any bytes; those that are no UTF-8 are replaced.
/// Source "Trace Event Format", Google, 2016. Perfetto shows of events that overlap within a thread
///        without nesting the first only, so callers give each thread events one after another.
class ChromeTrace {
 public:
  using Value =
      std::variant<std::nullptr_t, std::int64_t, std::uint64_t, float, double, std::string_view>;
  using Entry = std::pair<std::string_view, Value>;
  using Entries = std::span<const Entry>;

  /// A group of threads and counters, shown in the order of addition; returns its pid.
  std::int64_t add_process(std::string_view name, std::string_view label = {});
  /// A row of a process, shown in the order of addition; returns its tid, unique in the trace.
  std::int64_t add_thread(std::int64_t pid, std::string_view name);

  void add_complete(std::int64_t pid, std::int64_t tid, std::string_view name,
                    std::string_view category, std::uint64_t start_ns, std::uint64_t duration_ns,
                    Entries arguments);
  /// One sample of a counter, which is a track of its process; `entry` names the series.
  void add_counter(std::int64_t pid, std::string_view name, std::uint64_t at_ns,
                   const Entry& entry);

  /// The document; `metadata` describes the trace as a whole. The builder is empty afterwards.
  std::string finish(Entries metadata);

 private:
  void begin_event(std::string_view phase, std::int64_t pid, std::int64_t tid,
                   std::string_view name);
  void describe(std::string_view what, std::int64_t pid, std::int64_t tid, const Entry& entry);
  void append_entries(Entries entries);

  std::string events_;
  std::int64_t processes_ = 0, threads_ = 0;
};

}  // namespace bsfa::traces
