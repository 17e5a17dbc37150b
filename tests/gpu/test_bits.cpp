// SPDX-License-Identifier: Apache-2.0
// What must not change a bit of the results.
#include <algorithm>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "tests/kernels/tested.h"

using namespace bsfa;
using test::run_tested;

namespace {

core::Problem grouped(std::int64_t q_len, std::int64_t kv_len, std::int64_t head_dim) {
  auto p = test::problem(q_len, kv_len, head_dim);
  p.batch = 2;
  p.heads = 4;
  p.kv_heads = 2;
  return p;
}

/// [B,rows,H,D] with `gap` elements of NaN after every row, from [B,H,rows,D].
std::vector<std::uint16_t> transposed(const std::vector<std::uint16_t>& from, std::int64_t heads,
                                      std::int64_t rows, std::int64_t dim, std::int64_t gap) {
  const auto batches = static_cast<std::int64_t>(from.size()) / (heads * rows * dim);
  std::vector<std::uint16_t> to(static_cast<std::size_t>(batches * heads * rows * (dim + gap)),
                                0x7E00);
  for (std::int64_t b = 0; b < batches; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        std::copy_n(from.begin() + ((b * heads + h) * rows + r) * dim, dim,
                    to.begin() + ((b * rows + r) * heads + h) * (dim + gap));
      }
    }
  }
  return to;
}

/// A request whose tensors lie transposed; the storage outlives it.
struct Transposed {
  Transposed(const test::Inputs& inputs, std::int64_t gap)
      : q(spread(inputs.problem.heads, inputs.problem.q_len, inputs, inputs.q, gap)),
        k(spread(inputs.problem.kv_heads, inputs.problem.kv_len, inputs, inputs.k, gap)),
        v(spread(inputs.problem.kv_heads, inputs.problem.kv_len, inputs, inputs.v, gap)) {
    const core::Problem& p = inputs.problem;
    request.problem = p;
    request.inputs = inputs.views();
    point(request.inputs.q, q, p.heads, p.q_len, p.head_dim + gap);
    point(request.inputs.k, k, p.kv_heads, p.kv_len, p.head_dim + gap);
    point(request.inputs.v, v, p.kv_heads, p.kv_len, p.head_dim + gap);
  }

  static std::vector<std::uint16_t> spread(std::int64_t heads, std::int64_t rows,
                                           const test::Inputs& inputs,
                                           const std::vector<std::uint16_t>& from,
                                           std::int64_t gap) {
    return transposed(from, heads, rows, inputs.problem.head_dim, gap);
  }
  static void point(core::TensorView& view, const std::vector<std::uint16_t>& data,
                    std::int64_t heads, std::int64_t rows, std::int64_t width) {
    view.data = data.data();
    view.stride = {rows * heads * width, width, heads * width, 1};
  }

  std::vector<std::uint16_t> q, k, v;
  kernels::RunRequest request;
};

}  // namespace

TEST_CASE("thresholds of minus infinity give the bits of gating off, for every shape", "[small]") {
  const auto dim = GENERATE(as<std::int64_t>{}, 64, 128);
  const auto dtype = GENERATE(core::Dtype::kFloat16, core::Dtype::kBfloat16);
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  const bool causal = GENERATE(true, false);
  auto p = grouped(300, 333, dim);
  p.dtype = dtype;
  p.gate = gate;
  p.causal = causal;
  const auto inputs = test::gaussian(p, 11);
  const auto keep_all =
      core::Thresholds::constant(p.heads, p.gate, -std::numeric_limits<float>::infinity());
  CHECK(kernels::first_difference(p, {}, run_tested(inputs, nullptr),
                                  run_tested(inputs, &keep_all)) == "");
}

TEST_CASE("a run repeated gives the same bits") {
  const auto inputs = test::gaussian(grouped(1000, 2000, 128), 3);
  const auto thresholds = test::skipping(inputs, 0.5);
  const auto first = run_tested(inputs, &thresholds);
  for (int i = 0; i < 20; ++i) {
    CHECK(kernels::first_difference(inputs.problem, {}, first, run_tested(inputs, &thresholds)) ==
          "");
  }
}

TEST_CASE("a list of all Q blocks in any order gives the bits of the whole problem", "[small]") {
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  auto p = grouped(300, 500, 64);
  p.gate = gate;
  const auto inputs = test::gaussian(p, 5);
  const auto thresholds = test::skipping(inputs, 0.5);
  auto items = core::all_work_items(p);
  std::reverse(items.begin(), items.end());
  const auto whole = run_tested(inputs, &thresholds);
  const auto listed = run_tested(inputs, &thresholds, items);
  CHECK(listed.faults.empty());
  CHECK_FALSE(listed.whole_problem);
  CHECK(kernels::first_difference(p, {}, whole, listed) == "");
}

TEST_CASE("tensors of layout [B,M,H,D], with and without gaps, give the same bits", "[small]") {
  const auto dim = GENERATE(as<std::int64_t>{}, 64, 128);
  const auto gap = GENERATE(as<std::int64_t>{}, 0, 8, 64);
  const auto inputs = test::gaussian(grouped(130, 200, dim), 13);
  Transposed lies(inputs, gap);
  const auto result = kernels::run(test::tested_kernel(), lies.request, {});
  CHECK(kernels::first_difference(inputs.problem, {}, run_tested(inputs, nullptr), result) == "");
}

TEST_CASE("rows that do not start at a multiple of 16 bytes are refused, not misread", "[small]") {
  const auto inputs = test::gaussian(grouped(130, 200, 64), 13);
  Transposed lies(inputs, 1);
  CHECK_THROWS_AS(kernels::run(test::tested_kernel(), lies.request, {}), core::UsageError);
  CHECK_THROWS_WITH(kernels::run(test::tested_kernel(), lies.request, {}),
                    Catch::Contains("16") || Catch::Contains("align"));
}
