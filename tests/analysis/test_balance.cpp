// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "analysis/imbalance_causes.h"
#include "analysis/work_profile.h"
#include "tests/analysis/work_fixture.h"

namespace bsfa::analysis {
namespace {

core::WorkRecord record(std::uint32_t unit, std::uint64_t start, std::uint64_t end) {
  core::WorkRecord r;
  r.unit = r.cta = unit;
  r.start_ns = start;
  r.end_ns = end;
  r.clock = core::ClockDomain::kMonotonicNs;
  return r;
}

core::WorkRecord warp_record(std::uint32_t cta, std::int32_t warp, std::uint64_t end) {
  core::WorkRecord r = record(0, 0, end);
  r.cta = cta;
  r.warp = warp;
  return r;
}

Balance balance_by_unit(const std::vector<core::WorkRecord>& records,
                        std::optional<std::int64_t> expected = std::nullopt) {
  return balance_of(usable_records(records), BalanceLevel::kUnit, expected);
}

void shuffle(std::vector<core::WorkRecord>& records, std::uint64_t seed) {
  core::SplitMix64 random(seed);
  for (std::size_t i = records.size(); i > 1; --i) {
    std::swap(records[i - 1], records[random.below(i)]);
  }
}

}  // namespace

TEST_CASE("balance figures follow their formulas") {
  const Balance b =
      balance_by_unit({record(0, 100, 200), record(1, 100, 140), record(1, 150, 160)});
  REQUIRE(b.units.size() == 2);
  CHECK(b.span_ns == 100.0);
  CHECK(b.busy_ns == 150.0);
  CHECK(b.mean_busy_ns == 75.0);
  CHECK(b.max_over_mean == 100.0 / 75.0);
  CHECK(b.variation == 25.0 / 75.0);
  CHECK(b.tail_share == 0.40);
  CHECK(b.idle_share == 1.0 - 150.0 / 200.0);
  CHECK_FALSE(b.within_cta.has_value());
  REQUIRE(b.idle.has_value());
  CHECK(b.idle->after == Approx(40.0 / 200.0));
  CHECK(b.idle->between == Approx(10.0 / 200.0));
  CHECK(b.idle->before == 0.0);
  CHECK(b.busiest == 0);
}

TEST_CASE("two CTAs on one SM at once keep it busy once") {
  const Balance b = balance_by_unit({record(3, 0, 60), record(3, 20, 100), record(3, 30, 40)});
  REQUIRE(b.units.size() == 1);
  CHECK(b.busy_ns == 100.0);
  CHECK(b.load_ns == 150.0);
  CHECK(b.idle_share == 0.0);
}

TEST_CASE("units that were expected and got nothing count as idle") {
  const Balance b = balance_by_unit({record(0, 0, 100), record(1, 0, 100)}, 4);
  CHECK(b.absent == 2);
  CHECK(b.max_over_mean == 2.0);
  CHECK(b.variation == 1.0);
  CHECK(b.idle_share == 0.5);
  CHECK(b.idle->absent == 0.5);
  CHECK(b.tail_share == 0.0);
  CHECK(balance_by_unit({record(0, 0, 100), record(7, 0, 100)}, 1).absent == 0);
}

TEST_CASE("no record gives no figure") {
  const Balance b = balance_by_unit({});
  CHECK(b.units.empty());
  CHECK_FALSE(b.max_over_mean.has_value());
  CHECK_FALSE(b.idle_share.has_value());
  const WorkProfile profile = profile_work({});
  CHECK(profile.model.items == 0);
  CHECK_FALSE(profile.causes.has_value());
}

TEST_CASE("one unit is as busy as the mean") {
  const Balance b = balance_by_unit({record(9, 5, 10), record(9, 10, 25)});
  CHECK(b.max_over_mean == 1.0);
  CHECK(b.variation == 0.0);
  CHECK(b.tail_share == 0.0);
  CHECK(b.idle_share == 0.0);
}

TEST_CASE("a span of nothing gives no shares and no ratio") {
  const Balance b = balance_by_unit({record(0, 7, 7), record(1, 7, 7)});
  CHECK(b.mean_busy_ns == 0.0);
  CHECK_FALSE(b.max_over_mean.has_value());
  CHECK_FALSE(b.tail_share.has_value());
  CHECK_FALSE(b.idle_share.has_value());
  CHECK_FALSE(causes_of(b, fit_cost_model(usable_records(std::vector{record(0, 7, 7)}).ctas)));
}

TEST_CASE("records that cannot be true are set aside and counted") {
  auto backwards = record(0, 10, 9);
  auto clockless = record(0, 0, 500);
  clockless.clock = core::ClockDomain::kNone;
  auto other = record(0, 0, 900);
  other.clock = core::ClockDomain::kGlobaltimerNs;
  auto greedy = record(0, 0, 100);
  greedy.tiles_kept = 1;
  auto odd_warp = record(0, 0, 100);
  odd_warp.warp = -2;
  const UsableRecords usable = usable_records(std::vector{
      backwards, clockless, other, greedy, odd_warp, record(0, 0, 10), record(1, 0, 10)});
  CHECK(usable.backwards == 1);
  CHECK(usable.without_clock == 1);
  CHECK(usable.other_clock == 1);
  CHECK(usable.contradicting == 2);
  CHECK(usable.set_aside() == 5);
  CHECK(usable.ctas.size() == 2);
  CHECK(balance_of(usable, BalanceLevel::kUnit).span_ns == 10.0);
}

TEST_CASE("times at the ends of 64 bits give finite figures") {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
  auto all_time = record(0, 0, kLast);
  all_time.tiles_seen = all_time.tiles_kept = kLast;
  const WorkProfile p = profile_work(std::vector{all_time, record(1, kLast, kLast)});
  CHECK(p.units.idle_share == Approx(0.5));
  CHECK(p.units.max_over_mean == Approx(2.0));
  CHECK(std::isfinite(p.model.fitted[1]));
}

TEST_CASE("warps and warpgroups are measured within their CTA") {
  const UsableRecords usable = usable_records(std::vector{
      warp_record(0, 0, 100), warp_record(0, 1, 100), warp_record(0, 4, 50), warp_record(0, 5, 50),
      warp_record(1, 0, 10), warp_record(1, 4, 10), record(0, 0, 1000)});
  const Balance warps = balance_of(usable, BalanceLevel::kWarp);
  CHECK(warps.units.size() == 6);
  CHECK(warps.span_ns == 100.0);
  CHECK(*warps.within_cta == Approx((100.0 + 10.0) / (75.0 + 10.0)));
  const Balance groups = balance_of(usable, BalanceLevel::kWarpgroup);
  REQUIRE(groups.units.size() == 4);
  CHECK(groups.units[1].part == 1);
  CHECK(groups.units[0].records == 2);
  CHECK(*groups.within_cta == Approx((100.0 + 10.0) / (75.0 + 10.0)));
  CHECK(balance_of(usable, BalanceLevel::kUnit).span_ns == 1000.0);
}

TEST_CASE("a CTA is no unit: several live on one SM") {
  auto second = record(0, 0, 100);
  second.cta = 1;
  const UsableRecords usable = usable_records(std::vector{record(0, 0, 50), second});
  CHECK(balance_of(usable, BalanceLevel::kUnit).units.size() == 1);
  CHECK(balance_of(usable, BalanceLevel::kCta).max_over_mean == 100.0 / 75.0);
}

TEST_CASE("the parts of the idle share add up to it", "[property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(1, 2, 3, 4, 5));
  CAPTURE(seed);
  core::SplitMix64 random(seed);
  std::vector<core::WorkRecord> records;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t start = random.below(100'000);
    records.push_back(
        record(static_cast<std::uint32_t>(random.below(7)), start, start + random.below(3000)));
  }
  const Balance b = balance_by_unit(records, 9);
  CHECK(b.idle->absent + b.idle->before + b.idle->between + b.idle->after ==
        Approx(*b.idle_share).epsilon(1e-12));
  CHECK(*b.idle_share >= 0.0);
  CHECK(*b.idle_share <= 1.0);
  CHECK(*b.max_over_mean >= 1.0);
}

TEST_CASE("the order of the records changes nothing, to the last bit", "[property]") {
  const Launch launch = causal_launch(5, 4, 20, 7);
  const WorkProfile a = profile_work(launch.records);
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    auto records = launch.records;
    shuffle(records, seed);
    const WorkProfile b = profile_work(records);
    CHECK(a.units.max_over_mean == b.units.max_over_mean);
    CHECK(a.units.variation == b.units.variation);
    CHECK(a.model.fitted == b.model.fitted);
    CHECK(a.causes->work == b.causes->work);
  }
}

