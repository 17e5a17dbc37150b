// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace bsfa::analysis {

/// What many timings of one thing come to. One outlier, a change of clocks say, moves neither.
struct TimeSummary {
  double median = 0.0;  ///< mean of the middle two of an even number; 0 of none
  double mad = 0.0;     ///< median absolute deviation from it
};
TimeSummary summarize(std::span<const double> times);

/// MAD over median; infinite below three times, which say nothing about spread.
double relative_spread(std::span<const double> times);

/// When there are enough rounds, each of which times every variant once.
struct StoppingRule {
  int min_rounds = 5;
  int max_rounds = 100;
  double min_seconds = 1.0;   ///< a small spread stops no earlier
  double max_seconds = 60.0;  ///< no round begins later
  double spread = 0.005;      ///< the largest relative_spread that is small
};

enum class Stopped { kSpread, kRounds, kSeconds };
/// "spread", "rounds", "seconds".
std::string_view name_of(Stopped reason) noexcept;

/// Why no further round is needed, none while one is. `times`: of each variant, one a round.
std::optional<Stopped> stopped(const StoppingRule& rule, std::span<const std::vector<double>> times,
                               double elapsed_seconds);

/// Timings of several variants under the same conditions.
struct InterleavedTimes {
  std::vector<std::vector<double>> times;  ///< of each variant, one a round
  Stopped reason = Stopped::kRounds;
  std::size_t rounds() const noexcept { return times.empty() ? 0 : times.front().size(); }
};

/// What measure_interleaved measures with.
struct Stopwatches {
  std::function<double(std::size_t variant)> time;  ///< runs a variant once; its time
  std::function<double()> seconds;                  ///< since any fixed moment
  std::function<void(std::size_t round)> finished;  ///< called after each round, may be empty
};

/// Times every variant once a round, each round in another order drawn from `seed`, until the rule
/// says to stop: clocks and temperature that drift meanwhile favour none of them.
///
/// Errors  what `time` throws.
InterleavedTimes measure_interleaved(std::size_t variants, const StoppingRule& rule,
                                     std::uint64_t seed, const Stopwatches& with);

}  // namespace bsfa::analysis
