// SPDX-License-Identifier: Apache-2.0
// Tile statistics against the forward pass, bit for bit, and against the reference.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/tile_geometry.h"
#include "kernels/host/same_bits.h"
#include "kernels/host/tile_statistics.h"
#include "reference/attention.h"
#include "tests/kernels/tested.h"
#include "tests/mutants/trial.h"
#include "tests/support/half_bits.h"

using namespace bsfa;
using test::run_tested;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Results of a whole problem, [B,H,Qb,Kb]; NaN where nothing was asked for.
struct Tiles {
  std::vector<float> max, mass, mass_max;
};

std::size_t first_tile(const core::Problem& p, const core::WorkItem& item) {
  const core::TileGeometry geometry(p);
  return static_cast<std::size_t>(
      ((item.batch * p.heads + item.head) * geometry.q_blocks() + item.q_block) *
      geometry.k_blocks());
}

Tiles measure(const core::Problem& p, const core::AttentionInputs& views, const float* lse,
              std::vector<core::WorkItem> items) {
  const core::TileGeometry geometry(p);
  const auto count =
      static_cast<std::size_t>(p.batch * p.heads * geometry.q_blocks() * geometry.k_blocks());
  Tiles tiles;
  for (auto* field : {&tiles.max, &tiles.mass, &tiles.mass_max}) {
    field->assign(count, std::numeric_limits<float>::quiet_NaN());
  }
  kernels::TileStatistics statistics(test::tested_kernel());
  statistics.run({p, views, lse, items}, {}, [&](const kernels::TileRow& row) {
    const auto at = static_cast<std::ptrdiff_t>(first_tile(p, row.item));
    std::copy(row.tile_max.begin(), row.tile_max.end(), tiles.max.begin() + at);
    std::copy(row.tile_mass.begin(), row.tile_mass.end(), tiles.mass.begin() + at);
    std::copy(row.tile_mass_max.begin(), row.tile_mass_max.end(), tiles.mass_max.begin() + at);
  });
  return tiles;
}

Tiles measure(const test::Inputs& inputs, const float* lse = nullptr) {
  return measure(inputs.problem, inputs.views(), lse, core::all_work_items(inputs.problem));
}

/// Empty if all bits agree, else the first tile where they do not.
std::string different(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return "sizes";
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (kernels::same_bits(a[i], b[i])) continue;
    return "tile " + std::to_string(i) + ": " + std::to_string(a[i]) + " and " +
           std::to_string(b[i]);
  }
  return "";
}

std::string differs_from_forward(const test::Inputs& inputs) {
  return different(measure(inputs).max, run_tested(inputs, nullptr).tile_max);
}

core::Problem grouped(std::int64_t q_len, std::int64_t kv_len, std::int64_t head_dim) {
  auto p = test::problem(q_len, kv_len, head_dim);
  p.batch = 2;
  p.heads = 4;
  p.kv_heads = 2;
  return p;
}

/// Of rows without an infinity or a NaN.
double largest_norm(const std::vector<std::uint16_t>& values, const core::Problem& p) {
  double largest = 0.0;
  for (std::size_t i = 0; i < values.size();) {
    double sum = 0.0;
    for (std::int64_t d = 0; d < p.head_dim; ++d, ++i) {
      const double x = test::half_value(values[i], p.dtype);
      sum += x * x;
    }
    if (std::isfinite(sum)) largest = std::max(largest, std::sqrt(sum));
  }
  return largest;
}

/// How far a mass in fp32 may lie from the exact one. A term is exp2 of scale_log2·s - lse_log2:
/// its exponent errs by β in the score, by 2^-24 in each of scale_log2 and the constant, product
/// and rounding that make lse_log2, and by 2^-24 of the result; together less than δ below in
/// natural units, S bounding |score|. exp2 itself errs by 2^-22 and flushes below 2^-126. A sum of
/// terms none of which is negative errs by 2^-24 for each of its additions, fewer than Bk + 16.
/// Where a tile has infinities, nothing bounds a mass above 0.
double mass_bound(double mass, double beta, double largest_score, double largest_lse,
                  const core::Problem& p) {
  if (std::isinf(beta)) return mass > 0.0 ? beta : 0.0;
  const double delta = beta + 0x1p-22 * (largest_score + largest_lse);
  const auto additions = static_cast<double>(p.gate.k_block + 16);
  return mass * (std::expm1(delta) + 0x1p-22 + additions * 0x1p-24) + 0x1p-110;
}

bool close(float got, float expected, double bound) {
  if (std::isnan(expected)) return std::isnan(got);
  return std::fabs(static_cast<double>(got) - static_cast<double>(expected)) <= bound;
}

