// SPDX-License-Identifier: Apache-2.0
// Counters and samples of a launch, on a device. Not [small]: a sanitizer is a profiler too, and
// the hardware serves one.
#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "kernels/cuda/runtime/device.h"
#include "kernels/host/timed_run.h"
#include "profiler/host/collectors.h"
#include "tests/kernels/tested.h"

using namespace bsfa;

namespace {

constexpr std::uint64_t kIntervalNs = 2000;

/// One problem with a run of the tested kernel, at the level that tells what was issued.
struct Profiled {
  explicit Profiled(std::int64_t length, std::int64_t heads, std::optional<double> skipped_share,
                    bsfa_instrumentation level = BSFA_INSTRUMENT_WORK)
      : inputs(make_inputs(length, heads)),
        problem(kernels::memory_for(test::tested_kernel()), inputs.problem, inputs.views(), {}) {
    if (skipped_share) thresholds = test::skipping(inputs, *skipped_share);
    run.emplace(test::tested_kernel(), problem, thresholds ? &*thresholds : nullptr, level, false);
  }

  static test::Inputs make_inputs(std::int64_t length, std::int64_t heads) {
    auto p = test::problem(length, length, 128);
    p.heads = heads;
    return test::gaussian(p, 51);
  }

  profiler::Launch launch() {
    return [this] {
      ms = run->time(kernels::CacheState::kAsItIs);
      ++launches;
    };
  }

  /// Tensor instructions that the records of the latest run say were issued.
  std::uint64_t issued() {
    const bsfa_plan_info info = run->describe();
    std::uint64_t sum = 0;
    for (const core::WorkRecord& record : run->records()) {
      if (record.warp >= 0) continue;
      sum += record.qk_products * info.tensor_instructions_per_qk +
             record.pv_products * info.tensor_instructions_per_pv;
    }
    return sum;
  }

  test::Inputs inputs;
  kernels::TimedProblem problem;
  std::optional<core::Thresholds> thresholds;
  std::optional<kernels::TimedRun> run;
  double ms = 0.0;  ///< of the latest launch
  int launches = 0;
};

/// Calls it; false, with a warning, where this machine lets nobody count or has no CUPTI. Any other
/// refusal is a failure.
template <typename Collect>
bool allowed(Collect&& collect) {
  try {
    collect();
    return true;
  } catch (const profiler::Refused& refused) {
    const std::string words = refused.what();
    const bool by_machine = words.find("INSUFFICIENT_PRIVILEGES") != std::string::npos ||
                            words.find("no usable CUPTI library") != std::string::npos;
    if (!by_machine) FAIL(words << "; advice: " << refused.advice());
    WARN("not measured: " << words);
    return false;
  }
}

double value_of(const profiler::CountersResult& result, const std::string& metric) {
  for (const traces::Counter& counter : result.counters) {
    if (counter.metric == metric) return counter.value;
  }
  FAIL("there is no counter " << metric);
  return 0.0;
}

const std::vector<float>& series_of(const profiler::SamplesResult& result,
                                    const std::string& part) {
  for (const traces::SampleSeries& series : result.samples.series) {
    if (series.metric.find(part) != std::string::npos) return series.values;
  }
  FAIL("there is no series " << part);
  return result.samples.series.front().values;
}

profiler::SamplesResult sample(Profiled& profiled) {
  return profiler::collect_samples(
      profiled.launch(), profiler::metrics_of(profiler::built_in_metrics().samples), kIntervalNs);
}

const std::string kTensor = "sm__inst_executed_pipe_tensor_op_hmma.sum";
const std::vector<profiler::MetricSet> kTensorSet = {{"tensor", "instructions", {kTensor}}};

}  // namespace

TEST_CASE("the hardware counts the tensor instructions that the work records tell", "[profile]") {
  const std::optional<double> share = GENERATE(std::optional<double>(), 0.0, 0.7);
  Profiled profiled(2048, 4, share);
  profiler::CountersResult result;
  if (!allowed([&] {
        result =
            profiler::collect_counters(profiled.launch(), profiler::built_in_metrics().counters);
      })) {
    return;
  }
  CAPTURE(share.value_or(-1.0), result.passes);
  CHECK(profiled.issued() > 0);
  // One to warm up, one that the library replays by itself.
  CHECK(profiled.launches == 2);
  CHECK(value_of(result, kTensor) == static_cast<double>(profiled.issued()));
  CHECK(value_of(result, "sm__ctas_launched.sum") == profiled.run->describe().ctas);
  CHECK(result.passes > 1);
  CHECK(result.unknown.empty());
  for (const traces::Counter& counter : result.counters) {
    CAPTURE(counter.metric);
    CHECK(std::isfinite(counter.value));
  }
}

