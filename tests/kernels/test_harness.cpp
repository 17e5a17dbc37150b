// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "tests/kernels/fake_kernel.h"
#include "tests/kernels/support.h"

using namespace bsfa;
using test::fake_kernel;
using test::real_kernel;
using Kind = kernels::ContractFault::Kind;

namespace {

test::Inputs small_inputs() {
  return test::gaussian(test::problem(200, 256), 31);
}

kernels::RunResult run_with(bsfa_status (*enqueue)(bsfa_plan*, const bsfa_arguments*, char*,
                                                   std::size_t)) {
  return test::run(fake_kernel([&](bsfa_kernel& k) { k.enqueue = enqueue; }), small_inputs(),
                   nullptr);
}

template <typename Misbehave>
bsfa_status after_real(bsfa_plan* plan, const bsfa_arguments* a, char* error, std::size_t size,
                       Misbehave&& misbehave) {
  const bsfa_status status = real_kernel().enqueue(plan, a, error, size);
  misbehave();
  return status;
}

bsfa_status say(bsfa_status status, const char* text, char* error, std::size_t size) {
  std::strncpy(error, text, size);
  return status;
}

}  // namespace

TEST_CASE("a kernel that behaves has no faults") {
  const auto result = test::run(fake_kernel([](bsfa_kernel&) {}), small_inputs(), nullptr);
  CHECK(result.faults.empty());
  CHECK(result.elapsed_ms > 0.0);
}

TEST_CASE("a write past the end of O is seen") {
  const auto result =
      run_with([](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
        return after_real(plan, a, e, n,
                          [&] { static_cast<std::uint16_t*>(a->o.data)[200 * 64 + 3] = 1; });
      });
  REQUIRE(result.faults.size() == 1);
  CHECK(result.faults[0].kind == Kind::kWroteOutside);
  CHECK_THAT(result.faults[0].text, Catch::Contains("o:") && Catch::Contains("3 elements past"));
}

TEST_CASE("writes before the start of outputs and past the workspace are seen") {
  const auto result =
      run_with([](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
        return after_real(plan, a, e, n, [&] {
          static_cast<float*>(a->lse.data)[-1] = 0.0F;
          static_cast<std::uint8_t*>(a->mask.data)[-9] = 0;
          static_cast<float*>(a->tile_max.data)[2 * 4] = 0.0F;
          static_cast<std::uint8_t*>(a->workspace)[a->workspace_bytes] = 0;
        });
      });
  REQUIRE(result.faults.size() == 4);
  for (const auto& fault : result.faults) CHECK(fault.kind == Kind::kWroteOutside);
  CHECK_THAT(result.faults[0].text, Catch::Contains("lse") && Catch::Contains("1 elements before"));
  CHECK_THAT(result.faults[1].text,
             Catch::Contains("mask") && Catch::Contains("9 elements before"));
  CHECK_THAT(result.faults[2].text, Catch::Contains("tile_max"));
  CHECK_THAT(result.faults[3].text, Catch::Contains("workspace"));
}

TEST_CASE("a row of O, an LSE and a tile that were never written are named") {
  const auto result =
      run_with([](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
        auto* const row = static_cast<std::uint16_t*>(a->o.data) + 137 * 64;
        auto* const lse = static_cast<float*>(a->lse.data) + 5;
        auto* const tile = static_cast<std::uint8_t*>(a->mask.data) + 6;
        std::uint16_t row_before[64];
        float lse_before;
        std::uint8_t tile_before;
        std::memcpy(row_before, row, sizeof row_before);
        std::memcpy(&lse_before, lse, sizeof lse_before);
        std::memcpy(&tile_before, tile, 1);
        return after_real(plan, a, e, n, [&] {
          std::memcpy(row, row_before, sizeof row_before);
          std::memcpy(lse, &lse_before, sizeof lse_before);
          std::memcpy(tile, &tile_before, 1);
        });
      });
  REQUIRE(result.faults.size() == 3);
  for (const auto& fault : result.faults) CHECK(fault.kind == Kind::kUnwritten);
  CHECK_THAT(result.faults[0].text, Catch::Contains("o: 1 row") && Catch::Contains("row 137"));
  CHECK_THAT(result.faults[1].text, Catch::Contains("lse") && Catch::Contains("row 5"));
  CHECK_THAT(result.faults[2].text, Catch::Contains("mask") && Catch::Contains("tile 6"));
}

