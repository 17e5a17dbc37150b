// SPDX-License-Identifier: Apache-2.0
// What the profiler records of a device: activity, ranges, stalls, and programs that are not ours.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "kernels/cuda/runtime/device.h"
#include "kernels/host/timed_run.h"
#include "profiler/host/child_program.h"
#include "profiler/host/collectors.h"
#include "profiler/host/injected_run.h"
#include "profiler/host/nvtx.h"
#include "tests/kernels/tested.h"

using namespace bsfa;
using kernels::CacheState;
using traces::Span;
using traces::SpanKind;

namespace {

constexpr const char* kLongStallsTest =
    "alone in a process a launch of a second has its stalls too";
constexpr const char* kStallsTest = "alone in a process warps' stalls have lines with their text";
constexpr const char* kLaunchesTest = "a few launches for whoever is injected";

/// A kernel of some milliseconds, or of some microseconds.
struct Problem {
  explicit Problem(std::int64_t length, std::int64_t heads)
      : inputs(inputs_of(length, heads)),
        placed(kernels::memory_for(test::tested_kernel()), inputs.problem, inputs.views(), {}),
        run(test::tested_kernel(), placed, nullptr, BSFA_INSTRUMENT_NONE, false) {}

  static test::Inputs inputs_of(std::int64_t length, std::int64_t heads) {
    auto p = test::problem(length, length, 128);
    p.heads = p.kv_heads = heads;
    return test::gaussian(p, 51);
  }

