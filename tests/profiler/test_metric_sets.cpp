// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "profiler/host/metric_sets.h"
#include "tests/support/scratch.h"

using namespace bsfa;
using profiler::parse_metric_file;

namespace {

std::string error_of(const std::string& text) {
  try {
    parse_metric_file(text, "m.txt");
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "no error";
}

const profiler::MetricSet& set_named(const std::vector<profiler::MetricSet>& sets,
                                     const std::string& name) {
  const auto found =
      std::find_if(sets.begin(), sets.end(), [&](const auto& set) { return set.name == name; });
  REQUIRE(found != sets.end());
  return *found;
}

}  // namespace

TEST_CASE("a file of metrics is read in order, without comments, blank lines and line endings") {
  const auto file = parse_metric_file(
      "# first\n"
      "counters tensor What the matrix units did  # not this\r\n"
      "\tsm__a.sum # nor this\r\n"
      "\n"
      "  TPC.Triage.sm__b.avg.pct_of_peak\n"
      "samples tensor The same, in time\n"
      "  sm__a.sum\n"
      "counters memory Traffic\n"
      "  dram__c.sum",
      "m.txt");
  REQUIRE(file.counters.size() == 2);
  REQUIRE(file.samples.size() == 1);
  CHECK(file.counters[0].name == "tensor");
  CHECK(file.counters[0].purpose == "What the matrix units did");
  CHECK(file.counters[0].metrics ==
        std::vector<std::string>{"sm__a.sum", "TPC.Triage.sm__b.avg.pct_of_peak"});
  CHECK(file.counters[1].name == "memory");
  CHECK(file.samples[0].metrics == std::vector<std::string>{"sm__a.sum"});
  CHECK(profiler::metrics_of(file.counters) ==
        std::vector<std::string>{"sm__a.sum", "TPC.Triage.sm__b.avg.pct_of_peak", "dram__c.sum"});
}

TEST_CASE("what is wrong with a file of metrics is said with its line") {
  CHECK(error_of("") == "m.txt: names no set of metrics (line 0)");
  CHECK(error_of("# nothing\n\n") == "m.txt: names no set of metrics (line 2)");
  CHECK(error_of("\ncounter tensor X\n  sm__a.sum\n") ==
        "m.txt: 'counter' is neither counters nor samples, and a metric is indented (line 2)");
  CHECK(error_of("sm__a.sum\n") ==
        "m.txt: 'sm__a.sum' is neither counters nor samples, and a metric is indented (line 1)");
  CHECK(error_of("  sm__a.sum\n") == "m.txt: metric sm__a.sum stands before any set (line 1)");
  CHECK(error_of("counters\n  sm__a.sum\n") ==
        "m.txt: a set needs a name of letters, digits, _ and - (line 1)");
  CHECK(error_of("counters a/b X\n  sm__a.sum\n") ==
        "m.txt: a set needs a name of letters, digits, _ and - (line 1)");
  CHECK(error_of("counters a\n  sm__a.sum\n") ==
        "m.txt: set a needs a purpose after its name (line 1)");
  CHECK(error_of("counters a X\n\ncounters b Y\n  sm__a.sum\n") ==
        "m.txt: set a has no metrics (line 1)");
  CHECK(error_of("counters b Y\n  sm__a.sum\nsamples a X\n") ==
        "m.txt: set a has no metrics (line 3)");
  CHECK(error_of("counters a X\n  sm__a.sum\ncounters a Y\n  sm__b.sum\n") ==
        "m.txt: set a is named twice (line 3)");
  CHECK(error_of("counters a X\n  sm__a.sum\ncounters b Y\n  sm__a.sum\n") ==
        "m.txt: metric sm__a.sum is named twice (line 4)");
  CHECK(error_of("counters a X\n  sm__a.sum sm__b.sum\n") ==
        "m.txt: one metric a line, not 'sm__a.sum sm__b.sum' (line 2)");
}

TEST_CASE("what cannot be a metric is refused before any device is asked") {
  const std::string word = GENERATE(as<std::string>{}, "sm__a", "sm_a.sum", "__a.sum", "sm__a.",
                                    "sm__a,sum", "sm__a;.x", "sm__\x01.sum", "sm__\xC3\xA9.sum");
  CAPTURE(word);
  CHECK_THAT(error_of("counters a X\n  " + word + "\n"),
             Catch::Contains("is no metric: UNIT__WHAT.ROLLUP (line 2)"));
}

TEST_CASE("a file of metrics is read from disk, and what is no such file is named") {
  const test::Scratch folder;
  const auto path = folder / "metrics.txt";
  std::ofstream(path) << "samples a X\n  sm__a.sum\n";
  CHECK(profiler::read_metric_file(path).samples.size() == 1);
  CHECK_THROWS_WITH(profiler::read_metric_file(folder / "none.txt"),
                    Catch::EndsWith("none.txt: No such file or directory"));
  CHECK_THROWS_WITH(profiler::read_metric_file("/dev"),
                    Catch::Equals("/dev: is not a regular file"));
  std::ofstream(path) << std::string((1U << 20) + 1, '#');
  CHECK_THROWS_WITH(profiler::read_metric_file(path),
                    Catch::EndsWith("is larger than a file of metrics can be"));
}

TEST_CASE("the built-in metrics hold what the conclusions go by") {
  const auto& file = profiler::built_in_metrics();
  const auto& tensor = set_named(file.counters, "tensor").metrics;
  CHECK(std::count(tensor.begin(), tensor.end(), "sm__inst_executed_pipe_tensor_op_hmma.sum") == 1);
  for (const char* name : {"pipes", "issue", "occupancy", "memory", "shared", "stalls", "clocks"}) {
    CHECK(!set_named(file.counters, name).metrics.empty());
  }
  for (const char* name : {"busy", "tensor", "issue", "resident", "memory"}) {
    CHECK(!set_named(file.samples, name).metrics.empty());
  }
  // Without it a launch could not be told from what is around it.
  CHECK_THAT(file.samples.front().metrics.front(), Catch::Contains("sm__cycles_active"));
}
