// SPDX-License-Identifier: Apache-2.0
// Tile statistics through the bare C interface, and thresholds that come from them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <cuda_runtime_api.h>

#include "analysis/calibration.h"
#include "core/error.h"
#include "core/tile_geometry.h"
#include "kernels/cuda/runtime/check.h"
#include "kernels/cuda/runtime/device_buffer.h"
#include "kernels/host/plan.h"
#include "kernels/host/tile_statistics.h"
#include "reference/attention.h"
#include "tests/kernels/tested.h"
#include "tests/support/half_bits.h"

using namespace bsfa;
using kernels::cuda::DeviceBuffer;

namespace {

constexpr float kUntouched = 77.0F;
constexpr std::size_t kRoom = 4096;  ///< floats of each output

DeviceBuffer uploaded(const void* values, std::size_t bytes) {
  DeviceBuffer buffer(bytes);
  kernels::cuda::check(cudaMemcpy(buffer.data(), values, bytes, cudaMemcpyHostToDevice),
                       "filling a buffer");
  return buffer;
}

DeviceBuffer output() {
  const std::vector<float> values(kRoom, kUntouched);
  return uploaded(values.data(), kRoom * sizeof(float));
}

std::vector<float> values_of(const DeviceBuffer& buffer) {
  std::vector<float> values(buffer.bytes() / sizeof(float));
  kernels::cuda::check(
      cudaMemcpy(values.data(), buffer.data(), buffer.bytes(), cudaMemcpyDeviceToHost),
      "reading a buffer");
  return values;
}

bsfa_problem statistics_of(const core::Problem& problem) {
  bsfa_problem p = test::gated(problem);
  p.operation = BSFA_TILE_STATISTICS;
  p.gate_kind = BSFA_GATE_OFF;
  return p;
}

/// Buffers and arguments for one head of 300 rows and 400 columns.
struct Call {
  bsfa_status enqueue() {
    const kernels::Kernel kernel = test::tested_kernel();
    const kernels::Plan plan(kernel, problem);
    kernels::ErrorText said;
    const bsfa_status status = plan.enqueue(a, said);
    text = said.str("");
    kernels::cuda::check(cudaDeviceSynchronize(), "waiting for the kernel");
    return status;
  }
  bool wrote_nothing() const {
    const auto untouched = [](float x) { return x == kUntouched; };
    const auto whole = [&](const DeviceBuffer& buffer) {
      const auto values = values_of(buffer);
      return std::all_of(values.begin(), values.end(), untouched);
    };
    return whole(tile_max) && whole(tile_mass) && whole(tile_mass_max);
  }

  test::Inputs inputs = test::gaussian(test::problem(300, 400), 71);
  bsfa_problem problem = statistics_of(inputs.problem);
  std::vector<float> zeros = std::vector<float>(300, 0.0F);
  DeviceBuffer q = uploaded(inputs.q.data(), inputs.q.size() * 2);
  DeviceBuffer k = uploaded(inputs.k.data(), inputs.k.size() * 2);
  DeviceBuffer lse = uploaded(zeros.data(), zeros.size() * sizeof(float));
  DeviceBuffer tile_max = output(), tile_mass = output(), tile_mass_max = output();
  bsfa_arguments a = arguments();
  std::string text;

