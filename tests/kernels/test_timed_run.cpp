// SPDX-License-Identifier: Apache-2.0
// Timed runs, on host memory and on a device made of host memory.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <memory>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "kernels/host/timed_run.h"
#include "tests/kernels/fake_device.h"
#include "tests/kernels/support.h"

using namespace bsfa;
using kernels::TimedProblem;
using kernels::TimedRun;
using test::DeviceLog;
using test::real_kernel;

namespace {

test::Inputs two_heads() {
  auto p = test::problem(300, 400);
  p.heads = 2;
  return test::gaussian(p, 31);
}

template <typename Change>
kernels::Kernel device_kernel(Change&& change) {
  return test::fake_kernel([&](bsfa_kernel& k) {
    k.memory_space = BSFA_CUDA_DEVICE;
    change(k);
  });
}

kernels::Kernel device_kernel() {
  return device_kernel([](bsfa_kernel&) {});
}

/// A problem on a fake device.
struct OnDevice {
  explicit OnDevice(const test::Inputs& inputs)
      : problem(std::make_unique<test::FakeDevice>(log), inputs.problem, inputs.views(), {}) {}
  DeviceLog log;
  TimedProblem problem;
};

}  // namespace

TEST_CASE("a timed run on a host kernel takes time, and its gating is that of a checked run") {
  const auto inputs = two_heads();
  const auto thresholds = test::skipping(inputs, 0.5);
  TimedProblem problem(kernels::host_memory(), inputs.problem, inputs.views(), {});
  CHECK(problem.flush_bytes() == 0);
  TimedRun run(kernels::find_kernel("cpu"), problem, &thresholds, BSFA_INSTRUMENT_MASK);
  CHECK(run.time() > 0.0);
  const auto told = run.gating();
  const auto checked = test::run_cpu(inputs, &thresholds);
  CHECK(told.mask == checked.mask);
  CHECK(told.tile_max == checked.tile_max);
  CHECK(test::count(told.mask, BSFA_TILE_SKIPPED) > 0);
  CHECK(test::count(told.mask, BSFA_TILE_KEPT) > 0);
}

TEST_CASE("a timed run gives the records of its latest launch, with no mask where none is wanted") {
  const auto inputs = two_heads();
  const auto thresholds = test::skipping(inputs, 0.5);
  OnDevice device(inputs);
  TimedRun run(device_kernel(), device.problem, &thresholds, BSFA_INSTRUMENT_WORK, false);
  CHECK(run.records().empty());
  const std::size_t before = device.log.copies_within;
  run.time(kernels::CacheState::kAsItIs);
  CHECK(device.log.copies_within == before);
  const auto records = run.records();
  REQUIRE(records.size() == run.describe().max_records);
  std::uint64_t seen = 0, kept = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    CHECK(records[i].start_ns <= records[i].end_ns);
    if (i > 0) CHECK(records[i - 1].start_ns <= records[i].start_ns);
    seen += records[i].tiles_seen;
    kept += records[i].tiles_kept;
  }
  CHECK(kept > 0);
  CHECK(kept < seen);
  // Neither a mask nor tile_max was ever allocated: O, LSE, records and their count were.
  TimedRun with_mask(device_kernel(), device.problem, &thresholds, BSFA_INSTRUMENT_MASK);
  const std::size_t without = device.log.allocations;
  TimedRun again(device_kernel(), device.problem, &thresholds, BSFA_INSTRUMENT_WORK, false);
  CHECK(device.log.allocations == without + 4);
}

TEST_CASE("records that a kernel had planned no room for are counted, and the others kept") {
  const auto inputs = two_heads();
  TimedProblem problem(kernels::host_memory(), inputs.problem, inputs.views(), {});
  const auto lies = test::fake_kernel([](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      const bsfa_status status = real_kernel().enqueue(plan, a, e, n);
      *a->record_count += 1;
      return status;
    };
  });
  TimedRun run(lies, problem, nullptr, BSFA_INSTRUMENT_WORK);
  run.time();
  CHECK(run.records().size() == run.describe().max_records);
  CHECK(run.records_lost() == 1);
}

