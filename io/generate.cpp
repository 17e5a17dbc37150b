// SPDX-License-Identifier: Apache-2.0
#include "io/generate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include "core/error.h"
#include "io/gaussian.h"
#include "io/generate_kinds.h"
#include "io/half.h"

namespace bsfa::io {
namespace {

struct Kind {
  GeneratorInfo info;
  ShapeSlab shape;
};

constexpr std::array<Kind, 15> kKinds{{
    {{"gaussian", "independent standard normal values: diffuse attention"}, shape_gaussian},
    {{"structured",
      "sinks, a local window with decay, heavy hitters and topics; heads differ from local to "
      "diffuse"},
     shape_structured},
    {{"needle", "one key per head that every later query must find among noise"}, shape_needle},
    {{"integers",
      "-1, 0 and 1, scale a power of two: scores are exact in fp32 and ties are frequent"},
     shape_integers},
    {{"nan-q", "gaussian with one NaN in Q of every head"}, shape_nan_q},
    {{"nan-k", "gaussian with one NaN in K of every head"}, shape_nan_k},
    {{"nan-v", "gaussian with one NaN in V of every head"}, shape_nan_v},
    {{"inf-q", "gaussian with one +inf in Q of every head"}, shape_inf_q},
    {{"inf-k", "gaussian with one +inf in K of every head"}, shape_inf_k},
    {{"inf-v", "gaussian with one +inf in V of every head"}, shape_inf_v},
    {{"negative-inf-k", "whole keys whose scores are all -inf, the first ones among them"},
     shape_negative_inf_k},
    {{"all-equal", "every score is the same number"}, shape_all_equal},
    {{"one-hot-row", "one query row per head is 64 times larger than the others"},
     shape_one_hot_row},
    {{"near-overflow", "scores of both signs up to the largest fp16 number"}, shape_near_overflow},
    {{"all-negative", "every score is negative, so that zero padding would be the maximum"},
     shape_all_negative},
}};

const Kind& kind_named(std::string_view name) {
  std::string names;
  for (const Kind& kind : kKinds) {
    if (kind.info.name == name) return kind;
    names += (names.empty() ? "" : ", ") + std::string(kind.info.name);
  }
  throw core::UsageError("no generator '" + std::string(name) + "'; there are " + names);
}

/// Calls visit(0) .. visit(count - 1), in any order, on all cores.
void for_each_index(std::size_t count, const std::function<void(std::size_t)>& visit) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) visit(i);
  };
  const std::size_t workers =
      std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < workers; ++i) threads.emplace_back(work);
  work();
}

/// One tensor, slab by slab; each slab's values depend on its place alone, never on the threads.
std::vector<std::uint16_t> make(const Kind& kind, const core::Problem& problem, Operand operand,
                                std::uint64_t seed) {
  constexpr std::int64_t kSlabRows = 64;
  const std::int64_t heads = operand == Operand::kQ ? problem.heads : problem.kv_heads;
  const std::int64_t length = operand == Operand::kQ ? problem.q_len : problem.kv_len;
  const std::int64_t slabs = (length + kSlabRows - 1) / kSlabRows;
  const auto dim = static_cast<std::size_t>(problem.head_dim);
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(problem.batch * heads * length) * dim);

  for_each_index(static_cast<std::size_t>(problem.batch * heads * slabs), [&](std::size_t index) {
    const auto i = static_cast<std::int64_t>(index);
    const std::int64_t first = i % slabs * kSlabRows;
    const std::int64_t rows = std::min(kSlabRows, length - first);
    std::array<float, kSlabRows * 128> buffer;
    const std::span<float> values(buffer.data(), static_cast<std::size_t>(rows) * dim);
    fill_gaussian(values, derive_seed(seed, {static_cast<std::uint64_t>(operand), index}));
    kind.shape({problem, seed, operand, i / slabs / heads, i / slabs % heads, first, rows, values});
    const auto at = static_cast<std::size_t>(i / slabs * length + first) * dim;
    to_half_bits(values, std::span(bits).subspan(at, values.size()), problem.dtype);
  });
  return bits;
}

}  // namespace

core::AttentionInputs GeneratedAttention::inputs() const {
  const core::Problem& p = problem;
  const auto view = [&](const std::vector<std::uint16_t>& bits, std::int64_t heads,
                        std::int64_t length) {
    return core::TensorView::contiguous(bits.data(), p.dtype, {p.batch, heads, length, p.head_dim});
  };
  return {view(q, p.heads, p.q_len), view(k, p.kv_heads, p.kv_len), view(v, p.kv_heads, p.kv_len)};
}

const std::vector<GeneratorInfo>& generators() {
  static const std::vector<GeneratorInfo> kInfos = [] {
    std::vector<GeneratorInfo> infos;
    infos.reserve(std::size(kKinds));
    for (const Kind& kind : kKinds) infos.push_back(kind.info);
    return infos;
  }();
  return kInfos;
}

GeneratedAttention generate(std::string_view kind_name, const core::Problem& wanted,
                            std::uint64_t seed) {
  const Kind& kind = kind_named(kind_name);
  GeneratedAttention result;
  result.problem = wanted;
  // 1/8 is the power of two at 1/sqrt(64) and the nearest above 1/sqrt(128).
  if (kind.shape == shape_integers && wanted.scale == 0.0F) result.problem.scale = 0.125F;
  result.problem = core::with_default_scale(result.problem);
  core::validate(result.problem);
  result.q = make(kind, result.problem, Operand::kQ, seed);
  result.k = make(kind, result.problem, Operand::kK, seed);
  result.v = make(kind, result.problem, Operand::kV, seed);
  return result;
}

}  // namespace bsfa::io
