// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include <catch2/catch.hpp>

#include "analysis/bound.h"
#include "analysis/cost_model.h"
#include "tests/analysis/work_fixture.h"

namespace bsfa::analysis {
namespace {

core::WorkRecord item(std::uint64_t seen, std::uint64_t kept, double time_ns) {
  core::WorkRecord r;
  r.tiles_seen = seen;
  r.tiles_kept = kept;
  r.start_ns = 1000;
  r.end_ns = 1000 + static_cast<std::uint64_t>(std::llround(time_ns));
  return r;
}

/// Uniform within half a width of 0.
double noise(core::SplitMix64& random, double width) {
  return width * (random.uniform() - 0.5);
}

}  // namespace

TEST_CASE("planted costs are found exactly where nothing disturbs them") {
  std::vector<core::WorkRecord> items;
  for (std::uint64_t seen = 2; seen <= 200; seen += 2) {
    const std::uint64_t kept = 2 + (seen * 7) % 13 % seen;
    items.push_back(item(seen, kept, 1500.0 + 320.0 * double(seen) + 210.0 * double(kept)));
  }
  const CostModel model = fit_cost_model(items);
  CHECK(model.items == 100);
  CHECK(model.per_item_ns->value == Approx(1500.0).epsilon(1e-9));
  CHECK(model.per_seen_ns->value == Approx(320.0).epsilon(1e-9));
  CHECK(model.per_kept_ns->value == Approx(210.0).epsilon(1e-9));
  CHECK(*model.r_squared == Approx(1.0));
  CHECK(model.outliers.empty());
  CHECK(model.undetermined.empty());
  CHECK_FALSE(model.together_ns.has_value());
  CHECK(*model.predict(2.0, 100.0, 10.0) == Approx(3000.0 + 32000.0 + 2100.0));
}

TEST_CASE("planted costs lie within their standard errors about as often as they should") {
  std::array<int, 3> outside{};
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    core::SplitMix64 random(seed);
    std::vector<core::WorkRecord> items;
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t seen = 2 + random.below(200), kept = random.below(seen + 1);
      items.push_back(
          item(seen, kept,
               9000.0 + 300.0 * double(seen) + 200.0 * double(kept) + noise(random, 4000.0)));
    }
    const CostModel model = fit_cost_model(items);
    const auto off = [](const std::optional<Coefficient>& c, double truth) {
      return std::abs(c->value - truth) > 2.0 * *c->standard_error;
    };
    outside[0] += off(model.per_item_ns, 9000.0);
    outside[1] += off(model.per_seen_ns, 300.0);
    outside[2] += off(model.per_kept_ns, 200.0);
  }
  // Two standard errors leave 4.6 % of 200 outside: 9, give or take 3.
  for (const int count : outside) {
    CHECK(count >= 1);
    CHECK(count <= 19);
  }
}

TEST_CASE("standard errors are those of the normal equations") {
  // Orthogonal columns of mean 11 and 3, residuals of 100 that neither explains: s² = 4 · 100² / 1.
  const std::vector items{item(10, 2, 5100), item(10, 4, 5100), item(12, 2, 5500),
                          item(12, 4, 5900)};
  const CostModel model = fit_cost_model(items);
  CHECK(model.per_item_ns->value == Approx(5400.0 - 11.0 * 300.0 - 3.0 * 100.0));
  CHECK(*model.per_item_ns->standard_error ==
        Approx(200.0 * std::sqrt(1.0 / 4.0 + 121.0 / 4.0 + 9.0 / 4.0)));
  CHECK(*model.per_seen_ns->standard_error == Approx(100.0));
  CHECK(*model.per_kept_ns->standard_error == Approx(100.0));
}

TEST_CASE("R squared is the share of variance explained") {
  // Times 0, 2, 1, 3 over seen 0, 0, 1, 1: slope 1, residuals of 1 each.
  const std::vector items{item(10, 5, 1000), item(10, 5, 3000), item(11, 5, 2000),
                          item(11, 5, 4000)};
  const CostModel model = fit_cost_model(items);
  CHECK(model.per_seen_ns->value == Approx(1000.0));
  CHECK(*model.r_squared == Approx(0.2));
  // s² = 4e6 / 2, and the slope's variance is s² / Σ(seen - mean)² = s² / 1.
  CHECK(*model.per_seen_ns->standard_error == Approx(std::sqrt(2e6)));
}

