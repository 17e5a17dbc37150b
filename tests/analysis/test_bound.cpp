// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <catch2/catch.hpp>

#include "analysis/bound.h"
#include "analysis/roofline.h"
#include "analysis/tensor_check.h"
#include "tests/analysis/work_fixture.h"

namespace bsfa::analysis {
namespace {

core::Problem problem_of(std::int64_t heads, std::int64_t tokens) {
  core::Problem problem;
  problem.heads = problem.kv_heads = heads;
  problem.q_len = problem.kv_len = tokens;
  problem.head_dim = 128;
  return problem;
}

core::WorkRecord products(std::uint64_t seen, std::uint64_t kept, std::uint64_t qk,
                          std::uint64_t pv) {
  core::WorkRecord r;
  r.tiles_seen = seen;
  r.tiles_kept = kept;
  r.qk_products = qk;
  r.pv_products = pv;
  return r;
}

}  // namespace

TEST_CASE("the bound is 1 where all is kept and nears 2 where nothing is") {
  CHECK(speed_up_bound(TileCounts{90, 90, 0, 10}) == 1.0);
  CHECK(speed_up_bound(TileCounts{90, 0, 90, 10}) == 200.0 / 110.0);
  CHECK(speed_up_bound(TileCounts{60, 30, 30, 4}) == 128.0 / 98.0);
  CHECK_FALSE(speed_up_bound(TileCounts{}).has_value());
  CHECK_FALSE(speed_up_bound(WorkTotals{}).has_value());
}

TEST_CASE("records and tile counts give the same bound") {
  const std::vector records{products(34, 19, 34, 19), products(30, 15, 30, 15)};
  CHECK(speed_up_bound(total_work(records)) == speed_up_bound(TileCounts{60, 30, 30, 4}));
}

TEST_CASE("a launch is placed against the bound and against its own dense time") {
  const Launch launch = causal_launch();
  const WorkTotals work = total_work(launch.records);
  const CostModel model = fit_cost_model(launch.records);
  const BoundDistance d = distance_to_bound(model, work, 1000.0, 1500.0);
  CHECK(d.measured == 1.5);
  CHECK(*d.reached == Approx(1.5 / *d.bound));
  const double gated = 2000.0 * work.items + 300.0 * work.seen + 200.0 * work.kept;
  const double dense = 2000.0 * work.items + 500.0 * work.seen;
  CHECK(*d.predicted == Approx(dense / gated).epsilon(1e-6));
  const BoundDistance without = distance_to_bound(model, work, 1000.0, std::nullopt);
  CHECK_FALSE(without.measured.has_value());
  CHECK_FALSE(without.reached.has_value());
  CHECK_FALSE(distance_to_bound(model, work, 0.0, 5.0).measured.has_value());
}

TEST_CASE("issued and dense-equivalent rates count two operations a multiply-add") {
  const std::vector records{products(100, 50, 50, 30)};
  const auto d =
      distance_to_ceiling(problem_of(1, 1024), {128, 128}, total_work(records), 1e3, 1e15);
  REQUIRE(d.has_value());
  CHECK(d->issued_flops == 80.0 * 2.0 * 128.0 * 128.0 * 128.0);
  CHECK(d->dense_flops == 100.0 * 4.0 * 128.0 * 64.0 * 128.0);
  CHECK(d->issued_rate == Approx(d->issued_flops * 1e6));
  CHECK(d->share_of_ceiling == Approx(d->issued_rate / 1e15));
  CHECK_FALSE(distance_to_ceiling(problem_of(1, 1024), {128, 128}, {}, 0.0, 1e15).has_value());
  CHECK_FALSE(distance_to_ceiling(problem_of(1, 1024), {128, 128}, {}, 1e3, 0.0).has_value());
}

TEST_CASE("a roofline has its ridge where both limits meet") {
  const MachineRates machine{800e12, 4e12};
  const auto below = roofline(1e12, 1e10, 5e6, machine);
  REQUIRE(below.has_value());
  CHECK(below->intensity == 100.0);
  CHECK(below->ridge == 200.0);
  CHECK(below->memory_bound);
  CHECK(below->attainable == Approx(400e12));
  CHECK(below->share == Approx(0.5));
  const auto above = roofline(1e12, 1e9, 2.5e6, machine);
  CHECK_FALSE(above->memory_bound);
  CHECK(above->attainable == 800e12);
  CHECK(above->share == Approx(0.5));
  CHECK_FALSE(roofline(0.0, 1e9, 1.0, machine).has_value());
  CHECK_FALSE(roofline(1.0, 0.0, 1.0, machine).has_value());
  CHECK_FALSE(roofline(1.0, 1.0, std::numeric_limits<double>::quiet_NaN(), machine).has_value());
  CHECK_FALSE(roofline(1.0, 1.0, 1.0, {0.0, 1.0}).has_value());
}

TEST_CASE("V traffic is what was read beyond Q and K") {
  const core::Problem problem = problem_of(2, 1024);
  const ExpectedTraffic e = expected_traffic(problem, {16.0, 160.0, 40.0, 0.0, 0.0});
  CHECK(e.compulsory_bytes == 4.0 * 2.0 * 1024.0 * 128.0 * 2.0);
  CHECK(e.q_bytes == 16.0 * 128.0 * 128.0 * 2.0);
  CHECK(e.k_bytes == 160.0 * 64.0 * 128.0 * 2.0);
  CHECK(e.v_bytes == e.k_bytes / 4.0);
  CHECK(e.dense_v_bytes == e.k_bytes);
  const ValueTraffic exact = value_traffic(e, e.q_bytes + e.k_bytes + e.v_bytes);
  CHECK(exact.seen_over_expected == 1.0);
  CHECK(exact.spared == 0.75);
  CHECK(value_traffic(e, e.q_bytes + 2.0 * e.k_bytes).spared == 0.0);
  CHECK(value_traffic(e, 0.0).seen_bytes < 0.0);
  const ValueTraffic nothing = value_traffic(expected_traffic(problem, {}), 100.0);
  CHECK_FALSE(nothing.seen_over_expected.has_value());
  CHECK_FALSE(nothing.spared.has_value());
}

TEST_CASE("the hardware's count is compared exactly") {
  const std::vector records{products(10, 4, 10, 4), products(20, 6, 20, 6)};
  const TensorCost cost{256, 512, {128, 64}};
  const std::uint64_t issued = 30 * 256 + 10 * 512;
  const auto right = check_tensor_count(records, cost, {128, 64}, issued);
  REQUIRE(right.has_value());
  CHECK(right->equal);
  CHECK(right->predicted == issued);
  CHECK(right->needed == static_cast<double>(issued));
  CHECK(right->beyond == 0.0);
  CHECK_FALSE(check_tensor_count(records, cost, {128, 64}, issued + 1)->equal);
  CHECK_FALSE(check_tensor_count(records, cost, {128, 64}, issued - 1)->equal);
}

TEST_CASE("what a step of two tiles issues beyond the mask's need is shown") {
  // 5 steps of two 64-column tiles; 3 tiles kept, one in each of three steps.
  const std::vector records{products(10, 3, 5, 3)};
  const auto check = check_tensor_count(records, {512, 512, {128, 128}}, {128, 64}, 8 * 512);
  REQUIRE(check.has_value());
  CHECK(check->equal);
  CHECK(check->needed == 512.0 * (5.0 + 1.5));
  CHECK(check->qk_beyond == 0.0);
  CHECK(check->pv_beyond == 1.0);
  CHECK(*check->beyond == Approx(8.0 / 6.5 - 1.0));
}

TEST_CASE("records of warps are not counted again") {
  auto warp = products(10, 4, 10, 4);
  warp.warp = 0;
  const auto check = check_tensor_count(std::vector{products(10, 4, 10, 4), warp},
                                        {1, 1, {128, 64}}, {128, 64}, 14);
  CHECK(check->equal);
}

TEST_CASE("kernels that declare no instructions are not checked, and overflow is no agreement") {
  CHECK_FALSE(check_tensor_count({}, {0, 0, {128, 64}}, {128, 64}, 0).has_value());
  CHECK_FALSE(check_tensor_count({}, {1, 1, {0, 0}}, {128, 64}, 0).has_value());
  const auto nothing = check_tensor_count({}, {1, 1, {128, 64}}, {128, 64}, 0);
  CHECK(nothing->equal);
  CHECK_FALSE(nothing->beyond.has_value());
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const auto overflow =
      check_tensor_count(std::vector{products(1, 1, kMost, 1)}, {2, 2, {128, 64}}, {128, 64}, 0);
  CHECK_FALSE(overflow->predicted.has_value());
  CHECK_FALSE(overflow->equal);
}

}  // namespace bsfa::analysis
