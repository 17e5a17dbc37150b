// SPDX-License-Identifier: Apache-2.0
// What bsfa info makes of a trace's profile, held to the report that the profile itself printed.
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "cli/profile/report.h"
#include "cli/trace/stored_profile.h"
#include "core/temporary_folder.h"
#include "tests/cli/device_collection.h"
#include "traces/writer.h"

using namespace bsfa;
using namespace bsfa::cli;

namespace {

/// One blank between words: tables are as wide as what else they show.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string plain;
    for (std::string word; words >> word;) plain += (plain.empty() ? "" : " ") + word;
    if (!plain.empty()) lines.push_back(plain);
  }
  return lines;
}

traces::TraceReader written(const core::TemporaryFolder& folder, const Collection& c,
                            const Conclusions& conclusions, const std::string& report) {
  traces::Sequence sequence;
  sequence.problem = problem_of();
  sequence.shape = {1, 16, 32};
  for (std::int64_t block = 0; block < 16; ++block) sequence.q_blocks.push_back(block);
  sequence.work = c.records;
  std::stable_sort(sequence.work->begin(), sequence.work->end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  traces::Profile profile = c.profile;
  profile.findings = findings_json(conclusions).dump();
  const auto path = folder.path() / "p.h5";
  traces::TraceWriter writer(path);
  writer.add(0, 0, sequence);
  writer.add_profile(0, std::move(profile));
  writer.commit({}, {report});
  return traces::TraceReader(path);
}

}  // namespace

TEST_CASE("a trace shows all that the report of its profile showed, and every counter") {
  const ProfileOptions options = options_of_a_report();
  const Subject subject(options, {});
  const auto c = whole_collection();
  const auto conclusions = conclude(problem_of(), c, options.ceiling_tflops);
  const ProfileReport report{subject, c, conclusions, nullptr, "NVIDIA H200", "580.1", 1.0};
  const std::string text = profile_text(report);
  const core::TemporaryFolder folder;
  const auto reader = written(folder, c, conclusions, dump(profile_json(report, {})));
  const std::string shown = text_of(*stored_profile(reader, 0));
  INFO(text << "\n" << shown);
  const auto told = lines_of(shown);
  // The head tells what the trace has in its own.
  for (const std::string& line : lines_of(text.substr(text.find("collected")))) {
    CAPTURE(line);
    CHECK(std::find(told.begin(), told.end(), line) != told.end());
  }
  for (const char* part :
       {"CTAs 16 CTAs, max/mean", "warpgroups 32 warpgroups, max/mean", "busiest of a CTA over",
        "warps 128 warps", "ceiling", "of 800", "ridge", "as the work records predict",
        "beyond the mask's need", "fixed k 16", "of the first in 12 rounds", "6 in 14 passes",
        "metrics: sm__not_there.sum", "(limit 5 %, exceeded)",
        "memory dram__bytes_read.sum 30 000 000"}) {
    CAPTURE(part);
    CHECK(std::any_of(told.begin(), told.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    }));
  }
}

TEST_CASE("a trace whose report is damaged or another's still shows what its tables hold") {
  const auto c = whole_collection();
  const auto conclusions = conclude(problem_of(), c, std::nullopt);
  for (const char* report :
       {"", "[", "null", "[1, 2]", R"({"verdict": "pass"})",
        R"({"ceiling": 5, "check": [], "counter_passes": -3, "unknown_metrics": {"a": 1},
            "loads": {"fixed_k": [], "one_threshold": {}, "k": "x"}})",
        R"({"ceiling": {"ceiling_tflops": "nan"}, "check": {"q_blocks": 1e300}, "loads": 7})"}) {
    CAPTURE(report);
    const core::TemporaryFolder folder;
    const auto reader = written(folder, c, conclusions, report);
    const auto stored = stored_profile(reader, 0);
    REQUIRE(stored);
    CHECK_FALSE(stored->ceiling_tflops);
    CHECK_FALSE(stored->compared);
    CHECK_FALSE(stored->collection.loads);
    const std::string shown = text_of(*stored);
    CHECK(shown.find("as the work records predict") != std::string::npos);
    CHECK(shown.find("fixed k") == std::string::npos);
  }
}

TEST_CASE("counters that no device gives are shown and break nothing") {
  auto c = whole_collection();
  const double hostile = GENERATE(-1.0, 1e300, -1e300, 0x1p64, 0.5);
  for (auto& counter : c.profile.counters) counter.value = hostile;
  const auto conclusions = conclude(problem_of(), c, 800.0);
  const core::TemporaryFolder folder;
  const auto reader = written(folder, c, conclusions, R"({"ceiling": {"ceiling_tflops": 800.0}})");
  const std::string shown = text_of(*stored_profile(reader, 0));
  CHECK(shown.find("DRAM") != std::string::npos);
}