TEST_CASE(
    "a problem uploads its inputs again to where they are, and a run downloads what it made") {
  auto inputs = two_heads();
  OnDevice device(inputs);
  TimedRun run(device_kernel(), device.problem, nullptr, BSFA_INSTRUMENT_NONE);
  run.time();
  const auto first = run.download();
  CHECK(first.lse.size() == static_cast<std::size_t>(2 * inputs.problem.q_len));
  CHECK(first.o.size() == first.lse.size() * static_cast<std::size_t>(inputs.problem.head_dim) * 2);

  auto other = test::gaussian(inputs.problem, 32);
  std::copy(other.q.begin(), other.q.end(), inputs.q.begin());
  run.time();
  CHECK(run.download().o == first.o);
  const std::size_t allocations = device.log.allocations, before = device.log.bytes_in;
  device.problem.upload();
  CHECK(device.log.allocations == allocations);
  CHECK(device.log.bytes_in - before == 2 * (inputs.q.size() + inputs.k.size() + inputs.v.size()));
  run.time();
  CHECK(run.download().o != first.o);
}

TEST_CASE("on the host there is nothing to upload, and a copy of what was computed to download") {
  const auto inputs = two_heads();
  TimedProblem problem(kernels::host_memory(), inputs.problem, inputs.views(), {});
  TimedRun run(kernels::find_kernel("cpu"), problem, nullptr, BSFA_INSTRUMENT_NONE);
  problem.upload();
  run.time();
  const auto told = run.download();
  const auto checked = test::run_cpu(inputs, nullptr);
  REQUIRE(told.o.size() == checked.o.size() * sizeof checked.o.front());
  CHECK(std::memcmp(told.o.data(), checked.o.data(), told.o.size()) == 0);
  CHECK(told.lse == checked.lse);
}

TEST_CASE("thresholds may go away once a run is prepared") {
  const auto inputs = two_heads();
  TimedProblem problem(kernels::host_memory(), inputs.problem, inputs.views(), {});
  std::unique_ptr<TimedRun> run;
  kernels::GatingOutput expected;
  {
    const auto thresholds = test::skipping(inputs, 0.5);
    run = std::make_unique<TimedRun>(kernels::find_kernel("cpu"), problem, &thresholds,
                                     BSFA_INSTRUMENT_MASK);
    expected = run->gating();
  }
  CHECK(run->gating().mask == expected.mask);
}

TEST_CASE(
    "on a device the cache is overwritten before every run, by its clock, nothing is leaked") {
  const auto inputs = two_heads();
  const auto thresholds = test::skipping(inputs, 0.5);
  DeviceLog log;
  {
    TimedProblem problem(std::make_unique<test::FakeDevice>(log), inputs.problem, inputs.views(),
                         {});
    CHECK(problem.flush_bytes() == 4 * 4096);
    TimedRun gated(device_kernel(), problem, &thresholds, BSFA_INSTRUMENT_NONE);
    TimedRun dense(device_kernel(), problem, nullptr, BSFA_INSTRUMENT_WORK);
    const std::size_t before = log.bytes_in;
    for (std::size_t i = 1; i <= 3; ++i) {
      CHECK(gated.time() == 12.5);
      CHECK(dense.time() == 12.5);
      CHECK(log.copies_within == 2 * i);
    }
    // Only what the flush copies from.
    CHECK(log.bytes_in == before + problem.flush_bytes());
  }
  CHECK(log.live.empty());
}

TEST_CASE("variants share inputs and outputs, so that each adds only what is its own") {
  const auto inputs = two_heads();
  OnDevice device(inputs);
  const TimedRun first(device_kernel(), device.problem, nullptr, BSFA_INSTRUMENT_NONE);
  const std::size_t before = device.log.allocations;
  const TimedRun second(device_kernel(), device.problem, nullptr, BSFA_INSTRUMENT_NONE);
  // Its workspace.
  CHECK(device.log.allocations == before + 1);
}

