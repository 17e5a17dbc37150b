// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/traces/exported.h"
#include "tests/traces/profiles.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

constexpr std::uint64_t kRealtime = 1'700'000'000'000'000'000;

/// A layer of one launch: its work items, each 50 ns long, and its profile.
struct Layer {
  std::vector<std::uint64_t> starts_ns;
  Profile profile;
  core::ClockDomain clock = core::ClockDomain::kGlobaltimerNs;
};

Exported timeline(const std::vector<Layer>& layers, std::int64_t max_events = 1'000'000) {
  const Folder folder;
  TraceWriter writer(folder / "t.h5");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Sequence sequence = formula_sequence();
    sequence.work.emplace();
    for (const std::uint64_t start : layers[i].starts_ns) {
      core::WorkRecord r;
      r.clock = layers[i].clock;
      r.start_ns = start;
      r.end_ns = start + 50;
      sequence.work->push_back(r);
    }
    writer.add(static_cast<std::int64_t>(i), 0, sequence);
    writer.add_profile(static_cast<std::int64_t>(i), layers[i].profile);
  }
  writer.commit(sample_provenance(), {"{}"});
  return read_timeline(folder / "t.h5", max_events);
}

std::vector<Json> of_category(const Exported& e, const std::string& category) {
  auto events = e.events("X");
  std::erase_if(events, [&](const Json& event) { return event["cat"] != category; });
  return events;
}

std::vector<double> times(const std::vector<Json>& events) {
  std::vector<double> out;
  for (const Json& event : events) out.push_back(event["ts"]);
  return out;
}

/// Each row's events, given in the order of the document, nest.
void check_nesting(const Exported& e) {
  std::map<int, std::vector<double>> open;
  for (const Json& event : e.events("X")) {
    auto& ends = open[event["tid"].get<int>()];
    const double start = event["ts"], end = start + event["dur"].get<double>();
    while (!ends.empty() && ends.back() <= start + 1e-6) ends.pop_back();
    if (!ends.empty()) CHECK(end <= ends.back() + 1e-6);
    ends.push_back(end);
  }
}

Span range(std::uint64_t start, std::uint64_t end, std::uint64_t track = 1) {
  return {SpanKind::kRange, "range", kRealtime + start, kRealtime + end, 0, track, 0};
}
Span kernel(const std::string& name, std::uint64_t start, std::uint64_t end) {
  return {SpanKind::kKernel, name, kRealtime + start, kRealtime + end, 0, 7, 0};
}

TEST_CASE("ranges, streams, work items and samples stand on rows of their own") {
  const auto e = timeline({{{kRealtime + 9000, kRealtime + 9050}, formula_profile()}});
  CHECK(e.names("process_name") == Names{"host", "device", "SMs", "samples"});
  CHECK(e.names("thread_name") == Names{"thread 77", "stream 7", "SM 0"});
  CHECK(of_category(e, "range").size() == 2);
  CHECK(of_category(e, "kernel").size() == 2);
  const auto copies = of_category(e, "copy");
  REQUIRE(copies.size() == 1);
  CHECK(copies[0]["args"]["bytes"] == 4096);
  CHECK(copies[0]["args"]["gigabytes_per_second"].get<double>() == Approx(4096.0 / 50));
  CHECK(e.made.spans == 5);
  CHECK(e.made.spans_shown == 5);
  CHECK(e.made.samples_shown == 4);
  CHECK(e.document["otherData"]["cap"] == "all work items, spans and samples are shown");
  check_nesting(e);
}

