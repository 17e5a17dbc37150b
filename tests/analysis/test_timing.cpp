// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

#include <catch2/catch.hpp>

#include "analysis/timing.h"

namespace bsfa::analysis {
namespace {

using Times = std::vector<double>;

/// A machine whose clock moves on by what each variant takes.
struct FakeMachine {
  explicit FakeMachine(std::vector<double> cost_ms, double relative_jitter = 0.0)
      : cost(std::move(cost_ms)), jitter(relative_jitter) {}

  std::vector<double> cost;  ///< milliseconds of each variant
  double jitter;             ///< more in every second and third round
  double now_s = 1000.0;
  std::vector<std::size_t> order;
  std::size_t rounds = 0;

  Stopwatches stopwatches() {
    return {[this](std::size_t variant) {
              order.push_back(variant);
              const double ms = cost[variant] * (1.0 + jitter * static_cast<double>(rounds % 3));
              now_s += ms / 1e3;
              return ms;
            },
            [this] { return now_s; }, [this](std::size_t done) { rounds = done; }};
  }
};

StoppingRule rule_of(int min_rounds, int max_rounds, double min_s, double max_s, double spread) {
  return {min_rounds, max_rounds, min_s, max_s, spread};
}

}  // namespace

TEST_CASE("the median of an even number of times is the mean of the middle two") {
  CHECK(summarize(Times{4.0, 1.0, 3.0, 2.0}).median == 2.5);
  CHECK(summarize(Times{5.0, 1.0, 3.0}).median == 3.0);
  CHECK(summarize(Times{}).median == 0.0);
}

TEST_CASE("the deviation is the median distance from the median, which one outlier does not move") {
  CHECK(summarize(Times{1.0, 2.0, 3.0, 4.0, 5.0}).mad == 1.0);
  CHECK(summarize(Times{1.0, 2.0, 3.0, 4.0, 5000.0}).mad == 1.0);
  CHECK(summarize(Times{7.0}).mad == 0.0);
}

TEST_CASE("fewer than three times, or times of zero, say nothing about spread") {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  CHECK(relative_spread(Times{2.0, 2.0}) == kInf);
  CHECK(relative_spread(Times{0.0, 0.0, 0.0}) == kInf);
  CHECK(relative_spread(Times{9.0, 10.0, 11.0}) == Approx(0.1));
}

TEST_CASE("a round is added until every variant's spread is small, for at least the least time") {
  const auto rule = rule_of(3, 100, 1.0, 60.0, 0.01);
  const std::vector<Times> steady{{1.0, 1.0, 1.0}, {2.0, 2.0, 2.0}};
  const std::vector<Times> one_not{{1.0, 1.0, 1.0}, {2.0, 2.2, 2.4}};
  CHECK(stopped(rule, steady, 1.0) == Stopped::kSpread);
  CHECK(stopped(rule, steady, 0.9) == std::nullopt);
  CHECK(stopped(rule, one_not, 30.0) == std::nullopt);
  CHECK(stopped(rule, one_not, 60.0) == Stopped::kSeconds);
  CHECK(stopped(rule, std::vector<Times>{{1.0, 1.0}}, 30.0) == std::nullopt);
}

TEST_CASE("the largest number of rounds ends it whatever else is wanted") {
  const auto rule = rule_of(5, 2, 100.0, 200.0, 0.0);
  CHECK(stopped(rule, std::vector<Times>{{1.0}}, 0.1) == std::nullopt);
  CHECK(stopped(rule, std::vector<Times>{{1.0, 1.0}}, 0.1) == Stopped::kRounds);
  CHECK(name_of(Stopped::kRounds) == "rounds");
  CHECK(name_of(Stopped::kSpread) == "spread");
  CHECK(name_of(Stopped::kSeconds) == "seconds");
}

TEST_CASE("steady variants stop by their spread once the least time is over") {
  FakeMachine machine(Times{100.0, 50.0});
  const auto result =
      measure_interleaved(2, rule_of(3, 1000, 1.0, 60.0, 0.005), 7, machine.stopwatches());
  // A round takes 150 ms, the seventh ends after 1.05 s.
  CHECK(result.rounds() == 7);
  CHECK(result.reason == Stopped::kSpread);
  CHECK(summarize(result.times[0]).median == 100.0);
  CHECK(summarize(result.times[1]).median == 50.0);
}

TEST_CASE("a variant that keeps jumping runs into the longest time, or the most rounds") {
  FakeMachine machine(Times{100.0, 50.0}, 0.2);
  const auto rule = rule_of(3, 1000, 1.0, 8.0, 0.005);
  const auto result = measure_interleaved(2, rule, 7, machine.stopwatches());
  CHECK(result.reason == Stopped::kSeconds);
  CHECK(machine.now_s - 1000.0 >= 8.0);
  CHECK(machine.now_s - 1000.0 < 8.25);
  FakeMachine other(Times{100.0, 50.0}, 0.2);
  const auto few = rule_of(3, 9, 1.0, 8.0, 0.005);
  CHECK(measure_interleaved(2, few, 7, other.stopwatches()).reason == Stopped::kRounds);
  CHECK(other.rounds == 9);
}

TEST_CASE("one round is timed even where it takes longer than the longest time") {
  FakeMachine machine(Times{5000.0});
  const auto result =
      measure_interleaved(1, rule_of(5, 10, 0.0, 1.0, 0.005), 0, machine.stopwatches());
  CHECK(result.rounds() == 1);
  CHECK(result.reason == Stopped::kSeconds);
}

TEST_CASE("every round visits every variant once, in orders that change and follow the seed") {
  const auto orders = [](std::uint64_t seed) {
    FakeMachine machine(Times{1.0, 1.0, 1.0, 1.0});
    measure_interleaved(4, rule_of(20, 20, 0.0, 60.0, 0.0), seed, machine.stopwatches());
    std::vector<std::vector<std::size_t>> rounds;
    for (std::size_t at = 0; at < machine.order.size(); at += 4) {
      rounds.emplace_back(machine.order.begin() + static_cast<std::ptrdiff_t>(at),
                          machine.order.begin() + static_cast<std::ptrdiff_t>(at + 4));
    }
    return rounds;
  };
  const auto rounds = orders(3);
  CHECK(rounds.size() == 20);
  for (const auto& round : rounds) {
    CHECK(std::set<std::size_t>(round.begin(), round.end()) == std::set<std::size_t>{0, 1, 2, 3});
  }
  CHECK(std::set(rounds.begin(), rounds.end()).size() > 5);
  CHECK(orders(3) == rounds);
  CHECK(orders(4) != rounds);
}

TEST_CASE("what a variant throws ends the measurement") {
  const Stopwatches broken{
      [](std::size_t) -> double { throw std::runtime_error("lost"); }, [] { return 0.0; }, {}};
  CHECK_THROWS_WITH(measure_interleaved(2, {}, 0, broken), "lost");
}

}  // namespace bsfa::analysis