TEST_CASE("where every tile is kept only the sum of both costs is known") {
  std::vector<core::WorkRecord> items;
  for (std::uint64_t seen = 2; seen <= 64; ++seen) {
    items.push_back(item(seen, seen, 700.0 + 500.0 * double(seen)));
  }
  const CostModel model = fit_cost_model(items);
  CHECK(model.per_item_ns->value == Approx(700.0));
  CHECK_FALSE(model.per_seen_ns.has_value());
  CHECK_FALSE(model.per_kept_ns.has_value());
  CHECK(model.together_ns->value == Approx(500.0));
  CHECK(*model.kept_per_seen == Approx(1.0));
  CHECK(*model.predict(1.0, 40.0, 40.0) == Approx(20700.0));
  CHECK_FALSE(model.predict(1.0, 40.0, 10.0).has_value());
  CHECK(*predicted_speed_up(model, {1.0, 40.0, 40.0, 0.0, 0.0}) == Approx(1.0));
  CHECK_FALSE(predicted_speed_up(model, {1.0, 40.0, 10.0, 0.0, 0.0}).has_value());
}

TEST_CASE("where kept follows from seen with an offset the constant is not known either") {
  std::vector<core::WorkRecord> items;
  for (std::uint64_t seen = 2; seen <= 64; seen += 2) {
    items.push_back(item(seen, seen / 2 + 1, 700.0 + 500.0 * double(seen)));
  }
  const CostModel model = fit_cost_model(items);
  CHECK_FALSE(model.per_item_ns.has_value());
  CHECK_FALSE(model.per_seen_ns.has_value());
  CHECK_FALSE(model.per_kept_ns.has_value());
  CHECK(model.together_ns->value == Approx(500.0));
  CHECK(*model.kept_per_seen == Approx(0.5));
  CHECK(*model.predict(2.0, 80.0, 42.0) == Approx(1400.0 + 40000.0));
}

TEST_CASE("constant tile counts say what they can and no more") {
  std::vector<core::WorkRecord> items;
  SECTION("seen constant: only the cost of a kept tile") {
    for (std::uint64_t kept = 0; kept <= 30; ++kept)
      items.push_back(item(64, kept, 9000.0 + 100.0 * double(kept)));
    const CostModel model = fit_cost_model(items);
    CHECK_FALSE(model.per_item_ns.has_value());
    CHECK_FALSE(model.per_seen_ns.has_value());
    CHECK(model.per_kept_ns->value == Approx(100.0));
    CHECK(*model.predict(1.0, 64.0, 5.0) == Approx(9500.0));
    CHECK_FALSE(model.predict(1.0, 60.0, 5.0).has_value());
    CHECK(*predicted_speed_up(model, {1.0, 64.0, 0.0, 0.0, 0.0}) == Approx(15400.0 / 9000.0));
  }
  SECTION("kept constant: only the cost of a seen tile") {
    for (std::uint64_t seen = 20; seen <= 50; ++seen)
      items.push_back(item(seen, 8, 9000.0 + 100.0 * double(seen)));
    const CostModel model = fit_cost_model(items);
    CHECK_FALSE(model.per_item_ns.has_value());
    CHECK(model.per_seen_ns->value == Approx(100.0));
    CHECK_FALSE(model.per_kept_ns.has_value());
    CHECK_FALSE(model.together_ns.has_value());
  }
  SECTION("nothing ever kept: that leaves the constant") {
    for (std::uint64_t seen = 20; seen <= 50; ++seen)
      items.push_back(item(seen, 0, 9000.0 + 100.0 * double(seen)));
    const CostModel model = fit_cost_model(items);
    CHECK(model.per_item_ns->value == Approx(9000.0));
    CHECK(model.per_seen_ns->value == Approx(100.0));
    CHECK_FALSE(model.per_kept_ns.has_value());
  }
  SECTION("all equal: only items like these") {
    items.assign(20, item(64, 8, 5000.0));
    const CostModel model = fit_cost_model(items);
    CHECK_FALSE(model.per_item_ns.has_value());
    CHECK_FALSE(model.per_seen_ns.has_value());
    CHECK_FALSE(model.per_kept_ns.has_value());
    CHECK_FALSE(model.r_squared.has_value());
    CHECK(*model.predict(3.0, 192.0, 24.0) == Approx(15000.0));
    CHECK_FALSE(model.predict(1.0, 64.0, 64.0).has_value());
  }
}

