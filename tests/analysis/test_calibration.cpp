// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "analysis/calibration.h"
#include "core/error.h"
#include "core/random.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr core::GateShape kGate{128, 64};

using core::Aggregation;
using Values = std::vector<double>;

Calibration one_cell(Aggregation aggregation, std::vector<std::int64_t> k_values = {1}) {
  return {std::move(k_values), {0}, 1, kGate, aggregation};
}

/// Block 0 of sample `name` gets τ = value for k = 1.
void add_tau(Calibration& calibration, double value, const std::string& name) {
  calibration.add(0, 0, 0, Values{value, value}, name);
  calibration.add_sample_name(name);
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](float x, float y) { return x == y && std::signbit(x) == std::signbit(y); });
}

}  // namespace

TEST_CASE("the threshold for k is the midpoint of the k-th and (k+1)-th largest") {
  const Values maxima{1.0, 5.0, 3.0, 2.0};
  const std::vector<std::int64_t> k{0, 1, 2, 3, 4, 5};
  CHECK(thresholds_for(maxima, k) == std::vector<float>{kInf, 4.0F, 2.5F, 1.5F, -kInf, -kInf});
}

TEST_CASE("k values may come in any order, and equal maxima give that value") {
  CHECK(thresholds_for(Values{2.0, 7.0, 7.0, 7.0}, std::vector<std::int64_t>{3, 1, 2}) ==
        std::vector<float>{4.5F, 7.0F, 7.0F});
}

TEST_CASE("a Q block without off-diagonal tiles keeps all, for k = 0 nothing") {
  CHECK(thresholds_for({}, std::vector<std::int64_t>{0, 1}) == std::vector<float>{kInf, -kInf});
}

TEST_CASE("maxima that are no finite fp32 number are refused by sample and place") {
  const double bad = GENERATE(as<double>{}, kNan, HUGE_VAL, -HUGE_VAL, 1e39);
  Calibration c({4}, {7}, 3, kGate, Aggregation::kMean);
  CHECK_THROWS_AS(c.add(0, 2, 5, Values{1.0, bad}, "book"), core::InvalidProblem);
  CHECK_THROWS_WITH(c.add(0, 2, 5, Values{1.0, bad}, "book"),
                    Catch::StartsWith("sample book, layer 7, head 2, block 5: a tile_max is"));
  CHECK(c.blocks() == 0);
}

TEST_CASE("a mean is the mean, a median the middle, of an even number the midpoint") {
  Calibration mean = one_cell(Aggregation::kMean);
  Calibration median = one_cell(Aggregation::kMedian);
  int sample = 0;
  for (const double tau : {1.0, 9.0, 2.0}) {
    add_tau(mean, tau, std::to_string(sample));
    add_tau(median, tau, std::to_string(sample++));
  }
  CHECK(mean.finish().values == std::vector<float>{4.0F});
  CHECK(median.finish().values == std::vector<float>{2.0F});
  add_tau(median, 4.0, "last");
  CHECK(median.finish().values == std::vector<float>{3.0F});
}

TEST_CASE("a sample that keeps all makes the mean keep all; k = 0 skips all in both") {
  const auto aggregation = GENERATE(Aggregation::kMean, Aggregation::kMedian);
  Calibration c = one_cell(aggregation, {0, 1, 2});
  c.add(0, 0, 0, Values{2.0, 4.0}, "a");  // k = 2: -inf
  c.add(0, 0, 0, Values{1.0, 1.0, 5.0}, "b");
  CHECK(c.finish().values == std::vector<float>{kInf, 3.0F, -kInf});
}

TEST_CASE("blocks that no sample reached take the block before, and -inf before the first") {
  Calibration c({1}, {3, 9}, 1, kGate, Aggregation::kMean);
  c.add(0, 0, 1, Values{6.0, 4.0}, "a");
  c.add(0, 0, 3, Values{8.0, 8.0}, "a");
  c.add(1, 0, 0, Values{2.0, 2.0}, "a");
  const core::ThresholdTable table = c.finish();
  CHECK(table.blocks == 4);
  CHECK(table.values == std::vector<float>{-kInf, 5.0F, 5.0F, 8.0F, 2.0F, 2.0F, 2.0F, 2.0F});
  CHECK(table.layers == std::vector<std::int64_t>{3, 9});
  CHECK(table.values[table.index(0, 1, 0, 3)] == 2.0F);
}

TEST_CASE("a head that no sample reached is refused by name, as is an empty calibration") {
  Calibration c({1}, {3}, 2, kGate, Aggregation::kMean);
  CHECK_THROWS_WITH(c.finish(), Catch::Contains("no full Q block"));
  c.add(0, 0, 0, Values{1.0}, "a");
  CHECK_THROWS_WITH(c.finish(), "no full Q block calibrates layer 3, head 1");
}