TEST_CASE("the launch that is nearest to the work items is laid upon them") {
  // Their clock is that of the spans, and lies just behind the first of the two launches.
  const auto first = timeline({{{kRealtime + 202, kRealtime + 250}, formula_profile()}});
  CHECK(times(of_category(first, "kernel")) == std::vector<double>{0.2, 0.3});
  CHECK(times(of_category(first, "work")) == std::vector<double>{0.2, 0.248});
  // Much later than both, as records of another launch are.
  const auto second = timeline({{{kRealtime + 900'000}, formula_profile()}});
  CHECK(times(of_category(second, "kernel")) == std::vector<double>{0.2, 0.3});
  CHECK(times(of_category(second, "work")) == std::vector<double>{0.3});
  CHECK(times(of_category(second, "range")) == std::vector<double>{0.0, 0.1});
  const auto counters = second.events("C");
  std::map<std::string, std::vector<double>> tracks;
  for (const Json& sample : counters) tracks[sample["name"]].push_back(sample["ts"]);
  CHECK(tracks["tensor.avg"] == std::vector<double>{0.3, 0.32, 0.34, 0.36});
  const std::string how = second.document["otherData"]["alignment"];
  CHECK(how.find("layer 0: the launch starts with its first work item") != std::string::npos);
  CHECK(how.find("this kernel stands for it: forward (899 us away by their clocks)") !=
        std::string::npos);
}

TEST_CASE("records by another clock than that of the spans go with the last launch") {
  const auto e = timeline({{{5000}, formula_profile(), core::ClockDomain::kMonotonicNs}});
  CHECK(e.names("process_name") == Names{"host", "device", "workers", "samples"});
  CHECK(times(of_category(e, "work")) == std::vector<double>{0.3});
}

TEST_CASE("of several kernels the one that takes longest in all is the launch") {
  Profile p;
  p.spans = {kernel("fill", 0, 10), kernel("forward", 10, 100), kernel("fill", 100, 140)};
  const auto e = timeline({{{77}, p, core::ClockDomain::kMonotonicNs}});
  CHECK(times(of_category(e, "work")) == std::vector<double>{0.01});
  const std::string how = e.document["otherData"]["alignment"];
  CHECK(how.find("stands for it: forward") != std::string::npos);
}

TEST_CASE("without work items the spans keep their distances, layer to layer") {
  Profile a, b;
  a.spans = {range(0, 30), kernel("forward", 10, 20)};
  b.spans = {range(1000, 1030), kernel("forward", 1010, 1020)};
  const auto e = timeline({{{}, a}, {{}, b}});
  CHECK(e.made.items == 0);
  CHECK_FALSE(e.made.empty());
  CHECK(times(of_category(e, "range")) == std::vector<double>{0.0, 1.0});
  CHECK(times(of_category(e, "kernel")) == std::vector<double>{0.01, 1.01});
}

TEST_CASE("samples alone begin at the launch") {
  Profile p;
  p.samples = Samples{10, {0, 10}, {{"tensor", {0.1F, std::numeric_limits<float>::quiet_NaN()}}}};
  const auto e = timeline({{{}, p}});
  const auto counters = e.events("C");
  REQUIRE(counters.size() == 1);
  CHECK(counters[0]["ts"] == 0.0);
  CHECK(e.made.json.find("\"value\":0.1}") != std::string::npos);
}

TEST_CASE("ranges that cross stand on rows of their own, and those within one another on one") {
  Profile p;
  p.spans = {range(0, 100),  range(0, 40),  range(10, 40),  range(40, 100),
             range(90, 120), range(95, 96), range(120, 130)};
  const auto e = timeline({{{}, p}});
  CHECK(e.names("thread_name") == Names{"thread 1", "thread 1, row 2"});
  check_nesting(e);
  std::map<int, int> rows;
  for (const Json& event : e.events("X")) ++rows[event["tid"].get<int>()];
  CHECK(rows.begin()->second == 6);
}

TEST_CASE("kernels that overlap on a stream stand on rows of their own") {
  Profile p;
  p.spans = {kernel("a", 0, 100), kernel("b", 90, 200), kernel("c", 150, 160),
             kernel("d", 200, 300)};
  const auto e = timeline({{{}, p}});
  CHECK(e.names("thread_name") == Names{"stream 7", "stream 7, row 2"});
}

TEST_CASE("of too many spans the longest are shown and of too many samples some, and it says so") {
  Profile p;
  for (std::uint64_t i = 0; i < 100; ++i) p.spans.push_back(range(i * 1000, i * 1000 + 10 + i));
  p.samples = Samples{10, {}, {{"a", {}}, {"b", {}}}};
  for (std::uint64_t i = 0; i < 95; ++i) {
    p.samples->start_ns.push_back(i * 10);
    for (auto& series : p.samples->series) series.values.push_back(1);
  }
  const auto e = timeline({{{}, p}}, 10);
  CHECK(e.events("X").size() == 10);
  for (const Json& event : e.events("X")) CHECK(event["dur"].get<double>() >= 0.1);
  CHECK(e.made.spans_capped == 90);
  CHECK(e.made.sample_step == 19);
  CHECK(e.events("C").size() == 10);
  CHECK(e.names("process_labels") ==
        Names{"the longest 10 of 100 spans", "one in 19 of 95 samples"});
  CHECK(e.document["otherData"]["cap"] == "the longest 10 of 100 spans; one in 19 of 95 samples");
}

TEST_CASE("spans that end before they start are left out and counted") {
  Profile p;
  p.spans = {range(50, 40), range(60, 70)};
  const auto e = timeline({{{}, p}});
  CHECK(e.made.spans == 2);
  CHECK(e.made.spans_set_aside == 1);
  CHECK(e.document["otherData"]["spans_set_aside"] == 1);
  CHECK(e.events("X").size() == 1);
}

TEST_CASE("times at the ends of their type, and tens of thousands of crossing ranges, stay valid") {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
  Profile p = large_profile(7);
  p.spans.push_back({SpanKind::kRange, "all", 0, kLast, 0, 1, 0});
  p.spans.push_back({SpanKind::kKernel, "late", kLast, kLast, 0, 1, 0});
  p.samples->start_ns.back() = kLast;
  const auto e = timeline({{{0, kLast - 50}, p}});
  CHECK(e.made.spans_shown + e.made.spans_set_aside == e.made.spans);
  check_nesting(e);
}

TEST_CASE("a profile without anything in it adds no process") {
  const auto e = timeline({{{}, {}}});
  CHECK(e.made.empty());
  CHECK(e.document["traceEvents"].empty());
  const auto work = timeline({{{10, 20}, {}}});
  CHECK(work.document["otherData"]["cap"] == "all work items are shown");
  CHECK_FALSE(work.document["otherData"].contains("alignment"));
}

}  // namespace
}  // namespace bsfa::traces::test
