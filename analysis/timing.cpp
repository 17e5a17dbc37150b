// SPDX-License-Identifier: Apache-2.0
#include "analysis/timing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/random.h"

namespace bsfa::analysis {
namespace {

double middle_of(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2.0;
}

/// Source: Durstenfeld, algorithm 235, 1964.
void shuffle(std::vector<std::size_t>& order, core::SplitMix64& random) {
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i))]);
  }
}

}  // namespace

TimeSummary summarize(std::span<const double> times) {
  TimeSummary summary;
  summary.median = middle_of({times.begin(), times.end()});
  std::vector<double> deviations;
  deviations.reserve(times.size());
  for (const double time : times) deviations.push_back(std::abs(time - summary.median));
  summary.mad = middle_of(std::move(deviations));
  return summary;
}

double relative_spread(std::span<const double> times) {
  constexpr std::size_t kFewest = 3;
  const TimeSummary summary = summarize(times);
  if (times.size() < kFewest || !(summary.median > 0.0)) {
    return std::numeric_limits<double>::infinity();
  }
  return summary.mad / summary.median;
}

std::string_view name_of(Stopped reason) noexcept {
  switch (reason) {
    case Stopped::kSpread:
      return "spread";
    case Stopped::kRounds:
      return "rounds";
    case Stopped::kSeconds:
      break;
  }
  return "seconds";
}

std::optional<Stopped> stopped(const StoppingRule& rule, std::span<const std::vector<double>> times,
                               double elapsed_seconds) {
  const std::size_t rounds = times.empty() ? 0 : times.front().size();
  if (rounds >= static_cast<std::size_t>(rule.max_rounds)) return Stopped::kRounds;
  if (elapsed_seconds >= rule.max_seconds && rounds > 0) return Stopped::kSeconds;
  if (rounds < static_cast<std::size_t>(rule.min_rounds)) return std::nullopt;
  if (elapsed_seconds < rule.min_seconds) return std::nullopt;
  const bool small = std::all_of(times.begin(), times.end(), [&](const std::vector<double>& row) {
    return relative_spread(row) <= rule.spread;
  });
  return small ? std::optional(Stopped::kSpread) : std::nullopt;
}

InterleavedTimes measure_interleaved(std::size_t variants, const StoppingRule& rule,
                                     std::uint64_t seed, const Stopwatches& with) {
  InterleavedTimes result;
  result.times.resize(variants);
  std::vector<std::size_t> order(variants);
  std::iota(order.begin(), order.end(), std::size_t{0});
  core::SplitMix64 random(seed);
  const double start = with.seconds();
  std::optional<Stopped> reason;
  while (!reason) {
    shuffle(order, random);
    for (const std::size_t variant : order) {
      result.times[variant].push_back(with.time(variant));
    }
    if (with.finished) with.finished(result.rounds());
    reason = stopped(rule, result.times, with.seconds() - start);
  }
  result.reason = *reason;
  return result;
}

}  // namespace bsfa::analysis
