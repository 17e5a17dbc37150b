// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/compare.h"

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "core/tile_geometry.h"
#include "tests/support/half_bits.h"

namespace bsfa::core {

std::ostream& operator<<(std::ostream& out, const Problem& p) {
  return out << "B" << p.batch << " H" << p.heads << "/" << p.kv_heads << " M" << p.q_len << " N"
             << p.kv_len << " D" << p.head_dim << " " << name_of(p.dtype)
             << (p.causal ? " causal " : " full ") << p.gate.q_block << "x" << p.gate.k_block
             << " scale " << p.scale;
}

}  // namespace bsfa::core

namespace bsfa::test {
namespace {

double largest_finite(const std::vector<std::uint16_t>& values, core::Dtype dtype) {
  double largest = 0.0;
  for (const std::uint16_t bits : values) {
    const double magnitude = std::abs(half_value(bits, dtype));
    if (std::isfinite(magnitude)) largest = std::max(largest, magnitude);
  }
  return largest;
}

/// -1, or the first index at which two values are neither equal, nor both NaN, nor closer than the
/// tolerance. An infinity differs from every finite value.
template <typename T>
std::ptrdiff_t first_difference(const std::vector<T>& a, const std::vector<T>& b,
                                double tolerance) {
  if (a.size() != b.size()) return 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool both_nan = std::isnan(a[i]) && std::isnan(b[i]);
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    const bool close = std::isfinite(difference) && difference <= tolerance;
    if (!both_nan && !close && !(a[i] == b[i])) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

constexpr double kFloatRounding = 0x1p-23;  // masses are stored as floats of at most 1

}  // namespace

std::vector<core::TileCode> random_mask(const core::Problem& problem, const core::WorkItem& item,
                                        core::SplitMix64& random) {
  const core::TileGeometry geometry(problem);
  const double share = random.uniform();
  std::vector<core::TileCode> mask;
  for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
    const core::TilePlace place = geometry.place(item.q_block, n);
    const bool kept = random.uniform() < share;
    mask.push_back(place == core::TilePlace::kOutside    ? core::TileCode::kOutside
                   : place == core::TilePlace::kDiagonal ? core::TileCode::kDiagonal
                   : kept                                ? core::TileCode::kKept
                                                         : core::TileCode::kSkipped);
  }
  return mask;
}

double score_tolerance(const Inputs& inputs) {
  const core::Problem& p = inputs.problem;
  const auto width = static_cast<double>(p.head_dim);
  return width * 0x1p-52 * static_cast<double>(p.scale) * width *
         largest_finite(inputs.q, p.dtype) * largest_finite(inputs.k, p.dtype);
}

double output_tolerance(const Inputs& inputs) {
  const double weights =
      2.0 * score_tolerance(inputs) + static_cast<double>(inputs.problem.kv_len + 64) * 0x1p-52;
  return weights * largest_finite(inputs.v, inputs.problem.dtype);
}

void require_same_statistics(const Inputs& inputs, const core::BlockStatistics& actual,
                             const core::BlockStatistics& expected) {
  const double score = score_tolerance(inputs);
  REQUIRE(actual.item == expected.item);
  REQUIRE(actual.rows == expected.rows);
  REQUIRE(first_difference(actual.tile_max, expected.tile_max, score) == -1);
  REQUIRE(actual.must_keep == expected.must_keep);
  const double lse = score + static_cast<double>(inputs.problem.kv_len + 64) * 0x1p-52 + score;
  REQUIRE(first_difference(actual.dense_lse, expected.dense_lse, lse) == -1);
  REQUIRE(first_difference(actual.tile_mass, expected.tile_mass, 2.0 * lse + kFloatRounding) == -1);
  REQUIRE(first_difference(actual.tile_mass_max, expected.tile_mass_max,
                           2.0 * lse + kFloatRounding) == -1);
}

void require_same_output(const Inputs& inputs, const core::BlockOutput& actual,
                         const core::BlockOutput& expected) {
  REQUIRE(actual.mask == expected.mask);
  REQUIRE(actual.exempt_channel == expected.exempt_channel);
  const double lse =
      2.0 * score_tolerance(inputs) + static_cast<double>(inputs.problem.kv_len + 64) * 0x1p-52;
  REQUIRE(first_difference(actual.lse, expected.lse, lse) == -1);
  std::vector<double> a = actual.o;
  std::vector<double> b = expected.o;
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (actual.exempt_channel[i % actual.exempt_channel.size()] != 0) a[i] = b[i] = 0.0;
  }
  REQUIRE(first_difference(a, b, output_tolerance(inputs)) == -1);
}

}  // namespace bsfa::test
