// SPDX-License-Identifier: Apache-2.0
// What every kernel must give, whatever it computes on.
#include <cmath>
#include <cstdint>
#include <limits>

#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/kernels/tested.h"
#include "tests/support/half_bits.h"

using namespace bsfa;
using test::deviation;
using test::run_tested;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::uint8_t kSkipped = 1;
constexpr std::uint8_t kKept = 2;

template <typename T>
T pick(core::SplitMix64& random, std::initializer_list<T> choices) {
  return choices.begin()[random.below(choices.size())];
}

core::Problem random_problem(core::SplitMix64& random) {
  core::Problem p;
  p.batch = pick<std::int64_t>(random, {1, 1, 2});
  p.kv_heads = pick<std::int64_t>(random, {1, 2});
  p.heads = p.kv_heads * pick<std::int64_t>(random, {1, 4});
  p.kv_len = pick<std::int64_t>(random, {1, 63, 64, 65, 127, 128, 129, 300, 385});
  p.q_len = random.below(2) == 0
                ? p.kv_len
                : 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(p.kv_len)));
  p.head_dim = pick<std::int64_t>(random, {64, 128});
  p.dtype = pick(random, {core::Dtype::kFloat16, core::Dtype::kBfloat16});
  p.causal = random.below(3) != 0;
  p.gate = pick<core::GateShape>(random, {{128, 64}, {64, 64}, {128, 128}});
  p.scale = random.below(4) == 0 ? 0.3F : 0.0F;
  return core::with_default_scale(p);
}

std::string text_of(const core::Problem& p) {
  return "B " + std::to_string(p.batch) + " H " + std::to_string(p.heads) + " Hkv " +
         std::to_string(p.kv_heads) + " M " + std::to_string(p.q_len) + " N " +
         std::to_string(p.kv_len) + " D " + std::to_string(p.head_dim) + " " +
         std::string(core::name_of(p.dtype)) + (p.causal ? " causal " : " full ") +
         std::to_string(p.gate.q_block) + "x" + std::to_string(p.gate.k_block);
}

}  // namespace

TEST_CASE("a kernel agrees with the definition on random problems", "[small]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 19)));
  core::SplitMix64 random(seed);
  const auto inputs = test::gaussian(random_problem(random), seed);
  CAPTURE(seed, text_of(inputs.problem));
  const double share = pick(random, {0.0, 0.5, 0.9, 1.0});
  const auto thresholds = test::skipping(inputs, share);
  const bool gated = random.below(4) != 0;
  const core::Thresholds* used = gated ? &thresholds : nullptr;
  CHECK(deviation(inputs, used, run_tested(inputs, used)).empty());
}

TEST_CASE("gated attention skips some tiles, keeps some and is right", "[small]") {
  const auto gate =
      GENERATE(core::GateShape{128, 64}, core::GateShape{64, 64}, core::GateShape{128, 128});
  const bool causal = GENERATE(true, false);
  auto p = test::problem(700, 900, 128);
  p.gate = gate;
  p.causal = causal;
  const auto inputs = test::gaussian(p, 7);
  const auto thresholds = test::skipping(inputs, 0.6);
  const auto result = run_tested(inputs, &thresholds);
  if (gate == core::GateShape{}) REQUIRE_FALSE(result.mask.empty());
  if (!result.mask.empty()) {
    CHECK(test::count(result.mask, kSkipped) > 0);
    CHECK(test::count(result.mask, kKept) > 0);
  }
  CHECK(deviation(inputs, &thresholds, result) == "");
}

TEST_CASE("an exact tie is kept", "[small]") {
  auto p = test::problem(256, 256);
  p.scale = 0.125F;
  const auto inputs = test::integers(p, 3, 2);
  const auto exact = test::gating(inputs, nullptr);
  auto thresholds = core::Thresholds::constant(1, p.gate, static_cast<float>(exact.tile_max[4]));
  const auto tied = run_tested(inputs, &thresholds);
  CHECK(tied.mask[4] == kKept);
  CHECK(static_cast<double>(tied.tile_max[4]) == exact.tile_max[4]);
  thresholds.tau[0] = std::nextafter(thresholds.tau[0], kInfinity);
  CHECK(run_tested(inputs, &thresholds).mask[4] == kSkipped);
}

