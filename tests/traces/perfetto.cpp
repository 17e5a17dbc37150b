// SPDX-License-Identifier: Apache-2.0
#include "traces/perfetto.h"

#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "core/tile_geometry.h"
#include "tests/traces/exported.h"
#include "tests/traces/support.h"
#include "traces/chrome_trace.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

using core::ClockDomain;

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

core::WorkRecord record(std::uint32_t unit, std::uint64_t start_ns, std::uint64_t end_ns,
                        ClockDomain clock = ClockDomain::kGlobaltimerNs) {
  core::WorkRecord r;
  r.unit = r.cta = unit;
  r.clock = clock;
  r.start_ns = start_ns;
  r.end_ns = end_ns;
  r.tiles_seen = 4;
  r.tiles_kept = 2;
  return r;
}

Exported exported(const std::vector<core::WorkRecord>& records, std::int64_t max_events = 1000,
                  const Provenance& provenance = sample_provenance()) {
  const Folder folder;
  Sequence sequence = full_sequence(problem_of(2, 4, 8), 1);
  sequence.work = records;
  TraceWriter writer(folder / "t.h5");
  writer.add(0, 0, sequence);
  writer.commit(provenance, {"{}"});
  return read_timeline(folder / "t.h5", max_events);
}

TEST_CASE("work items become events in microseconds from the first start") {
  const auto e =
      exported({record(5, 1'000'000'123, 1'000'002'124), record(7, 1'000'001'123, 1'000'001'124)});
  const auto items = e.events("X");
  REQUIRE(items.size() == 2);
  CHECK(items[0]["ts"] == 0.0);
  CHECK(items[0]["dur"] == 2.001);
  CHECK(items[1]["ts"] == 1.0);
  CHECK(items[1]["dur"] == 0.001);
  CHECK(e.names("process_name") == Names{"SMs"});
  CHECK(e.names("thread_name") == Names{"SM 5", "SM 7"});
  CHECK(e.made.shown == 2);
}

TEST_CASE("items that overlap on one SM stand on rows of their own") {
  const auto e = exported({record(1, 0, 100), record(1, 50, 150), record(1, 100, 200),
                           record(1, 120, 130), record(1, 150, 150), record(1, 160, 170)});
  CHECK(e.names("thread_name") == Names{"SM 1", "SM 1, row 2", "SM 1, row 3"});
  std::map<int, double> end;
  for (const Json& item : e.events("X")) {
    CHECK(item["ts"].get<double>() >= end[item["tid"]] - 1e-6);
    end[item["tid"]] = item["ts"].get<double>() + item["dur"].get<double>();
  }
}

TEST_CASE("each clock has a process and a beginning of its own") {
  const auto e =
      exported({record(0, 100, 200), record(0, 5'000'000, 5'001'000, ClockDomain::kMonotonicNs)});
  CHECK(e.names("process_name") == Names{"SMs", "workers"});
  CHECK(e.names("thread_name") == Names{"SM 0", "worker 0"});
  for (const Json& item : e.events("X")) CHECK(item["ts"] == 0.0);
  std::set<int> threads;
  for (const Json& item : e.events("X")) threads.insert(item["tid"].get<int>());
  CHECK(threads.size() == 2);
}

TEST_CASE("of too many items the longest are shown, and both the document and its label say so") {
  std::vector<core::WorkRecord> records;
  for (std::uint64_t i = 0; i < 100; ++i) records.push_back(record(0, i * 1000, i * 1000 + 10 + i));
  const auto e = exported(records, 10);
  const auto items = e.events("X");
  REQUIRE(items.size() == 10);
  for (const Json& item : items) CHECK(item["dur"].get<double>() >= 0.1);
  CHECK(e.made.capped == 90);
  CHECK(e.made.items == 100);
  CHECK(e.names("process_labels") == Names{"the longest 10 of 100 work items"});
  CHECK(e.document["otherData"]["cap"] == "the longest 10 of 100 work items");
  CHECK(e.document["otherData"]["work_items_capped"] == 90);
  const auto counters = e.events("C");
  CHECK(counters.size() == 11);
  CHECK(counters.back()["args"]["kept"] == 200);
  const auto whole = exported(records, 100);
  CHECK(whole.made.capped == 0);
  CHECK(whole.names("process_labels").empty());
  CHECK(whole.document["otherData"]["cap"] == "all work items are shown");
}

TEST_CASE("a unit's counter rises to the tiles it kept") {
  const auto e = exported({record(3, 0, 100), record(3, 100, 300), record(4, 50, 60)});
  std::map<std::string, std::vector<int>> tracks;
  for (const Json& sample : e.events("C")) tracks[sample["name"]].push_back(sample["args"]["kept"]);
  CHECK(tracks["SM 3 kept tiles"] == std::vector<int>{0, 2, 4});
  CHECK(tracks["SM 4 kept tiles"] == std::vector<int>{0, 2});
}