  test::Inputs inputs;
  kernels::TimedProblem placed;
  kernels::TimedRun run;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool is_ours(const Span& span) {
  return span.kind == SpanKind::kKernel && span.name.find("bsfa") != std::string::npos;
}

const Span& find(const std::vector<Span>& spans, const std::string& name) {
  const auto found =
      std::find_if(spans.begin(), spans.end(), [&](const Span& span) { return span.name == name; });
  REQUIRE(found != spans.end());
  return *found;
}

std::uint64_t realtime_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

/// Of this process, resident.
double memory_mib() {
  constexpr double kPagesPerMib = 256.0;
  std::ifstream file("/proc/self/statm");
  double total = 0.0, resident = 0.0;
  file >> total >> resident;
  return resident / kPagesPerMib;
}

/// One test of this program in a process of its own.
std::vector<std::string> this_program(const char* test) {
  return {"/proc/self/exe", test};
}

}  // namespace

TEST_CASE("a kernel's duration by CUPTI agrees with the device's events") {
  Problem problem(8192, 16);
  problem.run.time();
  std::vector<double> events_ms, activity_ms;
  const auto recorder = profiler::record_activity();
  for (int i = 0; i < 9; ++i) events_ms.push_back(problem.run.time());
  const auto spans = recorder->finish();
  for (const Span& span : spans) {
    if (is_ours(span))
      activity_ms.push_back(static_cast<double>(span.end_ns - span.start_ns) / 1e6);
  }
  CHECK(recorder->dropped() == 0);
  REQUIRE(activity_ms.size() == events_ms.size());
  CAPTURE(median(events_ms), median(activity_ms));
  CHECK(median(activity_ms) == Approx(median(events_ms)).epsilon(0.1));
  CHECK(std::any_of(spans.begin(), spans.end(), [](const Span& s) {
    return (s.kind == SpanKind::kCopy || s.kind == SpanKind::kFill) && s.bytes > 0;
  }));
  CHECK(std::is_sorted(spans.begin(), spans.end(),
                       [](const Span& a, const Span& b) { return a.start_ns < b.start_ns; }));

  // Nothing of the recording is left in what runs afterwards.
  std::vector<double> after_ms;
  for (int i = 0; i < 9; ++i) after_ms.push_back(problem.run.time());
  CAPTURE(median(after_ms));
  CHECK(median(after_ms) <= 1.05 * median(events_ms));
}

TEST_CASE("ranges enclose one another and the kernels launched in them, on one time base") {
  profiler::let_cupti_hear_ranges();
  constexpr std::uint64_t kSlackNs = 100'000;
  Problem problem(4096, 8);
  problem.run.time();
  const auto recorder = profiler::record_activity();
  const std::uint64_t before = realtime_ns();
  {
    const profiler::NvtxRange outer("outer range");
    {
      const profiler::NvtxRange inner("inner range");
      problem.run.time(CacheState::kAsItIs);
    }
    const profiler::NvtxRange second("second range");
  }
  const std::uint64_t after = realtime_ns();
  const auto spans = recorder->finish();
  const Span& outer = find(spans, "outer range");
  const Span& inner = find(spans, "inner range");
  const Span& second = find(spans, "second range");
  CHECK(outer.depth == 0);
  CHECK(inner.depth == 1);
  CHECK(second.depth == 1);
  CHECK(outer.track == inner.track);
  CHECK(outer.start_ns <= inner.start_ns);
  CHECK(inner.end_ns <= second.start_ns);
  CHECK(second.end_ns <= outer.end_ns);
  CHECK(outer.start_ns + kSlackNs >= before);
  CHECK(outer.end_ns <= after + kSlackNs);
  const auto kernel = std::find_if(spans.begin(), spans.end(), is_ours);
  REQUIRE(kernel != spans.end());
  CHECK(kernel->start_ns + kSlackNs >= inner.start_ns);
  CHECK(kernel->end_ns <= inner.end_ns + kSlackNs);
}

TEST_CASE("copies to the device and back are recorded, each in the range of its phase") {
  profiler::let_cupti_hear_ranges();
  constexpr std::uint64_t kSlackNs = 100'000;
  Problem problem(4096, 8);
  problem.run.time();
  const auto recorder = profiler::record_activity();
  {
    const profiler::NvtxRange upload("upload phase");
    problem.placed.upload();
  }
  problem.run.time(CacheState::kAsItIs);
  {
    const profiler::NvtxRange download("download phase");
    problem.run.download();
  }
  const auto spans = recorder->finish();
  CHECK(recorder->dropped() == 0);
  const auto bytes_within = [&](const std::string& copy, const Span& phase) {
    std::uint64_t bytes = 0;
    for (const Span& span : spans) {
      const bool within =
          span.start_ns + kSlackNs >= phase.start_ns && span.end_ns <= phase.end_ns + kSlackNs;
      if (span.kind == SpanKind::kCopy && span.name == copy && within) bytes += span.bytes;
    }
    return bytes;
  };
  const auto& inputs = problem.inputs;
  CHECK(bytes_within("copy to the device", find(spans, "upload phase")) ==
        2 * (inputs.q.size() + inputs.k.size() + inputs.v.size()));
  const std::size_t rows = inputs.q.size() / 128;
  CHECK(bytes_within("copy from the device", find(spans, "download phase")) ==
        2 * inputs.q.size() + sizeof(float) * rows);
}

TEST_CASE("a thousand recordings leave no memory behind") {
  Problem problem(256, 1);
  problem.run.time(CacheState::kAsItIs);
  const auto record = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const auto recorder = profiler::record_activity();
      const profiler::NvtxRange range("one of many");
      problem.run.time(CacheState::kAsItIs);
      const auto spans = recorder->finish();
      REQUIRE(std::any_of(spans.begin(), spans.end(), is_ours));
      REQUIRE(recorder->dropped() == 0);
    }
  };
  record(100);
  const double host_before = memory_mib();
  const std::size_t device_before = kernels::cuda::free_memory_bytes();
  record(1000);
  constexpr double kMostMib = 8.0;
  CAPTURE(host_before, memory_mib());
  CHECK(memory_mib() - host_before < kMostMib);
  CHECK(kernels::cuda::free_memory_bytes() + (std::size_t{8} << 20) >= device_before);
}

TEST_CASE(kStallsTest, "[.alone]") {
  profiler::keep_modules();
  Problem problem(8192, 16);
  std::vector<double> without_ms, with_ms;
  for (int i = 0; i < 9; ++i) without_ms.push_back(problem.run.time(CacheState::kAsItIs));
  // Beside a bundle or in a build's bin folder; sources are also where they were compiled.
  constexpr int kLaunches = 20;
  const profiler::Launches launches(
      [&] { problem.run.time(CacheState::kAsItIs); },
      [&] { with_ms.push_back(problem.run.time(CacheState::kAsItIs)); });
  const auto result = profiler::collect_stalls(
      launches, kLaunches,
      {std::string(BSFA_SOURCE_DIR),
       profiler::injection_library().parent_path().parent_path().string()});
  REQUIRE(with_ms.size() == kLaunches);
  CHECK(result.dropped == 0);
  REQUIRE(!result.stalls.empty());
  std::uint64_t with_line = 0, in_kernel = 0, with_text = 0, sum = 0;
  std::map<std::string, std::uint64_t> reasons;
  for (const auto& stall : result.stalls) {
    sum += stall.samples;
    reasons[stall.reason] += stall.samples;
    if (stall.line == 0) continue;
    with_line += stall.samples;
    const bool ours = stall.file.find("kernels/cuda/") != std::string::npos &&
                      stall.file.find(".cuh") != std::string::npos;
    in_kernel += ours ? stall.samples : 0;
    with_text += ours && !stall.text.empty() ? stall.samples : 0;
  }
  std::string seen;
  for (const auto& [reason, samples] : reasons)
    seen += reason + " " + std::to_string(samples) + "\n";
  CAPTURE(sum, with_line, in_kernel, with_text, seen);
  CHECK(sum == result.samples);
  CHECK(sum > 10000);
  CHECK(with_line > sum / 10 * 9);
  CHECK(in_kernel > sum / 2);
  CHECK(with_text > in_kernel / 10 * 9);
  CHECK(reasons.size() >= 4);
  // Continuous sampling does not hold the kernel up.
  CAPTURE(median(without_ms), median(with_ms));
  CHECK(median(with_ms) <= 1.1 * median(without_ms));
}

