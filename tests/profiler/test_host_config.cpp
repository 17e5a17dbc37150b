// SPDX-License-Identifier: Apache-2.0
// The part of CUPTI that needs no device, as this machine has it.
#include <cstdio>

#include <catch2/catch.hpp>

#include "profiler/cupti/host_config.h"
#include "profiler/host/metric_sets.h"
#include "tests/support/main.h"

using namespace bsfa::profiler;

namespace {

constexpr CUpti_ProfilerType kCounters = CUPTI_PROFILER_TYPE_RANGE_PROFILER;
constexpr CUpti_ProfilerType kSamples = CUPTI_PROFILER_TYPE_PM_SAMPLING;
constexpr const char* kChip = "GH100";

std::size_t passes(CUpti_ProfilerType type, const std::vector<std::string>& metrics) {
  return passes_of(CuptiLibrary::get(), {type, kChip, {}}, metrics);
}

std::vector<std::string> unknown(CUpti_ProfilerType type, const std::vector<MetricSet>& sets) {
  return known_metrics(CuptiLibrary::get(), {type, kChip, {}}, metrics_of(sets)).unknown;
}

}  // namespace

extern "C" int bsfa_before_tests() {
  constexpr int kSkipped = 77;
  try {
    CuptiLibrary::get();
    return 0;
  } catch (const Refused& refused) {
    std::fprintf(stderr, "skipped: %s\n", refused.what());
    return kSkipped;
  }
}

TEST_CASE("the chip has every built-in metric") {
  CHECK(unknown(kCounters, built_in_metrics().counters) == std::vector<std::string>{});
  CHECK(unknown(kSamples, built_in_metrics().samples) == std::vector<std::string>{});
}

TEST_CASE("all built-in samples fit one pass, as more than one cannot be sampled") {
  CHECK(passes(kSamples, metrics_of(built_in_metrics().samples)) == 1);
  // What does not fit is told apart.
  CHECK(passes(kSamples, {"TriageCompute.sm__throughput.avg.pct_of_peak_sustained_elapsed"}) == 1);
  CHECK(passes(kSamples, {"sm__throughput.avg.pct_of_peak_sustained_elapsed"}) > 1);
}

TEST_CASE("the built-in counters take a few passes, and one set alone fewer") {
  const std::size_t all = passes(kCounters, metrics_of(built_in_metrics().counters));
  CHECK(all > 1);
  CHECK(all < 16);
  CHECK(passes(kCounters, built_in_metrics().counters.front().metrics) < all);
}

TEST_CASE("metrics that the chip lacks are told apart by their whole name") {
  const Target target{kCounters, kChip, {}};
  const HostConfig config(CuptiLibrary::get(), target);
  CHECK(config.knows("sm__cycles_active.sum"));
  CHECK(!config.knows("sm__cycles_active"));
  CHECK(!config.knows("sm__cycles_active.most"));
  CHECK(!config.knows("sm__cycles_inactive.sum"));
  CHECK(!config.knows("TPC.TriageCompute.sm__cycles_active"));
  CHECK(!config.knows(""));
  const auto sorted =
      known_metrics(CuptiLibrary::get(), target, {"a__b.sum", "sm__cycles_active.sum", "c__d.sum"});
  CHECK(sorted.known == std::vector<std::string>{"sm__cycles_active.sum"});
  CHECK(sorted.unknown == std::vector<std::string>{"a__b.sum", "c__d.sum"});
  CHECK_THROWS_WITH(known_metrics(CuptiLibrary::get(), target, {"a__b.sum", "c__d.sum"}),
                    "chip GH100 has none of the 2 metrics that were asked for");
}

TEST_CASE("a chip that CUPTI does not know is refused in its own words") {
  CHECK_THROWS_WITH(HostConfig(CuptiLibrary::get(), {kCounters, "GX999", {}}),
                    Catch::StartsWith("cuptiProfilerHostInitialize: ") &&
                        Catch::Contains("CUPTI_ERROR_INVALID_CHIP_NAME"));
}

TEST_CASE("metrics of older chips can be asked for too") {
  const Target target{kCounters, "GA100", {}};
  const HostConfig config(CuptiLibrary::get(), target);
  const auto sorted =
      known_metrics(CuptiLibrary::get(), target, metrics_of(built_in_metrics().counters));
  CHECK(sorted.known.size() > sorted.unknown.size());
  CHECK(!config.knows("sm__inst_executed_pipe_tensor_op_gmma.sum"));
}
