// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>

#include "analysis/calibration_state.h"
#include "core/error.h"
#include "core/random.h"

namespace bsfa::analysis {
namespace {

using core::Aggregation;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Calibration filled(Aggregation aggregation) {
  Calibration c({0, 1, 3}, {2, 7}, 2, {64, 64}, aggregation);
  core::SplitMix64 random(11);
  for (const char* sample : {"a", "b"}) {
    for (std::int64_t block = 1; block < 4; ++block) {
      std::vector<double> maxima;
      for (std::int64_t n = 0; n < block; ++n) maxima.push_back(random.uniform() * 1e3);
      for (std::size_t layer = 0; layer < 2; ++layer) {
        for (std::int64_t head = 0; head < 2; ++head) c.add(layer, head, block, maxima, sample);
      }
    }
    c.add_sample_name(sample);
  }
  return c;
}

}  // namespace

TEST_CASE("a calibration survives flattening and restoring, and merges as before") {
  const auto aggregation = GENERATE(Aggregation::kMean, Aggregation::kMedian);
  const Calibration original = filled(aggregation);
  const CalibrationState state = flatten(original);
  CHECK(state.blocks == 4);
  CHECK(state.counts.size() == 4 * 3 * 2 * 2);
  CHECK(state.counts[0] == 0);
  CHECK(state.counts.back() == 2);
  const Calibration restored = restore(state);
  CHECK(flatten(restored) == state);
  CHECK(restored.finish().values == original.finish().values);
  CHECK(restored.samples() == original.samples());

  Calibration other({0, 1, 3}, {2, 7}, 2, {64, 64}, aggregation);
  other.add(0, 0, 1, std::vector<double>{5.0, 4.0}, "c");
  other.add_sample_name("c");
  Calibration merged = restored, expected = original;
  merged.merge(restore(flatten(other)));
  expected.merge(other);
  CHECK(merged.finish().values == expected.finish().values);
  CHECK_THROWS_WITH(merged.merge(restored), Catch::Contains("sample a is in both"));
}

TEST_CASE("an untouched calibration survives too") {
  const Calibration empty({1}, {0}, 3, {128, 64},
                          GENERATE(Aggregation::kMean, Aggregation::kMedian));
  CHECK(restore(flatten(empty)).blocks() == 0);
}

TEST_CASE("a partial mean that no calibration wrote is refused") {
  CalibrationState state = flatten(filled(Aggregation::kMean));
  const std::size_t last = state.counts.size() - 1;  // k = 3
  SECTION("counts that do not match the sizes") {
    state.counts.pop_back();
  }
  SECTION("other blocks") {
    state.blocks = 5;
  }
  SECTION("no blocks, and yet counts") {
    state.blocks = 0;
  }
  SECTION("negative blocks") {
    state.blocks = -4;
  }
  SECTION("blocks that overflow") {
    state.blocks = std::int64_t{1} << 62;
  }
  SECTION("no sums") {
    state.sums.clear();
  }
  SECTION("no rests") {
    state.rests.pop_back();
  }
  SECTION("values of a median") {
    state.values.push_back(1.0F);
  }
  SECTION("a negative count") {
    state.counts[last] = -1;
  }
  SECTION("counts that differ between k") {
    state.counts[last] = 3;
  }
  SECTION("a NaN sum") {
    state.sums[last] = kNan;
  }
  SECTION("a rest that is not finite") {
    state.rests[last] = HUGE_VAL;
  }
  SECTION("+inf for another k than 0") {
    state.sums[last] = HUGE_VAL;
  }
  SECTION("a number for k = 0") {
    state.sums[12] = 1.0;
  }
  SECTION("a sum without samples") {
    state.sums[0] = 1.0;
  }
  SECTION("the same sample twice") {
    state.samples = {"a", "a"};
  }
  SECTION("no k") {
    state.k_values.clear();
  }
  SECTION("no heads") {
    state.heads = 0;
  }
  CHECK_THROWS_AS(restore(state), core::InvalidProblem);
}

TEST_CASE("a partial median that no calibration wrote is refused") {
  CalibrationState state = flatten(filled(Aggregation::kMedian));
  SECTION("a value too few") {
    state.values.pop_back();
  }
  SECTION("a value too many") {
    state.values.push_back(1.0F);
  }
  SECTION("NaN") {
    state.values.back() = std::nanf("");
  }
  SECTION("a number for k = 0") {
    state.values.front() = 1.0F;
  }
  SECTION("sums of a mean") {
    state.sums.assign(state.counts.size(), 0.0);
  }
  SECTION("a count beyond all values") {
    for (std::int64_t& count : state.counts) count = std::int64_t{1} << 62;
  }
  CHECK_THROWS_AS(restore(state), core::InvalidProblem);
}

}  // namespace bsfa::analysis