TEST_CASE(kLongStallsTest, "[.alone]") {
  profiler::keep_modules();
  Problem problem(8192, 16);
  const double once_ms = problem.run.time(CacheState::kAsItIs);
  // One launch to the collector: many to the device, without a pause that would empty its buffer.
  constexpr double kLongMs = 1000.0;
  const int times = static_cast<int>(kLongMs / once_ms) + 1;
  const auto result = profiler::collect_stalls(
      [&] {
        for (int i = 0; i < times; ++i) problem.run.time(CacheState::kAsItIs);
      },
      1, {});
  CAPTURE(once_ms, times, result.samples, result.dropped);
  CHECK(result.samples > 10000);
  CHECK(result.dropped < result.samples / 100);
}

TEST_CASE("the stalls of a launch that takes long fit the hardware's buffer") {
  CHECK(profiler::run_program(this_program(kLongStallsTest), {}) == 0);
}

TEST_CASE("warps' stalls have lines of the kernel's source with their text") {
  CHECK(profiler::run_program(this_program(kStallsTest), {}) == 0);
}

TEST_CASE(kLaunchesTest, "[.alone]") {
  Problem problem(2048, 4);
  for (int i = 0; i < 5; ++i) CHECK(problem.run.time() > 0.0);
}

TEST_CASE("attention kernels of a program that is not ours are listed with their time") {
  const auto run =
      profiler::run_injected(this_program(kLaunchesTest), profiler::injection_library());
  CHECK(run.exit_code == 0);
  REQUIRE(run.processes.size() == 1);
  const auto& seen = run.processes.front();
  for (const auto& refusal : seen.refusals) FAIL(refusal.words);
  CHECK(seen.dropped == 0);
  const auto kernel = std::find_if(seen.kernels.begin(), seen.kernels.end(),
                                   [](const auto& k) { return k.attention_like; });
  REQUIRE(kernel != seen.kernels.end());
  CHECK(kernel->launches == 5);
  CHECK(kernel->least_ns > 0);
  CHECK(kernel->least_ns <= kernel->median_ns);
  CHECK(kernel->median_ns <= kernel->most_ns);
  CHECK(kernel->total_ns >= 5 * kernel->least_ns);
  CHECK(kernel->shape.block[0] >= 128);
  CHECK(kernel->shape.dynamic_shared_bytes > 0);
  CHECK(kernel->shape.registers > 32);
  CHECK(seen.timeline.size() == 5);
}

TEST_CASE("attention kernels of a program that is not ours are counted where that is asked for") {
  constexpr const char* kCounters = "BSFA_INJECT_COUNTERS";
  ::setenv(kCounters, "1", 1);
  const auto run =
      profiler::run_injected(this_program(kLaunchesTest), profiler::injection_library());
  ::unsetenv(kCounters);
  CHECK(run.exit_code == 0);
  REQUIRE(run.processes.size() == 1);
  const auto& seen = run.processes.front();
  for (const auto& refusal : seen.refusals) FAIL_CHECK(refusal.facility << ": " << refusal.words);
  REQUIRE(seen.counters.size() == 1);
  const auto& counters = seen.counters.front();
  CHECK(profiler::is_attention_like(counters.kernel));
  CHECK(counters.passes >= 1);
  const auto tensor = std::find_if(
      counters.values.begin(), counters.values.end(),
      [](const auto& v) { return v.first == "sm__inst_executed_pipe_tensor_op_hmma.sum"; });
  REQUIRE(tensor != counters.values.end());
  CHECK(tensor->second > 0.0);
  const auto kernel = std::find_if(seen.kernels.begin(), seen.kernels.end(),
                                   [](const auto& k) { return k.attention_like; });
  REQUIRE(kernel != seen.kernels.end());
  CHECK(kernel->launches == 4);
}