TEST_CASE("a row of ordinary NaN counts as written") {
  const auto result =
      run_with([](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
        return after_real(plan, a, e, n, [&] {
          std::fill_n(static_cast<std::uint16_t*>(a->o.data), 64, std::uint16_t{0x7E00});
        });
      });
  CHECK(result.faults.empty());
}

TEST_CASE("exceptions out of a kernel become errors of that library") {
  const auto boom = run_with;
  CHECK_THROWS_AS(boom([](bsfa_plan*, const bsfa_arguments*, char*, std::size_t) -> bsfa_status {
                    throw std::runtime_error("boom");
                  }),
                  core::PluginError);
  CHECK_THROWS_WITH(
      boom([](bsfa_plan*, const bsfa_arguments*, char*, std::size_t) -> bsfa_status { throw 42; }),
      Catch::Contains("fake.so") && Catch::Contains("enqueue threw"));
  const auto throwing_plan = fake_kernel([](bsfa_kernel& k) {
    k.plan = [](const bsfa_kernel*, const bsfa_problem*, bsfa_plan**, char*,
                std::size_t) -> bsfa_status { throw std::runtime_error("no plan today"); };
  });
  CHECK_THROWS_WITH(test::run(throwing_plan, small_inputs(), nullptr),
                    Catch::Contains("plan threw") && Catch::Contains("no plan today"));
}

TEST_CASE("each status becomes the error it stands for, in the kernel's own words") {
  using Enqueue = bsfa_status (*)(bsfa_plan*, const bsfa_arguments*, char*, std::size_t);
  const Enqueue unsupported = [](bsfa_plan*, const bsfa_arguments*, char* e, std::size_t n) {
    return say(BSFA_UNSUPPORTED, "only on Tuesdays", e, n);
  };
  const Enqueue memory = [](bsfa_plan*, const bsfa_arguments*, char* e, std::size_t n) {
    return say(BSFA_OUT_OF_MEMORY, "", e, n);
  };
  const Enqueue device = [](bsfa_plan*, const bsfa_arguments*, char* e, std::size_t n) {
    return say(BSFA_DEVICE_ERROR, "bus on fire", e, n);
  };
  const Enqueue unknown = [](bsfa_plan*, const bsfa_arguments*, char* e, std::size_t n) {
    std::memset(e, 'x', n);  // not terminated
    return static_cast<bsfa_status>(7);
  };
  const Enqueue stopped = [](bsfa_plan*, const bsfa_arguments*, char*, std::size_t) {
    return BSFA_CANCELLED;
  };
  CHECK_THROWS_AS(run_with(unsupported), core::UsageError);
  CHECK_THROWS_WITH(run_with(unsupported), Catch::Contains("only on Tuesdays"));
  CHECK_THROWS_AS(run_with(memory), core::DeviceError);
  CHECK_THROWS_WITH(run_with(memory), Catch::Contains("out of memory"));
  CHECK_THROWS_AS(run_with(device), core::DeviceError);
  CHECK_THROWS_AS(run_with(unknown), core::PluginError);
  CHECK_THROWS_WITH(run_with(unknown), Catch::Contains("status 7"));
  CHECK_THROWS_AS(run_with(stopped), core::Interrupted);
}

TEST_CASE("a kernel without LSE, mask or records leaves them absent") {
  const auto kernel = fake_kernel([](bsfa_kernel& k) {
    k.instrumentation = BSFA_INSTRUMENT_NONE;
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      if (a->lse.data != nullptr) return say(BSFA_UNSUPPORTED, "no lse", e, n);
      return real_kernel().enqueue(plan, a, e, n);
    };
  });
  const auto inputs = small_inputs();
  const auto result = test::run(kernel, inputs, nullptr);
  CHECK(result.faults.empty());
  CHECK(result.lse.empty());
  CHECK(result.mask.empty());
  CHECK(result.tile_max.empty());
  CHECK(result.records.empty());
  CHECK(result.view(inputs.problem).lse == nullptr);
  CHECK(result.o == test::run_cpu(inputs, nullptr).o);
}

TEST_CASE("a kernel that cannot do work lists computes the whole problem") {
  const auto kernel = fake_kernel([](bsfa_kernel& k) {
    k.supports = [](const bsfa_kernel* self, const bsfa_problem* p, char* e, std::size_t n) {
      if (p->max_work_items != 0) return say(BSFA_UNSUPPORTED, "no lists", e, n);
      return real_kernel().supports(self, p, e, n);
    };
  });
  const auto inputs = small_inputs();
  const std::vector<core::WorkItem> items = {{0, 0, 1}};
  const auto result = test::run(kernel, inputs, nullptr, items);
  CHECK(kernels::first_difference(inputs.problem, {}, result, test::run_cpu(inputs, nullptr)) ==
        "");
}