TEST_CASE("figures do not depend on the unit of time or on its origin", "[property]") {
  const Launch launch = causal_launch(5, 4, 20, 11);
  auto scaled = launch.records;
  for (auto& r : scaled) {
    r.start_ns = 17 + 3 * (r.start_ns - launch.origin_ns);
    r.end_ns = 17 + 3 * (r.end_ns - launch.origin_ns);
  }
  const WorkProfile a = profile_work(launch.records), b = profile_work(scaled);
  CHECK(*a.units.max_over_mean == Approx(*b.units.max_over_mean).epsilon(1e-12));
  CHECK(*a.units.tail_share == Approx(*b.units.tail_share).epsilon(1e-12));
  CHECK(*a.units.idle_share == Approx(*b.units.idle_share).margin(1e-12));
  CHECK(a.causes->elsewhere == Approx(b.causes->elsewhere).margin(1e-9));
  for (std::size_t i = 0; i < 3; ++i) CHECK(b.model.fitted[i] == Approx(3 * a.model.fitted[i]));
}

TEST_CASE("imbalance of unequal tile counts is told from imbalance of slow units") {
  Launch launch;
  for (std::int32_t m = 0; m < 80; ++m) {
    const auto unit = static_cast<std::uint32_t>(m) % 8;
    launch.run_on(unit, 0, m, 40 + static_cast<std::uint64_t>(m) % 7, unit == 5 ? 40 : 10);
  }
  SECTION("more kept tiles on one unit") {
    const WorkProfile p = profile_work(launch.records);
    REQUIRE(p.causes.has_value());
    CHECK(p.units.units[p.causes->unit].id == 5);
    CHECK(p.causes->excess > 0.2);
    CHECK(p.causes->work == Approx(p.causes->excess).epsilon(0.01));
    CHECK(*p.causes->kept == Approx(p.causes->excess).epsilon(0.05));
    CHECK(std::abs(p.causes->elsewhere) < 0.005);
    CHECK(*p.causes->predicted_excess == Approx(p.causes->excess).epsilon(0.01));
  }
  SECTION("one unit takes half as long again") {
    for (auto& r : launch.records) {
      r.tiles_kept = 4 + r.tiles_seen % 5;
      const std::uint64_t time = launch.cost_ns(r.tiles_seen, r.tiles_kept);
      r.end_ns = r.start_ns + (r.unit == 5 ? time * 3 / 2 : time);
    }
    const WorkProfile p = profile_work(launch.records);
    REQUIRE(p.causes.has_value());
    CHECK(p.units.units[p.causes->unit].id == 5);
    CHECK(p.causes->elsewhere > 0.9 * p.causes->excess);
  }
}