TEST_CASE("a launch of two kernels is counted as a whole", "[profile]") {
  Profiled profiled(1024, 2, std::nullopt);
  const auto once = profiled.launch();
  profiler::CountersResult result;
  const auto twice = [&] {
    once();
    once();
  };
  if (!allowed([&] { result = profiler::collect_counters(twice, kTensorSet); })) return;
  CHECK(value_of(result, kTensor) == 2.0 * static_cast<double>(profiled.issued()));
}

TEST_CASE("samples cover the launch, and none is missing", "[profile]") {
  Profiled profiled(8192, 16, std::nullopt, BSFA_INSTRUMENT_NONE);
  profiler::SamplesResult result;
  if (!allowed([&] { result = sample(profiled); })) return;
  const auto& starts = result.samples.start_ns;
  CHECK(result.unknown.empty());
  CHECK(result.dropped == 0);
  CHECK(result.samples.interval_ns == kIntervalNs);
  REQUIRE(starts.size() > 100);
  CHECK(starts.front() == 0);
  CHECK(std::is_sorted(starts.begin(), starts.end()));
  const double covered_ns = static_cast<double>(starts.back() + kIntervalNs);
  CAPTURE(profiled.ms, starts.size());
  CHECK(covered_ns > 0.9 * profiled.ms * 1e6);
  CHECK(covered_ns < 1.1 * profiled.ms * 1e6 + 4.0 * kIntervalNs);

  const auto& mean = series_of(result, "pipe_tensor_cycles_active_realtime.avg");
  const auto& least = series_of(result, "pipe_tensor_cycles_active_realtime.min");
  const auto& most = series_of(result, "pipe_tensor_cycles_active_realtime.max");
  std::size_t busy = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    CAPTURE(i, least[i], mean[i], most[i]);
    if (!(least[i] <= mean[i] && mean[i] <= most[i] && most[i] < 101.0F)) FAIL_CHECK("unordered");
    if (mean[i] > 1.0F) ++busy;
  }
  CHECK(busy > starts.size() * 8 / 10);
  double ctas = 0.0;
  for (const float launched : series_of(result, "gr__ctas_launched")) {
    ctas += static_cast<double>(launched);
  }
  CHECK(ctas == Approx(profiled.run->describe().ctas).epsilon(0.05));
}

TEST_CASE("20 profiles leave the device's free memory as it was", "[profile]") {
  Profiled profiled(1024, 4, 0.5, BSFA_INSTRUMENT_NONE);
  const auto profile = [&](int times) {
    for (int i = 0; i < times; ++i) {
      profiler::collect_counters(profiled.launch(), profiler::built_in_metrics().counters);
      sample(profiled);
    }
  };
  // What CUPTI loads stays.
  if (!allowed([&] { profile(2); })) return;
  const std::size_t before = kernels::cuda::free_memory_bytes();
  REQUIRE(allowed([&] { profile(20); }));
  CHECK(kernels::cuda::free_memory_bytes() >= before);
}

TEST_CASE("a launch that fails while it is profiled ends the collector, and the next one works",
          "[profile]") {
  Profiled profiled(1024, 2, std::nullopt);
  int calls = 0;
  const profiler::Launch fails = [&] {
    // Those before the collector starts are let through.
    if (++calls > 2) throw std::runtime_error("planted");
    profiled.launch()();
  };
  if (!allowed([&] { profiler::collect_counters(profiled.launch(), kTensorSet); })) return;
  const auto metrics = profiler::metrics_of(profiler::built_in_metrics().samples);
  CHECK_THROWS_WITH(profiler::collect_samples(fails, metrics, kIntervalNs), "planted");
  calls = 1;
  CHECK_THROWS_WITH(profiler::collect_counters(fails, kTensorSet), "planted");
  profiler::CountersResult result;
  REQUIRE(allowed([&] { result = profiler::collect_counters(profiled.launch(), kTensorSet); }));
  CHECK(value_of(result, kTensor) == static_cast<double>(profiled.issued()));
}