TEST_CASE("plans, alignments and record counts that make no sense are refused") {
  const auto no_plan = fake_kernel([](bsfa_kernel& k) {
    k.plan = [](const bsfa_kernel*, const bsfa_problem*, bsfa_plan**, char*, std::size_t) {
      return BSFA_OK;
    };
  });
  CHECK_THROWS_WITH(test::run(no_plan, small_inputs(), nullptr), Catch::Contains("no plan"));
  const auto alignment = fake_kernel([](bsfa_kernel& k) {
    k.describe = [](const bsfa_plan*, bsfa_plan_info* info, char*, std::size_t) {
      info->workspace_alignment = 24;
      return BSFA_OK;
    };
  });
  CHECK_THROWS_WITH(test::run(alignment, small_inputs(), nullptr), Catch::Contains("24 bytes"));
  const auto records = fake_kernel([](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
      return after_real(plan, a, e, n, [&] { *a->record_count = 1000; });
    };
  });
  CHECK_THROWS_WITH(test::run(records, small_inputs(), nullptr), Catch::Contains("1000"));
  for (const int bits : {41, 58, 61, 63}) {
    static std::uint64_t claimed;
    claimed = std::uint64_t{1} << bits;
    const auto endless = fake_kernel([](bsfa_kernel& k) {
      k.describe = [](const bsfa_plan* plan, bsfa_plan_info* info, char* e, std::size_t n) {
        const bsfa_status status = real_kernel().describe(plan, info, e, n);
        info->max_records = claimed;
        return status;
      };
    });
    CAPTURE(bits);
    CHECK_THROWS_WITH(test::run(endless, small_inputs(), nullptr),
                      Catch::Contains("fake.so:cpu: out of memory"));
  }
  const auto elsewhere = fake_kernel([](bsfa_kernel& k) { k.memory_space = 7; });
  CHECK_THROWS_WITH(test::run(elsewhere, small_inputs(), nullptr),
                    Catch::Contains("memory space 7"));
}

TEST_CASE("problems, tensors and thresholds that do not fit are refused before the kernel runs") {
  auto inputs = small_inputs();
  const auto keep = core::Thresholds::constant(1, {64, 64}, 0.0F);
  CHECK_THROWS_AS(test::run_cpu(inputs, &keep), core::InvalidProblem);
  inputs.problem.q_len = 300;
  CHECK_THROWS_WITH(test::run_cpu(inputs, nullptr), Catch::Contains("exceeds key length"));
  inputs.problem.q_len = 200;
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  request.inputs.v.shape[2] = 100;
  CHECK_THROWS_WITH(kernels::run(kernels::find_kernel("cpu"), request, {}),
                    Catch::Contains("v does not"));
}

TEST_CASE("cancelling before or during a run interrupts it") {
  const auto waits = fake_kernel([](bsfa_kernel& k) {
    k.enqueue = [](bsfa_plan*, const bsfa_arguments* a, char* e, std::size_t n) {
      const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
      while (*a->cancel == 0) {
        if (std::chrono::steady_clock::now() > give_up) return BSFA_OK;
        std::this_thread::yield();
      }
      return say(BSFA_CANCELLED, "stopped", e, n);
    };
  });
  const auto inputs = small_inputs();
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  std::atomic<bool> cancel{false};
  core::RunControl control;
  control.cancel = &cancel;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    cancel = true;
  });
  CHECK_THROWS_AS(kernels::run(waits, request, control), core::Interrupted);
  CHECK_THROWS_AS(kernels::run(kernels::find_kernel("cpu"), request, control), core::Interrupted);
  cancel = false;
  CHECK(kernels::run(kernels::find_kernel("cpu"), request, control).faults.empty());
}

TEST_CASE("differences between two runs are named with their place") {
  const auto inputs = small_inputs();
  const auto a = test::run_cpu(inputs, nullptr);
  auto b = a;
  b.o[150 * 64 + 7] ^= 1;
  CHECK(kernels::first_difference(inputs.problem, {}, a, b) ==
        "o differs at batch 0, head 0, row 150, channel 7");
  const std::vector<core::WorkItem> elsewhere = {{0, 0, 0}};
  CHECK(kernels::first_difference(inputs.problem, elsewhere, a, b) == "");
}