 private:
  bsfa_arguments arguments() const {
    bsfa_arguments made{};
    made.size = sizeof(made);
    made.version = BSFA_ABI_VERSION;
    made.q = {q.data(), {0, 0, 64, 1}};
    made.k = {k.data(), {0, 0, 64, 1}};
    made.lse_in = {lse.data(), {0, 0, 1, 0}};
    made.tile_max = {tile_max.data(), {0, 0, 7, 1}};
    made.tile_mass = {tile_mass.data(), {0, 0, 7, 1}};
    made.tile_mass_max = {tile_mass_max.data(), {0, 0, 7, 1}};
    return made;
  }
};

/// A calibration of one layer from tile maxima of either source, and the largest β among its tiles.
struct Calibrated {
  core::ThresholdTable table;
  double largest_beta = 0.0;
};

Calibrated on_cpu(const test::Inputs& inputs, const std::vector<std::int64_t>& k_values) {
  const core::Problem& p = inputs.problem;
  analysis::Calibration calibration(k_values, {0}, p.heads, p.gate, core::Aggregation::kMean);
  const reference::Attention attention(p, inputs.views());
  Calibrated result;
  for (const auto& item : core::all_work_items(p)) {
    const auto statistics = attention.statistics(item, false);
    analysis::calibrate(calibration, 0, p, statistics, "sample");
    for (const double beta : statistics.beta) {
      result.largest_beta = std::max(result.largest_beta, beta);
    }
  }
  result.table = calibration.finish();
  return result;
}

/// Also counts, for every Q block and k, that as many tiles reach τ as were to be kept.
Calibrated on_device(const test::Inputs& inputs, const std::vector<std::int64_t>& k_values) {
  const core::Problem& p = inputs.problem;
  const core::TileGeometry geometry(p);
  analysis::Calibration calibration(k_values, {0}, p.heads, p.gate, core::Aggregation::kMean);
  std::vector<core::BlockStatistics> rows;
  kernels::TileStatistics statistics(test::tested_kernel());
  const auto items = core::all_work_items(p);
  statistics.run({p, inputs.views(), nullptr, items}, {}, [&](const kernels::TileRow& row) {
    core::BlockStatistics block;
    block.item = row.item;
    block.rows = geometry.q_rows(row.item.q_block).size();
    block.tile_max.assign(row.tile_max.begin(), row.tile_max.end());
    analysis::calibrate(calibration, 0, p, block, "sample");
    rows.push_back(std::move(block));
  });
  Calibrated result{calibration.finish(), 0.0};
  for (std::size_t k = 0; k < k_values.size(); ++k) {
    const core::Thresholds thresholds = result.table.select(k, 0);
    for (const core::BlockStatistics& block : rows) {
      if (block.rows < p.gate.q_block) continue;
      const auto mask = reference::gate(p, block, &thresholds);
      const auto kept = std::count(mask.begin(), mask.end(), core::TileCode::kKept);
      CAPTURE(k_values[k], block.item.head, block.item.q_block);
      CHECK(kept == std::min(k_values[k], geometry.off_diagonal_count(block.item.q_block)));
    }
  }
  return result;
}

}  // namespace

TEST_CASE("tile statistics are planned without records and products with V", "[small]") {
  const kernels::Kernel kernel = test::tested_kernel();
  const Call call;
  const auto info = kernels::Plan(kernel, call.problem).describe();
  CHECK(info.max_records == 0);
  CHECK(info.ctas == 3);
  CHECK(info.tensor_instructions_per_qk > 0);
  CHECK(info.tensor_instructions_per_pv == 0);
}

TEST_CASE("statistics are written through the caller's strides and nowhere else", "[small]") {
  Call plain, strided;
  REQUIRE(plain.enqueue() == BSFA_OK);
  for (bsfa_tensor* tensor :
       {&strided.a.tile_max, &strided.a.tile_mass, &strided.a.tile_mass_max}) {
    tensor->stride[2] = 40;
    tensor->stride[3] = 3;
  }
  REQUIRE(strided.enqueue() == BSFA_OK);
  const auto compare = [](const DeviceBuffer& dense, const DeviceBuffer& sparse) {
    auto spread = values_of(sparse);
    const auto values = values_of(dense);
    for (std::size_t m = 0; m < 3; ++m) {
      for (std::size_t n = 0; n < 7; ++n) {
        CHECK(spread[m * 40 + n * 3] == values[m * 7 + n]);
        CHECK(values[m * 7 + n] != kUntouched);
        spread[m * 40 + n * 3] = kUntouched;
      }
    }
    CHECK(std::count(spread.begin(), spread.end(), kUntouched) == kRoom);
    CHECK(std::count(values.begin(), values.end(), kUntouched) == kRoom - 21);
  };
  compare(plain.tile_max, strided.tile_max);
  compare(plain.tile_mass, strided.tile_mass);
  compare(plain.tile_mass_max, strided.tile_mass_max);
}

TEST_CASE("each of the statistics can be left out, V and thresholds are not looked at", "[small]") {
  Call all, some;
  REQUIRE(all.enqueue() == BSFA_OK);
  const int left_out = GENERATE(0, 1, 2);
  (left_out == 0 ? some.a.tile_max : left_out == 1 ? some.a.tile_mass : some.a.tile_mass_max) = {};
  some.a.v.data = reinterpret_cast<void*>(std::uintptr_t{1});
  some.problem.gate_kind = BSFA_GATE_ABSOLUTE;
  some.a.thresholds.data = reinterpret_cast<void*>(std::uintptr_t{4});
  some.a.threshold_blocks = 1;
  REQUIRE(some.enqueue() == BSFA_OK);
  const std::vector<float> untouched(kRoom, kUntouched);
  CHECK(values_of(some.tile_max) == (left_out == 0 ? untouched : values_of(all.tile_max)));
  CHECK(values_of(some.tile_mass) == (left_out == 1 ? untouched : values_of(all.tile_mass)));
  CHECK(values_of(some.tile_mass_max) ==
        (left_out == 2 ? untouched : values_of(all.tile_mass_max)));
}

