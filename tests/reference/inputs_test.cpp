// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "core/work.h"
#include "tests/reference/compare.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

core::Problem small_problem() {
  core::Problem p;
  p.batch = 2;
  p.heads = 4;
  p.kv_heads = 2;
  p.q_len = 150;
  p.kv_len = 200;
  p.head_dim = 64;
  return p;
}

/// The same tensor laid out [B, length, heads, D] with `padding` elements after each row.
struct Transposed {
  Transposed(const core::TensorView& from, std::int64_t padding) : view(from) {
    const auto [batch, heads, length, width] = from.shape;
    const std::int64_t row = width + padding;
    data.assign(static_cast<std::size_t>(batch * heads * length * row), 0x7E00);  // NaN
    view.stride = {length * heads * row, row, heads * row, 1};
    view.data = data.data();
    for (std::int64_t b = 0; b < batch; ++b) {
      for (std::int64_t h = 0; h < heads; ++h) {
        for (std::int64_t r = 0; r < length; ++r) {
          std::copy_n(from.row<std::uint16_t>(b, h, r), width,
                      data.begin() + b * view.stride[0] + h * view.stride[1] + r * view.stride[2]);
        }
      }
    }
  }
  std::vector<std::uint16_t> data;
  core::TensorView view;
};

}  // namespace

TEST_CASE("strides do not change a bit of the result") {
  const Inputs inputs = gaussian(small_problem(), 8);
  const core::AttentionInputs views = inputs.views();
  const Transposed q(views.q, 0);
  const Transposed k(views.k, 24);
  const Transposed v(views.v, 3);
  const reference::Attention contiguous(inputs.problem, views);
  const reference::Attention strided(inputs.problem, {q.view, k.view, v.view});
  for (const core::WorkItem& item : core::all_work_items(inputs.problem)) {
    const auto mask = reference::gate(inputs.problem, contiguous.statistics(item, false), nullptr);
    const auto a = contiguous.evaluate(item, {&mask, 1}, true);
    const auto b = strided.evaluate(item, {&mask, 1}, true);
    REQUIRE(a.statistics.tile_max == b.statistics.tile_max);
    REQUIRE(a.statistics.tile_mass == b.statistics.tile_mass);
    REQUIRE(a.dense.o == b.dense.o);
    REQUIRE(a.masked[0].low == b.masked[0].low);
  }
}

TEST_CASE("a scale of zero stands for one over the root of D") {
  Inputs inputs = gaussian(small_problem(), 8);
  inputs.problem.scale = 0.0F;
  REQUIRE(reference::Attention(inputs.problem, inputs.views()).problem().scale == 0.125F);
}

TEST_CASE("problems and tensors that do not fit are refused in one line") {
  const Inputs inputs = gaussian(small_problem(), 8);
  const auto refusal = [](const core::Problem& p, const core::AttentionInputs& views) {
    try {
      reference::Attention(p, views);
    } catch (const core::InvalidProblem& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  core::Problem odd = inputs.problem;
  odd.head_dim = 80;
  REQUIRE_THAT(refusal(odd, inputs.views()), Catch::Contains("80"));

  core::AttentionInputs views = inputs.views();
  views.k.data = nullptr;
  REQUIRE(refusal(inputs.problem, views) == "tensor k is missing");
  views = inputs.views();
  views.v.dtype = core::Dtype::kBfloat16;
  REQUIRE(refusal(inputs.problem, views) == "tensor v is bf16, the problem is fp16");
  views = inputs.views();
  views.q.shape[2] += 1;
  REQUIRE(refusal(inputs.problem, views) ==
          "tensor q is [2, 4, 151, 64], the problem needs [2, 4, 150, 64]");
  views = inputs.views();
  views.q.stride[3] = 2;
  REQUIRE(refusal(inputs.problem, views) == "tensor q is not contiguous in its last dimension");
}

TEST_CASE("a work item or a mask that is not the problem's is refused") {
  const Inputs inputs = gaussian(small_problem(), 8);
  const reference::Attention attention(inputs.problem, inputs.views());
  const core::WorkItem wrong[] = {{2, 0, 0}, {0, 4, 0}, {0, 0, 2}, {0, 0, -1}, {-1, 0, 0}};
  for (const auto& item : wrong) {
    REQUIRE_THROWS_AS(attention.statistics(item), core::InvalidProblem);
    REQUIRE_THROWS_AS(attention.evaluate(item, {}, false), core::InvalidProblem);
  }
  const std::vector<core::TileCode> short_mask(3, core::TileCode::kKept);
  REQUIRE_THROWS_WITH(attention.evaluate({0, 0, 0}, {&short_mask, 1}, false),
                      "a mask has 3 tiles, not 4");
}

TEST_CASE("tiles outside stay out whatever a mask says about them") {
  core::Problem square = small_problem();
  square.q_len = square.kv_len;
  const Inputs wide = gaussian(square, 9);
  const reference::Attention causal(wide.problem, wide.views());
  const std::vector<core::TileCode> everything(4, core::TileCode::kKept);
  const auto e = causal.evaluate({1, 3, 0}, {&everything, 1}, true);
  REQUIRE(e.masked[0].mask[2] == core::TileCode::kOutside);
  REQUIRE(e.masked[0].mask[3] == core::TileCode::kOutside);
  REQUIRE(e.masked[0].o == e.dense.o);
}