/// The dense LSE of every row as fp32, and what the reference says of every Q block.
struct Expected {
  explicit Expected(const test::Inputs& inputs) : items(core::all_work_items(inputs.problem)) {
    const reference::Attention attention(inputs.problem, inputs.views());
    for (const core::WorkItem& item : items) {
      blocks.push_back(attention.statistics(item));
      for (const double x : blocks.back().dense_lse) {
        lse.push_back(static_cast<float>(x));
        if (std::isfinite(x)) largest_lse = std::max(largest_lse, std::fabs(x));
      }
    }
  }
  std::vector<core::WorkItem> items;
  std::vector<core::BlockStatistics> blocks;
  std::vector<float> lse;  ///< [B,H,M]: items are in that order
  double largest_lse = 0.0;
};

/// Compares all masses; counts those that are neither 0 nor NaN.
std::int64_t require_masses(const test::Inputs& inputs) {
  const core::Problem& p = inputs.problem;
  const Expected expected(inputs);
  const Tiles tiles = measure(inputs, expected.lse.data());
  CHECK(different(tiles.max, measure(inputs).max) == "");
  const double largest_score =
      static_cast<double>(p.scale) * largest_norm(inputs.q, p) * largest_norm(inputs.k, p);
  std::int64_t positive = 0;
  for (const core::BlockStatistics& block : expected.blocks) {
    const std::size_t first = first_tile(p, block.item);
    for (std::size_t n = 0; n < block.tile_mass.size(); ++n) {
      const auto bound = [&](float mass) {
        return mass_bound(static_cast<double>(mass), block.beta[n], largest_score,
                          expected.largest_lse, p);
      };
      const float mass = block.tile_mass[n], mass_max = block.tile_mass_max[n];
      CAPTURE(block.item.batch, block.item.head, block.item.q_block, n);
      CAPTURE(mass, tiles.mass[first + n], mass_max, tiles.mass_max[first + n]);
      REQUIRE(close(tiles.mass[first + n], mass, bound(mass)));
      REQUIRE(close(tiles.mass_max[first + n], mass_max, bound(mass_max)));
      positive += mass > 0.0F ? 1 : 0;
    }
  }
  return positive;
}

}  // namespace

TEST_CASE("tile maxima alone have the bits of the forward pass's, for every shape", "[small]") {
  const auto dim = GENERATE(as<std::int64_t>{}, 64, 128);
  const auto dtype = GENERATE(core::Dtype::kFloat16, core::Dtype::kBfloat16);
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  const bool causal = GENERATE(true, false);
  auto p = grouped(300, 333, dim);
  p.dtype = dtype;
  p.gate = gate;
  p.causal = causal;
  CHECK(differs_from_forward(test::gaussian(p, 51)) == "");
}

TEST_CASE("so they have where Q and K end anywhere in a block", "[small]") {
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  const bool causal = GENERATE(true, false);
  for (const auto& [q_len, kv_len] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 1},
                                                          {1, 64},
                                                          {1, 129},
                                                          {63, 65},
                                                          {64, 64},
                                                          {65, 127},
                                                          {128, 128},
                                                          {129, 192},
                                                          {200, 257}}) {
    auto p = test::problem(q_len, kv_len, 128);
    p.gate = gate;
    p.causal = causal;
    CAPTURE(q_len, kv_len);
    CHECK(differs_from_forward(test::gaussian(p, 52)) == "");
  }
}

TEST_CASE("so they have on 60 random problems of up to 4096 tokens") {
  for (std::uint64_t seed = 7001; seed < 7061; ++seed) {
    const test::Trial trial = test::draw_trial(seed, {});
    const core::Problem& p = trial.data.problem;
    kernels::RunRequest request;
    request.problem = p;
    request.inputs = trial.data.inputs();
    request.want_lse = false;
    CAPTURE(seed, trial.name);
    CHECK(different(measure(p, request.inputs, nullptr, core::all_work_items(p)).max,
                    kernels::run(test::tested_kernel(), request, {}).tile_max) == "");
  }
}

TEST_CASE("a work list gives the bits of the whole problem, and nothing else", "[small]") {
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  auto p = grouped(700, 900, 64);
  p.gate = gate;
  const auto inputs = test::gaussian(p, 53);
  const Expected expected(inputs);
  const std::vector<core::WorkItem> few = {{1, 3, 0}, {0, 2, 5}, {1, 0, 1}};
  const Tiles whole = measure(inputs, expected.lse.data());
  const Tiles some = measure(p, inputs.views(), expected.lse.data(), few);
  const auto row = static_cast<std::size_t>(core::TileGeometry(p).k_blocks());
  std::size_t compared = 0;
  for (const core::WorkItem& item : few) {
    for (std::size_t i = first_tile(p, item); i < first_tile(p, item) + row; ++i, ++compared) {
      CHECK(kernels::same_bits(whole.max[i], some.max[i]));
      CHECK(kernels::same_bits(whole.mass[i], some.mass[i]));
      CHECK(kernels::same_bits(whole.mass_max[i], some.mass_max[i]));
    }
  }
  CHECK(compared == 3 * row);
}