TEST_CASE("thresholds of minus infinity give bit for bit what gating off gives", "[small]") {
  auto p = test::problem(500, 777, GENERATE(64, 128));
  p.heads = 2;
  const auto inputs = test::gaussian(p, 11);
  const auto keep_all = core::Thresholds::constant(2, p.gate, -kInfinity);
  const auto off = run_tested(inputs, nullptr);
  const auto kept = run_tested(inputs, &keep_all);
  CHECK(kernels::first_difference(p, {}, off, kept) == "");
  CHECK(test::count(off.mask, kKept) > 0);
  CHECK(test::count(off.mask, kSkipped) == 0);
}

TEST_CASE("a work list computes its Q blocks, bit for bit, and leaves the others alone",
          "[small]") {
  auto p = test::problem(512, 640);
  p.batch = 2;
  p.heads = 2;
  const auto inputs = test::gaussian(p, 9);
  const auto thresholds = test::skipping(inputs, 0.5);
  const std::vector<core::WorkItem> items = {{0, 0, 3}, {1, 0, 0}, {1, 1, 2}};
  const auto whole = run_tested(inputs, &thresholds);
  const auto part = run_tested(inputs, &thresholds, items);
  CHECK(kernels::first_difference(p, items, whole, part) == "");
  CHECK(part.faults.empty());
  CHECK(part.records.size() == items.size());
  const std::vector<core::WorkItem> other = {{0, 1, 0}};
  CHECK(kernels::first_difference(p, other, whole, part) != "");
}

TEST_CASE("tensors with gaps between rows and heads are read where they lie", "[small]") {
  const auto p = [] {
    auto q = test::problem(130, 200);
    q.heads = 2;
    q.kv_heads = 2;
    return q;
  }();
  const auto inputs = test::gaussian(p, 13);
  // [B, rows, H, D] with 8 elements of NaN after every row.
  const auto spread = [&](const std::vector<std::uint16_t>& from, std::int64_t rows) {
    std::vector<std::uint16_t> to(static_cast<std::size_t>(rows * 2 * (p.head_dim + 8)), 0x7E00);
    for (std::int64_t h = 0; h < 2; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        std::copy_n(from.begin() + (h * rows + r) * p.head_dim, p.head_dim,
                    to.begin() + (r * 2 + h) * (p.head_dim + 8));
      }
    }
    return to;
  };
  const auto q = spread(inputs.q, p.q_len);
  const auto k = spread(inputs.k, p.kv_len);
  const auto v = spread(inputs.v, p.kv_len);
  kernels::RunRequest request;
  request.problem = p;
  request.inputs = inputs.views();
  const auto point = [&](core::TensorView& view, const std::vector<std::uint16_t>& data) {
    view.data = data.data();
    view.stride = {0, p.head_dim + 8, 2 * (p.head_dim + 8), 1};
  };
  point(request.inputs.q, q);
  point(request.inputs.k, k);
  point(request.inputs.v, v);
  const auto strided = kernels::run(test::tested_kernel(), request, {});
  CHECK(kernels::first_difference(p, {}, run_tested(inputs, nullptr), strided) == "");
}

TEST_CASE("work records count the tiles that were seen and kept", "[small]") {
  auto p = test::problem(384, 384);
  p.heads = 2;
  const auto inputs = test::gaussian(p, 15);
  const auto thresholds = test::skipping(inputs, 0.5);
  const auto result = run_tested(inputs, &thresholds);
  REQUIRE(result.records.size() == 6);
  const auto info = test::plan_of(test::tested_kernel(), p, BSFA_INSTRUMENT_WORK);
  REQUIRE(info.max_records >= 6);
  const auto products = static_cast<std::uint64_t>(p.gate.q_block * p.gate.k_block /
                                                   (info.compute_q_block * info.compute_k_block));
  std::uint64_t seen = 0, kept = 0;
  for (const auto& record : result.records) {
    seen += record.tiles_seen;
    kept += record.tiles_kept;
    CHECK(record.end_ns >= record.start_ns);
    CHECK(test::issued_for(record.qk_products, record.tiles_seen * products));
    CHECK(test::issued_for(record.pv_products, record.tiles_kept * products));
  }
  const auto in_mask =
      static_cast<std::uint64_t>(test::count(result.mask, 2) + test::count(result.mask, 3));
  const auto outside = static_cast<std::uint64_t>(test::count(result.mask, 0));
  CHECK(seen == result.mask.size() - outside);
  CHECK(kept == in_mask);
  CHECK(kept < seen);
}