TEST_CASE("partial calibrations merged in any order equal a single run, bit for bit") {
  const auto aggregation = GENERATE(Aggregation::kMean, Aggregation::kMedian);
  const auto seed = GENERATE(range(1U, 6U));
  CAPTURE(seed);
  constexpr int kSamples = 7;
  const auto empty = [&] { return Calibration({0, 1, 3}, {0, 5}, 2, kGate, aggregation); };
  Calibration whole = empty();
  std::vector<Calibration> parts(3, empty());
  for (int sample = 0; sample < kSamples; ++sample) {
    // Magnitudes from 2^-20 to 2^20, where plain sums of doubles would depend on their order.
    core::SplitMix64 random(seed * 100 + static_cast<std::uint64_t>(sample));
    const std::string name = "sample " + std::to_string(sample);
    for (Calibration* c : {&whole, &parts[static_cast<std::size_t>(sample) % 3]}) {
      core::SplitMix64 same = random;
      for (std::int64_t block = 0; block < 2 + sample % 3; ++block) {
        for (std::int64_t head = 0; head < 2; ++head) {
          Values maxima;
          for (std::int64_t n = 0; n < 2 * block; ++n) {
            maxima.push_back((same.uniform() - 0.5) *
                             std::exp2(static_cast<double>(same.below(41)) - 20.0));
          }
          for (std::size_t layer = 0; layer < 2; ++layer) c->add(layer, head, block, maxima, name);
        }
      }
      c->add_sample_name(name);
    }
  }
  const core::ThresholdTable expected = whole.finish();
  std::vector<std::size_t> order{0, 1, 2};
  do {
    Calibration merged = empty();
    for (const std::size_t part : order) merged.merge(parts[part]);
    const core::ThresholdTable table = merged.finish();
    CHECK(same_bits(table.values, expected.values));
    CHECK(table.samples == expected.samples);
    CHECK(table.blocks == expected.blocks);
  } while (std::next_permutation(order.begin(), order.end()));
  REQUIRE(expected.samples.size() == kSamples);
}

TEST_CASE("a sum survives what would cancel in doubles") {
  Calibration a = one_cell(Aggregation::kMean);
  Calibration b = one_cell(Aggregation::kMean);
  add_tau(a, 0x1p60, "1");
  add_tau(a, 3.0, "2");
  add_tau(b, -0x1p60, "3");
  add_tau(b, 0x1p-9, "4");
  const float expected = (3.0F + 0x1p-9F) / 4.0F;
  Calibration ab = a;
  ab.merge(b);
  CHECK(ab.finish().values.front() == expected);
  b.merge(a);
  CHECK(b.finish().values.front() == expected);
}

TEST_CASE("partial calibrations that do not belong together are refused") {
  const Calibration base({1, 2}, {0}, 2, kGate, Aggregation::kMean);
  Calibration c = base;
  CHECK_THROWS_WITH(c.merge({{1, 3}, {0}, 2, kGate, Aggregation::kMean}),
                    Catch::Contains("k values"));
  CHECK_THROWS_WITH(c.merge({{1, 2}, {1}, 2, kGate, Aggregation::kMean}),
                    Catch::Contains("layers"));
  CHECK_THROWS_WITH(c.merge({{1, 2}, {0}, 3, kGate, Aggregation::kMean}), Catch::Contains("heads"));
  CHECK_THROWS_WITH(c.merge({{1, 2}, {0}, 2, {64, 64}, Aggregation::kMean}),
                    Catch::Contains("block sizes"));
  CHECK_THROWS_WITH(c.merge({{1, 2}, {0}, 2, kGate, Aggregation::kMedian}),
                    Catch::Contains("aggregation"));
  c.add_sample_name("book");
  Calibration other = base;
  other.add_sample_name("book");
  CHECK_THROWS_WITH(c.merge(other), Catch::Contains("sample book is in both"));
  CHECK_THROWS_WITH(c.add_sample_name("book"), Catch::Contains("twice"));
  CHECK(c.samples().size() == 1);
}

TEST_CASE("a calibration of nothing sensible is refused") {
  const auto make = [](std::vector<std::int64_t> k, std::vector<std::int64_t> layers,
                       std::int64_t heads) {
    return Calibration(std::move(k), std::move(layers), heads, kGate, Aggregation::kMean);
  };
  CHECK_THROWS_AS(make({}, {0}, 1), core::InvalidProblem);
  CHECK_THROWS_AS(make({1}, {}, 1), core::InvalidProblem);
  CHECK_THROWS_AS(make({1}, {0}, 0), core::InvalidProblem);
  CHECK_THROWS_AS(make({2, 1, 2}, {0}, 1), core::InvalidProblem);
  CHECK_THROWS_AS(make({-1}, {0}, 1), core::InvalidProblem);
  CHECK_THROWS_AS(make({1}, {4, 4}, 1), core::InvalidProblem);
}

TEST_CASE("a block is calibrated by its position from its off-diagonal tiles, a short one not") {
  core::Problem problem;
  problem.kv_len = 14;
  problem.q_len = 10;  // positions 4 .. 13: Q blocks at 4, 8 and, short, 12
  problem.gate = {4, 2};
  core::BlockStatistics block;
  block.item = {0, 0, 1};
  block.rows = 4;
  block.tile_max = {1.0, 7.0, 3.0, 5.0, 99.0, 99.0, kNan};
  Calibration c({1}, {0}, 1, problem.gate, Aggregation::kMean);
  CHECK(calibrate(c, 0, problem, block, "a"));
  CHECK(c.blocks() == 3);
  CHECK(c.cell(0, 0, 0, 1).count == 0);
  CHECK(c.cell(0, 0, 0, 2).count == 1);
  CHECK(c.cell(0, 0, 0, 2).sum == 6.0);
  CHECK(c.cell(0, 0, 0, 77).count == 0);
  block.item.q_block = 2;
  block.rows = 2;
  CHECK_FALSE(calibrate(c, 0, problem, block, "a"));
  CHECK(c.blocks() == 3);
}

}  // namespace bsfa::analysis
