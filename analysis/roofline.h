// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "analysis/bound.h"
#include "core/problem.h"

namespace bsfa::analysis {

/// What a machine was measured to do.
struct MachineRates {
  double flops_per_s = 0.0;
  double bytes_per_s = 0.0;  ///< of the memory whose bytes are counted, DRAM or L2
};

/// Where a launch stands on the roofline.
struct Roofline {
  double intensity = 0.0;     ///< flops / bytes
  double ridge = 0.0;         ///< intensity at which both limits meet
  bool memory_bound = false;  ///< intensity below the ridge
  double attained = 0.0;      ///< flops / time, a second
  double attainable = 0.0;    ///< min(flops_per_s, intensity · bytes_per_s)
  double share = 0.0;         ///< attained / attainable
};

/// None where a count, the time or a rate is not positive.
std::optional<Roofline> roofline(double flops, double bytes, double time_ns,
                                 const MachineRates& machine);

/// Bytes that an attention kernel has to read and write, tiles counted whole.
///
/// compulsory_bytes  Q, K, V read and O written once: the least that DRAM sees
/// q, k, v_bytes     Q of every item, K of every tile seen and V of every tile kept: what
/// multiprocessors
///                   read where nothing is shared between CTAs
/// dense_v_bytes     V of every tile seen: what they would read without skipping
struct ExpectedTraffic {
  double compulsory_bytes = 0.0;
  double q_bytes = 0.0, k_bytes = 0.0, v_bytes = 0.0, dense_v_bytes = 0.0;
};
ExpectedTraffic expected_traffic(const core::Problem& problem, const WorkTotals& work);

/// V traffic seen against what skipping should leave. No counter tells V from K: what was read
/// beyond Q and K is V.
struct ValueTraffic {
  double expected_bytes = 0.0;  ///< v_bytes
  double dense_bytes = 0.0;     ///< dense_v_bytes
  double seen_bytes = 0.0;      ///< read - q_bytes - k_bytes; negative where CTAs share reads
  std::optional<double> seen_over_expected;
  std::optional<double> spared;  ///< 1 - seen / dense
};
ValueTraffic value_traffic(const ExpectedTraffic& expected, double bytes_read);

}  // namespace bsfa::analysis
