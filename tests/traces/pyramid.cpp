// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/traces/support.h"
#include "traces/reader.h"

namespace bsfa::traces::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint64_t kSeed = 77;

Sequence scores(std::int64_t heads, std::int64_t rows, std::int64_t columns) {
  Sequence s;
  s.problem = problem_of(heads, rows, columns);
  s.problem.q_len = std::min(s.problem.q_len, s.problem.kv_len);
  s.shape = {heads, (s.problem.q_len + 127) / 128, columns};
  for (std::int64_t m = 0; m < s.shape.rows; ++m) s.q_blocks.push_back(m);
  core::SplitMix64 random(kSeed);
  auto& tiles = s.tile_max.emplace();
  auto& codes = s.mask_kernel.emplace();
  for (std::int64_t i = 0; i < s.shape.tiles(); ++i) {
    tiles.push_back(static_cast<float>(random.uniform()) - 0.5F);
    codes.push_back(static_cast<std::uint8_t>(random.below(4)));
  }
  return s;
}

/// The largest of all tiles that a pooled value stands for, by definition rather than level by
/// level; NaN if any of them is one, or if no row of them was checked.
float largest_under(const Sequence& s, std::int64_t head, std::int64_t row, std::int64_t column,
                    std::int64_t side) {
  float best = kNan;
  bool any = false;
  for (std::int64_t r = row * side; r < std::min((row + 1) * side, s.shape.rows); ++r) {
    const auto line = static_cast<std::size_t>(head * s.shape.rows + r);
    if (s.held && (*s.held)[line] == 0) continue;
    for (std::int64_t c = column * side; c < std::min((column + 1) * side, s.shape.k_blocks); ++c) {
      const float value = (*s.tile_max)[line * static_cast<std::size_t>(s.shape.k_blocks) +
                                        static_cast<std::size_t>(c)];
      if (std::isnan(value)) return kNan;
      best = any ? std::max(best, value) : value;
      any = true;
    }
  }
  return best;
}

bool same_value(float a, float b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

TEST_CASE("each pooled value is the largest of its tiles, and a NaN is never hidden") {
  CAPTURE(kSeed);
  const Folder folder;
  Sequence s = scores(2, 270, 1030);
  s.tile_max->at(5) = kNan;
  s.tile_max->at(s.tile_max->size() - 1) = kNan;
  write_trace(folder / "t.h5", s);
  const TraceReader reader(folder / "t.h5");
  REQUIRE(reader.levels(0, 0) == 3);  // 1030 columns are 515, 258, 129
  std::int64_t nans = 0;
  for (int l = 1; l <= 3; ++l) {
    for (std::int64_t h = 0; h < 2; ++h) {
      const auto level = reader.level(0, 0, TileField::kTileMax, h, l);
      REQUIRE(level.has_value());
      const std::int64_t side = std::int64_t{1} << l;
      CHECK(level->rows == (s.shape.rows + side - 1) / side);
      CHECK(level->columns == (s.shape.k_blocks + side - 1) / side);
      std::int64_t wrong = 0;
      for (std::int64_t i = 0; i < level->rows * level->columns; ++i) {
        const float value = level->values[static_cast<std::size_t>(i)];
        nans += std::isnan(value) ? 1 : 0;
        const float expected = largest_under(s, h, i / level->columns, i % level->columns, side);
        wrong += same_value(value, expected) ? 0 : 1;
      }
      CHECK(wrong == 0);
    }
  }
  CHECK(nans == 6);  // two NaN tiles, on each of three levels
}

TEST_CASE("rows that were not checked hide nothing that was") {
  CAPTURE(kSeed);
  const Folder folder;
  Sequence s = scores(2, 300, 600);
  auto& held = s.held.emplace(static_cast<std::size_t>(2 * s.shape.rows), std::uint8_t{1});
  for (std::size_t line = 0; line < held.size(); ++line) {
    if (line % 3 == 0) continue;
    held[line] = 0;
    const auto first = line * static_cast<std::size_t>(s.shape.k_blocks);
    for (std::size_t c = 0; c < static_cast<std::size_t>(s.shape.k_blocks); ++c) {
      (*s.tile_max)[first + c] = kNan;
      (*s.mask_kernel)[first + c] = 255;
    }
  }
  write_trace(folder / "t.h5", s);
  const TraceReader reader(folder / "t.h5");
  const auto level = reader.level(0, 0, TileField::kTileMax, 1, 1);
  const auto codes = reader.level(0, 0, MaskField::kKernel, 1, 1);
  REQUIRE(level.has_value());
  REQUIRE(codes.has_value());
  std::int64_t wrong = 0, unchecked = 0;
  for (std::int64_t i = 0; i < level->rows * level->columns; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const float expected = largest_under(s, 1, i / level->columns, i % level->columns, 2);
    wrong += same_value(level->values[at], expected) ? 0 : 1;
    wrong += (codes->codes[at] == 255) == std::isnan(expected) ? 0 : 1;
    unchecked += std::isnan(expected) ? 1 : 0;
  }
  CHECK(wrong == 0);
  CHECK(unchecked > 0);
  CHECK(unchecked < level->rows * level->columns);
}

TEST_CASE("level 0 is the data, and a mask is pooled by its largest code") {
  CAPTURE(kSeed);
  const Folder folder;
  const Sequence s = scores(2, 4, 301);
  write_trace(folder / "t.h5", s);
  const TraceReader reader(folder / "t.h5");
  REQUIRE(reader.levels(0, 0) == 1);
  CHECK(reader.level(0, 0, TileField::kTileMax, 1, 0)->values ==
        *reader.head(0, 0, TileField::kTileMax, 1));
  const auto codes = reader.level(0, 0, MaskField::kKernel, 0, 1);
  REQUIRE(codes->columns == 151);
  const auto at = [&](std::size_t r, std::size_t c) { return s.mask_kernel->at(r * 301 + c); };
  CHECK(codes->codes.at(0) == std::max({at(0, 0), at(0, 1), at(1, 0), at(1, 1)}));
  CHECK(codes->codes.at(151 + 150) == std::max(at(2, 300), at(3, 300)));
}

TEST_CASE("an array of at most 256 by 256 tiles has no levels") {
  const Folder folder;
  write_trace(folder / "t.h5", scores(1, 128, 256));
  CHECK(TraceReader(folder / "t.h5").levels(0, 0) == 0);
}

}  // namespace
}  // namespace bsfa::traces::test