TEST_CASE("an item's density counts off-diagonal tiles, and is none where there are none") {
  const core::Problem problem = problem_of(2, 4, 8);
  const core::TileGeometry geometry(problem);
  std::vector<core::WorkRecord> records;
  for (std::int32_t m = 0; m < 4; ++m) {
    core::WorkRecord r =
        record(0, static_cast<std::uint64_t>(m), static_cast<std::uint64_t>(m) + 1);
    r.q_block = m;
    r.tiles_seen = static_cast<std::uint64_t>(geometry.visible_k_blocks(m));
    r.tiles_kept =
        static_cast<std::uint64_t>(geometry.diagonal_k_blocks(m).size()) + (m > 0 ? 1 : 0);
    records.push_back(r);
  }
  core::WorkRecord part = records[3];
  part.tiles_seen -= 1;
  core::WorkRecord beyond = records[3];
  beyond.q_block = 4;
  core::WorkRecord negative = records[3];
  negative.q_block = -1;
  part.start_ns = beyond.start_ns = negative.start_ns = part.end_ns = beyond.end_ns =
      negative.end_ns = 100;
  records.insert(records.end(), {part, beyond, negative});
  const auto items = exported(records).events("X");
  REQUIRE(items.size() == 7);
  for (std::size_t m = 0; m < 4; ++m) {
    const auto off = geometry.off_diagonal_count(static_cast<std::int64_t>(m));
    const Json& density = items[m]["args"]["density"];
    if (off == 0) {
      CHECK(density.is_null());
    } else {
      CHECK(density.get<double>() == Approx(1.0 / static_cast<double>(off)));
    }
  }
  for (std::size_t i = 4; i < 7; ++i) CHECK(items[i]["args"]["density"].is_null());
}

TEST_CASE("records without usable times or about warps are left out and counted") {
  core::WorkRecord warp = record(0, 0, 50);
  warp.warp = 2;
  const auto e =
      exported({record(0, 10, 20), record(0, 30, 29), record(0, 0, 5, ClockDomain::kNone), warp});
  CHECK(e.made.items == 3);
  CHECK(e.made.shown == 1);
  CHECK(e.made.set_aside == 2);
  CHECK(e.document["otherData"]["work_items_set_aside"] == 2);
  CHECK(e.document["otherData"]["warp_records_not_shown"] == 1);
  CHECK(e.events("X").size() == 1);
}

TEST_CASE("no records give a document without events") {
  const auto e = exported({});
  CHECK(e.made.items == 0);
  CHECK(e.document["traceEvents"].empty());
  CHECK(exported({record(0, 2, 1)}).document["traceEvents"].empty());
}

TEST_CASE("numbers at the ends of their types stay valid JSON") {
  core::WorkRecord all = record(0xFFFFFFFFU, 0, kLast);
  all.tiles_seen = all.tiles_kept = all.qk_products = kLast;
  all.head = std::numeric_limits<std::int32_t>::min();
  all.q_block = std::numeric_limits<std::int32_t>::max();
  all.pass = 0xFFFFFFFFU;
  const auto e = exported({all, all, record(0, kLast, kLast)});
  CHECK(e.events("X").size() == 3);
  CHECK(e.names("thread_name").back() == "SM 4294967295, row 2");
  CHECK(e.events("X")[1]["args"]["kept"] == kLast);
  CHECK(e.made.json.find("\"dur\":18446744073709551.615") != std::string::npos);
  std::uint64_t before = 0;
  for (const Json& sample : e.events("C")) {
    if (sample["name"] != "SM 4294967295 kept tiles") continue;
    CHECK(sample["args"]["kept"].get<std::uint64_t>() >= before);
    before = sample["args"]["kept"].get<std::uint64_t>();
  }
}

TEST_CASE("thousands of items at one moment get a row each") {
  std::vector<core::WorkRecord> records(3000, record(2, 10, 20));
  const auto e = exported(records, 10'000);
  CHECK(e.names("thread_name").size() == 3000);
}

TEST_CASE("text with quotes, line ends and broken UTF-8 stays valid JSON") {
  ChromeTrace trace;
  const std::int64_t pid = trace.add_process("a \"quoted\"\n\\name", "\xff\xfe");
  const ChromeTrace::Entry arguments[] = {
      {"text", "\x01\t"}, {"none", nullptr}, {"nan", std::numeric_limits<double>::quiet_NaN()}};
  trace.add_complete(pid, trace.add_thread(pid, "größe"), "x", "y", 1, 2, arguments);
  const std::string text = trace.finish({});
  const Json document = Json::parse(text);
  CHECK(document["traceEvents"][0]["args"]["name"] == "a \"quoted\"\n\\name");
  CHECK(document["traceEvents"].back()["args"]["nan"].is_null());
  CHECK(document["otherData"].empty());
  CHECK(Json::parse(trace.finish({}))["traceEvents"].empty());
}

}  // namespace
}  // namespace bsfa::traces::test