TEST_CASE("tensors of layout [B,M,H,D] give the same tile maxima", "[small]") {
  const auto inputs = test::gaussian(grouped(130, 200, 128), 54);
  const core::Problem& p = inputs.problem;
  const auto transposed = [&](const std::vector<std::uint16_t>& from, std::int64_t heads,
                              std::int64_t rows) {
    std::vector<std::uint16_t> to(from.size());
    for (std::int64_t i = 0; i < p.batch * heads * rows; ++i) {
      const std::int64_t b = i / (heads * rows), h = i / rows % heads, r = i % rows;
      std::copy_n(from.begin() + i * p.head_dim, p.head_dim,
                  to.begin() + ((b * rows + r) * heads + h) * p.head_dim);
    }
    return to;
  };
  const auto q = transposed(inputs.q, p.heads, p.q_len);
  const auto k = transposed(inputs.k, p.kv_heads, p.kv_len);
  core::AttentionInputs views = inputs.views();
  views.q.data = q.data();
  views.q.stride = {p.q_len * p.heads * p.head_dim, p.head_dim, p.heads * p.head_dim, 1};
  views.k.data = k.data();
  views.k.stride = {p.kv_len * p.kv_heads * p.head_dim, p.head_dim, p.kv_heads * p.head_dim, 1};
  CHECK(different(measure(p, views, nullptr, core::all_work_items(p)).max, measure(inputs).max) ==
        "");
}

TEST_CASE("tile masses are the dense softmax's, within what fp32 allows", "[small]") {
  const auto dim = GENERATE(as<std::int64_t>{}, 64, 128);
  const auto dtype = GENERATE(core::Dtype::kFloat16, core::Dtype::kBfloat16);
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  const bool causal = GENERATE(true, false);
  auto p = grouped(300, 333, dim);
  p.dtype = dtype;
  p.gate = gate;
  p.causal = causal;
  CHECK(require_masses(test::gaussian(p, 55)) > 60);
}

TEST_CASE("tile masses of a long head are the dense softmax's") {
  auto p = test::problem(2000, 5000, 128);
  p.heads = 2;
  CHECK(require_masses(test::gaussian(p, 56)) > 1000);
}

TEST_CASE("NaN and infinities reach the tiles and rows that see them, and no others", "[small]") {
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  const double planted =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
               -std::numeric_limits<double>::infinity());
  const bool in_q = GENERATE(true, false);
  auto p = test::problem(400, 400, 64);
  p.gate = gate;
  auto inputs = test::gaussian(p, 57);
  (in_q ? inputs.q : inputs.k)[150 * 64 + 7] = test::half_bits(planted, p.dtype);
  CHECK(differs_from_forward(inputs) == "");
  const auto exact = test::gating(inputs, nullptr);
  const Tiles tiles = measure(inputs);
  for (std::size_t i = 0; i < exact.tile_max.size(); ++i) {
    CHECK(std::isnan(exact.tile_max[i]) == std::isnan(tiles.max[i]));
  }
  require_masses(inputs);
}

TEST_CASE("a row of nothing but -inf has no mass, and spoils none", "[small]") {
  auto p = test::problem(300, 300, 64);
  auto inputs = test::integers(p, 58, 1);
  for (std::size_t i = 0; i < inputs.q.size(); i += 64) {
    inputs.q[i] = test::half_bits(1.0, p.dtype);
  }
  // The first rows see these keys alone.
  for (std::size_t row = 0; row < 20; ++row) {
    inputs.k[row * 64] = test::half_bits(-std::numeric_limits<double>::infinity(), p.dtype);
  }
  const Expected expected(inputs);
  REQUIRE(expected.lse[19] == -kInfinity);
  REQUIRE(std::isfinite(expected.lse[20]));
  require_masses(inputs);
}

TEST_CASE("an LSE of +inf is no dense softmax either", "[small]") {
  const auto inputs = test::gaussian(test::problem(200, 300), 59);
  Expected expected(inputs);
  expected.lse[130] = kInfinity;
  const Tiles tiles = measure(inputs, expected.lse.data());
  const auto k_blocks = static_cast<std::size_t>(core::TileGeometry(inputs.problem).k_blocks());
  for (std::size_t n = 0; n < k_blocks; ++n) {
    CHECK(std::isfinite(tiles.mass[n]));
    CHECK(std::isnan(tiles.mass[k_blocks + n]));
    CHECK(std::isnan(tiles.mass_max[k_blocks + n]));
  }
}

TEST_CASE("tile statistics repeated give the same bits") {
  auto p = grouped(2000, 3000, 128);
  const auto inputs = test::gaussian(p, 60);
  const Expected expected(inputs);
  const Tiles first = measure(inputs, expected.lse.data());
  for (int i = 0; i < 10; ++i) {
    const Tiles again = measure(inputs, expected.lse.data());
    CHECK(different(first.max, again.max) == "");
    CHECK(different(first.mass, again.mass) == "");
    CHECK(different(first.mass_max, again.mass_max) == "");
  }
}