TEST_CASE("a level that a kernel does not offer, or not for this problem, is refused by name") {
  const auto inputs = two_heads();
  TimedProblem problem(kernels::host_memory(), inputs.problem, inputs.views(), {});
  const auto plain =
      test::fake_kernel([](bsfa_kernel& k) { k.instrumentation = BSFA_INSTRUMENT_NONE; });
  CHECK_THROWS_WITH(TimedRun(plain, problem, nullptr, BSFA_INSTRUMENT_WORK),
                    "fake.so:cpu: unsupported: no instrumentation level work");
  const auto claims =
      test::fake_kernel([](bsfa_kernel& k) { k.instrumentation = BSFA_INSTRUMENT_WARPS; });
  CHECK_THROWS_AS(TimedRun(claims, problem, nullptr, BSFA_INSTRUMENT_WARPS), core::UsageError);
}

TEST_CASE("a kernel without LSE is timed without") {
  const auto inputs = two_heads();
  TimedProblem problem(kernels::host_memory(), inputs.problem, inputs.views(), {});
  static int calls;
  calls = 0;
  const auto without = test::fake_kernel([](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      ++calls;
      return a->lse.data != nullptr ? BSFA_UNSUPPORTED : real_kernel().enqueue(plan, a, e, n);
    };
  });
  TimedRun run(without, problem, nullptr, BSFA_INSTRUMENT_NONE);
  CHECK(run.time() > 0.0);
  CHECK(calls == 2);
  run.time();
  CHECK(calls == 3);
}

TEST_CASE("a mask that was not written, or holds no code, is the kernel's fault") {
  const auto inputs = two_heads();
  OnDevice device(inputs);
  const auto forgets = device_kernel([](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      bsfa_arguments without = *a;
      without.mask.data = nullptr;
      return real_kernel().enqueue(plan, &without, e, n);
    };
  });
  TimedRun run(forgets, device.problem, nullptr, BSFA_INSTRUMENT_MASK);
  CHECK_THROWS_WITH(run.gating(), Catch::StartsWith("fake.so:cpu: mask: tile 0 was not written"));
}

TEST_CASE("wherever device memory runs out, a timed run names the kernel and leaks nothing") {
  const auto inputs = two_heads();
  const auto thresholds = test::skipping(inputs, 0.5);
  std::size_t failed = 0;
  for (bool more = true; more; ++failed) {
    DeviceLog log;
    log.fail_allocation = failed + 1;
    {
      TimedProblem problem(std::make_unique<test::FakeDevice>(log), inputs.problem, inputs.views(),
                           {});
      try {
        TimedRun run(device_kernel(), problem, &thresholds, BSFA_INSTRUMENT_WORK);
        run.time();
        more = false;
      } catch (const core::DeviceError& error) {
        CHECK_THAT(error.what(), Catch::StartsWith("fake.so:cpu: allocating "));
      }
    }
    CHECK(log.live.empty());
  }
  // Workspace, thresholds, three inputs, four outputs, records and their count, both ends of the
  // flush.
  CHECK(failed == 14);
}

TEST_CASE(
    "what a kernel answers to a failing run is said with its name, and an interrupt ends it") {
  const auto inputs = two_heads();
  std::atomic<bool> cancel{false};
  core::RunControl control;
  control.cancel = &cancel;
  TimedProblem problem(kernels::host_memory(), inputs.problem, inputs.views(), control);
  const auto fails = test::fake_kernel([](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan*, const bsfa_arguments*, char* e, std::size_t n) {
      std::snprintf(e, n, "the device fell off the bus");
      return BSFA_DEVICE_ERROR;
    };
  });
  TimedRun run(fails, problem, nullptr, BSFA_INSTRUMENT_NONE);
  CHECK_THROWS_WITH(run.time(), "fake.so:cpu: the device fell off the bus");
  TimedRun whole(kernels::find_kernel("cpu"), problem, nullptr, BSFA_INSTRUMENT_NONE);
  CHECK(whole.time() > 0.0);
  cancel = true;
  CHECK_THROWS_AS(whole.time(), core::Interrupted);
}
