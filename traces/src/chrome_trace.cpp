// SPDX-License-Identifier: Apache-2.0
#include "traces/chrome_trace.h"

#include <cmath>
#include <iterator>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bsfa::traces {
namespace {

/// tids are numbers of their own, since a thread whose tid is its pid is shown as the main thread.
constexpr std::int64_t kFirstThread = 1000;

std::string quoted(std::string_view text) {
  return nlohmann::json(std::string(text))
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_value(std::string& to, const ChromeTrace::Value& value) {
  const auto append = [&to]<typename T>(const T& held) {
    if constexpr (std::is_same_v<T, std::nullptr_t>) {
      to += "null";
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      to += quoted(held);
    } else if constexpr (std::is_floating_point_v<T>) {
      // JSON knows neither NaN nor infinity.
      to += std::isfinite(held) ? fmt::format("{}", held) : "null";
    } else {
      fmt::format_to(std::back_inserter(to), "{}", held);
    }
  };
  std::visit(append, value);
}

void append_microseconds(std::string& to, std::string_view key, std::uint64_t ns) {
  fmt::format_to(std::back_inserter(to), ",\"{}\":{}.{:03}", key, ns / 1000, ns % 1000);
}

}  // namespace

void ChromeTrace::append_entries(Entries entries) {
  events_ += '{';
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) events_ += ',';
    events_ += quoted(entries[i].first);
    events_ += ':';
    append_value(events_, entries[i].second);
  }
  events_ += '}';
}

void ChromeTrace::begin_event(std::string_view phase, std::int64_t pid, std::int64_t tid,
                              std::string_view name) {
  fmt::format_to(std::back_inserter(events_), "{}{{\"ph\":\"{}\",\"pid\":{},\"tid\":{},\"name\":{}",
                 events_.empty() ? "" : ",\n", phase, pid, tid, quoted(name));
}

void ChromeTrace::describe(std::string_view what, std::int64_t pid, std::int64_t tid,
                           const Entry& entry) {
  begin_event("M", pid, tid, what);
  events_ += ",\"args\":";
  append_entries({&entry, 1});
  events_ += '}';
}

std::int64_t ChromeTrace::add_process(std::string_view name, std::string_view label) {
  const std::int64_t pid = ++processes_;
  describe("process_name", pid, 0, {"name", name});
  describe("process_sort_index", pid, 0, {"sort_index", pid});
  if (!label.empty()) describe("process_labels", pid, 0, {"labels", label});
  return pid;
}

std::int64_t ChromeTrace::add_thread(std::int64_t pid, std::string_view name) {
  const std::int64_t tid = kFirstThread + threads_++;
  describe("thread_name", pid, tid, {"name", name});
  describe("thread_sort_index", pid, tid, {"sort_index", tid});
  return tid;
}

void ChromeTrace::add_complete(std::int64_t pid, std::int64_t tid, std::string_view name,
                               std::string_view category, std::uint64_t start_ns,
                               std::uint64_t duration_ns, Entries arguments) {
  begin_event("X", pid, tid, name);
  events_ += ",\"cat\":" + quoted(category);
  append_microseconds(events_, "ts", start_ns);
  append_microseconds(events_, "dur", duration_ns);
  events_ += ",\"args\":";
  append_entries(arguments);
  events_ += '}';
}

void ChromeTrace::add_counter(std::int64_t pid, std::string_view name, std::uint64_t at_ns,
                              const Entry& entry) {
  begin_event("C", pid, 0, name);
  append_microseconds(events_, "ts", at_ns);
  events_ += ",\"args\":";
  append_entries({&entry, 1});
  events_ += '}';
}

std::string ChromeTrace::finish(Entries metadata) {
  std::string document =
      "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n" + events_ + "\n],\n\"otherData\":";
  events_.clear();
  append_entries(metadata);
  document += events_ + "}\n";
  *this = ChromeTrace();
  return document;
}

}  // namespace bsfa::traces