TEST_CASE("CTAs that share an SM do not make its work count twice") {
  Launch lane;
  for (std::int32_t m = 0; m < 80; ++m) {
    const auto unit = static_cast<std::uint32_t>(m) % 8;
    lane.run_on(unit, 0, m, 40 + static_cast<std::uint64_t>(m) % 7, unit == 5 ? 40 : 10);
  }
  auto records = lane.records;
  records.insert(records.end(), lane.records.begin(), lane.records.end());
  const WorkProfile p = profile_work(records);
  CHECK(p.units.load_ns == Approx(2.0 * p.units.busy_ns));
  REQUIRE(p.causes.has_value());
  CHECK(p.causes->excess > 0.2);
  CHECK(p.causes->work == Approx(p.causes->excess).epsilon(0.01));
}

TEST_CASE("causes add up to the excess of the busiest unit", "[property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(1, 2, 3, 4));
  CAPTURE(seed);
  Launch launch = causal_launch(7, 3, 30, seed);
  core::SplitMix64 random(seed);
  for (auto& r : launch.records) r.end_ns += random.below(4000);
  const WorkProfile p = profile_work(launch.records, 9);
  REQUIRE(p.causes.has_value());
  CHECK(p.causes->work + p.causes->elsewhere == Approx(p.causes->excess));
  CHECK(*p.causes->items + *p.causes->seen + *p.causes->kept == Approx(p.causes->work));
}

TEST_CASE("the more even of two launches of one input is named") {
  const Launch even = uniform_launch();
  Launch uneven = uniform_launch();
  uneven.records.back().end_ns += 100'000;
  const LoadComparison c = compare_loads(profile_work(even.records), profile_work(uneven.records));
  CHECK(c.same_items);
  CHECK(c.better == LoadComparison::Better::kFirst);
  CHECK(c.first.max_over_mean == 1.0);
  CHECK(c.second.max_over_mean > 1.01);
  CHECK(c.first.kept_variation == 0.0);
  const LoadComparison same = compare_loads(profile_work(even.records), profile_work(even.records));
  CHECK(same.better == LoadComparison::Better::kNeither);
  const LoadComparison other =
      compare_loads(profile_work(even.records), profile_work(causal_launch().records));
  CHECK_FALSE(other.same_items);
  CHECK(compare_loads(profile_work({}), profile_work({})).better ==
        LoadComparison::Better::kNeither);
}

TEST_CASE("fixed k balances what variable density does not") {
  Launch fixed, variable;
  for (std::int32_t h = 0; h < 4; ++h) {
    for (std::int32_t m = 0; m < 32; ++m) {
      const auto unit = static_cast<std::uint32_t>(m) % 8;
      fixed.run_on(unit, h, m, 64, 16);
      variable.run_on(unit, h, m, 64, unit == 2 ? 44 : 12);
    }
  }
  const LoadComparison c =
      compare_loads(profile_work(fixed.records), profile_work(variable.records));
  CHECK(c.first.kept == c.second.kept);
  CHECK(c.same_items);
  CHECK(c.better == LoadComparison::Better::kFirst);
  CHECK(*c.second.kept_variation > 0.5);
  CHECK(*c.second.predicted_excess == Approx(*c.second.max_over_mean - 1.0).epsilon(0.01));
}

}  // namespace bsfa::analysis