TEST_CASE("too few items give a fit but no errors and no R squared") {
  CHECK(fit_cost_model({}).items == 0);
  CHECK_FALSE(fit_cost_model({}).predict(1.0, 1.0, 1.0).has_value());
  const CostModel one = fit_cost_model(std::vector{item(10, 2, 500.0)});
  CHECK(one.items == 1);
  CHECK_FALSE(one.per_seen_ns.has_value());
  CHECK(*one.predict(1.0, 10.0, 2.0) == Approx(500.0));
  const CostModel three =
      fit_cost_model(std::vector{item(10, 2, 500.0), item(20, 2, 900.0), item(20, 7, 1000.0)});
  CHECK(three.per_seen_ns->value == Approx(40.0));
  CHECK(three.per_kept_ns->value == Approx(20.0));
  CHECK_FALSE(three.per_seen_ns->standard_error.has_value());
  CHECK_FALSE(three.r_squared.has_value());
}

TEST_CASE("items far from what their tiles explain are outliers, others are not") {
  core::SplitMix64 random(5);
  std::vector<core::WorkRecord> items;
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t seen = 2 + random.below(200), kept = random.below(seen + 1);
    items.push_back(item(
        seen, kept, 9000.0 + 300.0 * double(seen) + 200.0 * double(kept) + noise(random, 2000.0)));
  }
  CHECK(fit_cost_model(items).outliers.empty());
  items[100].end_ns += 200'000;
  items[200].end_ns += 90'000;
  const CostModel model = fit_cost_model(items);
  REQUIRE(model.outliers.size() == 2);
  CHECK(model.outliers[0].record.end_ns == items[100].end_ns);
  CHECK(model.outliers[0].measured_ns - model.outliers[0].predicted_ns > 150'000.0);
  CHECK(model.outliers[1].deviations > kOutlierDeviations);
}

TEST_CASE("a clock tick is no outlier where all others fit exactly") {
  std::vector<core::WorkRecord> items;
  for (std::uint64_t seen = 2; seen < 100; ++seen)
    items.push_back(item(seen, seen % 7 % seen, 64.0 * double(seen)));
  items[40].end_ns += 32;
  CHECK(fit_cost_model(items).outliers.empty());
  items[40].end_ns += 3200;
  CHECK(fit_cost_model(items).outliers.size() == 1);
}

TEST_CASE("scaling time scales costs, scaling tiles divides them", "[property]") {
  const Launch launch = causal_launch(3, 4, 40, 9);
  const CostModel model = fit_cost_model(launch.records);
  auto scaled = launch.records;
  for (auto& r : scaled) {
    r.end_ns = r.start_ns + 1000 * (r.end_ns - r.start_ns);
    r.tiles_seen *= 10;
    r.tiles_kept *= 10;
  }
  const CostModel other = fit_cost_model(scaled);
  CHECK(other.per_item_ns->value == Approx(1000.0 * model.per_item_ns->value));
  CHECK(other.per_seen_ns->value == Approx(100.0 * model.per_seen_ns->value));
  CHECK(other.per_kept_ns->value == Approx(100.0 * model.per_kept_ns->value));
  CHECK(*other.r_squared == Approx(*model.r_squared));
}

TEST_CASE("counts with a large common part lose no digits") {
  std::vector<core::WorkRecord> items;
  constexpr std::uint64_t kMany = 1ULL << 40;
  core::SplitMix64 random(3);
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t seen = random.below(100), kept = random.below(50);
    items.push_back(
        item(kMany + seen, kept, 50000.0 + 300.0 * double(seen) + 200.0 * double(kept)));
  }
  const CostModel model = fit_cost_model(items);
  CHECK(model.per_seen_ns->value == Approx(300.0).epsilon(1e-6));
  CHECK(model.per_kept_ns->value == Approx(200.0).epsilon(1e-6));
}

}  // namespace bsfa::analysis