TEST_CASE("statistics that cannot be given are refused and nothing is written", "[small]") {
  const auto refused = [](bsfa_status status, const char* limit, auto&& change) {
    Call call;
    change(call.a);
    CHECK(call.enqueue() == status);
    CHECK_THAT(call.text, Catch::Contains(limit));
    CHECK(call.wrote_nothing());
  };
  refused(BSFA_INVALID_ARGUMENT, "need lse_in", [](auto& a) { a.lse_in = {}; });
  refused(BSFA_INVALID_ARGUMENT, "need lse_in",
          [](auto& a) { a.lse_in = a.tile_mass = bsfa_tensor{}; });
  refused(BSFA_INVALID_ARGUMENT, "missing", [](auto& a) { a.k = {}; });
  refused(BSFA_UNSUPPORTED, "no o, lse or mask", [](auto& a) { a.o = a.q; });
  refused(BSFA_UNSUPPORTED, "no o, lse or mask", [](auto& a) { a.lse = a.lse_in; });
  refused(BSFA_UNSUPPORTED, "no o, lse or mask", [](auto& a) { a.mask = a.tile_max; });
  refused(BSFA_UNSUPPORTED, "no work records",
          [](auto& a) { a.record_count = static_cast<std::uint64_t*>(a.tile_max.data); });
  refused(BSFA_UNSUPPORTED, "16 bytes", [](auto& a) { a.k.stride[2] = 65; });
}

TEST_CASE("work items outside the problem are passed over by tile statistics", "[small]") {
  Call call;
  const std::vector<bsfa_work_item> list = {
      {0, 0, 3, 0, 0}, {0, 1, 0, 0, 0}, {1, 0, 0, 0, 0}, {0, 0, -1, 0, 0}, {0, 0, 1, 0, 0}};
  const DeviceBuffer items = uploaded(list.data(), list.size() * sizeof(bsfa_work_item));
  call.problem.max_work_items = 9;
  call.a.work_items = static_cast<const bsfa_work_item*>(items.data());
  call.a.work_item_count = 5;
  call.a.work_item_size = sizeof(bsfa_work_item);
  REQUIRE(call.enqueue() == BSFA_OK);
  const auto values = values_of(call.tile_max);
  CHECK(std::count(values.begin(), values.end(), kUntouched) == kRoom - 7);
  CHECK(std::count(values.begin() + 7, values.begin() + 14, kUntouched) == 0);
}

TEST_CASE("calibrating on the device moves no threshold by more than its scores moved", "[small]") {
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  auto p = test::problem(900, 1100, 128);
  p.heads = 2;
  p.kv_heads = 1;
  p.gate = gate;
  const auto inputs = test::gaussian(p, 72);
  const std::vector<std::int64_t> k_values = {0, 1, 4, 7};
  const Calibrated cpu = on_cpu(inputs, k_values), device = on_device(inputs, k_values);
  REQUIRE(cpu.table.values.size() == device.table.values.size());
  std::int64_t finite = 0;
  for (std::size_t i = 0; i < cpu.table.values.size(); ++i) {
    const auto exact = static_cast<double>(cpu.table.values[i]);
    const auto got = static_cast<double>(device.table.values[i]);
    CAPTURE(i, exact, got);
    if (std::isinf(exact)) {
      CHECK(got == exact);
      continue;
    }
    ++finite;
    // The k-th largest moves by no more than the value that moves most; both are rounded once.
    CHECK(std::fabs(got - exact) <= cpu.largest_beta + 0x1p-23 * std::fabs(exact));
  }
  CHECK(finite >= 12);  // k = 0 and Q blocks with few tiles before them have none
}

TEST_CASE("a NaN among the scores ends calibration on the device with the sample's name",
          "[small]") {
  auto inputs = test::gaussian(test::problem(500, 500), 73);
  inputs.k[7] = test::half_bits(std::numeric_limits<double>::quiet_NaN(), inputs.problem.dtype);
  CHECK_THROWS_AS(on_device(inputs, {2}), core::InvalidProblem);
  CHECK_THROWS_WITH(on_device(inputs, {2}), Catch::Contains("sample"));
}
