// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "analysis/cost_model.h"
#include "analysis/tile_counts.h"
#include "core/problem.h"
#include "core/work.h"

namespace bsfa::analysis {

/// Tiles and tile products of a launch, summed over the records of whole CTAs.
struct WorkTotals {
  double items = 0.0;
  double seen = 0.0;
  double kept = 0.0;  ///< diagonal tiles included
  double qk_products = 0.0;
  double pv_products = 0.0;
};
WorkTotals total_work(std::span<const core::WorkRecord> ctas);

/// Most that skipping can gain over dense attention when every QKᵀ is computed and QKᵀ costs what
/// PV does: 2T / (T + kept + diagonal), T all tiles inside the mask. None without tiles.
std::optional<double> speed_up_bound(const TileCounts& tiles);
/// The same from records, whose tiles seen are T and whose tiles kept include the diagonal.
std::optional<double> speed_up_bound(const WorkTotals& work);

/// Speed-up over keeping every tile that is seen, as the cost model has it; none where the model
/// does not determine it, or predicts no time.
std::optional<double> predicted_speed_up(const CostModel& model, const WorkTotals& work);

/// How near a launch came to what skipping can gain.
struct BoundDistance {
  std::optional<double> bound;      ///< speed_up_bound
  std::optional<double> predicted;  ///< predicted_speed_up
  std::optional<double> measured;   ///< dense time / time; none where no dense time is known
  std::optional<double> reached;    ///< measured / bound: 1 is all that can be had
};
BoundDistance distance_to_bound(const CostModel& model, const WorkTotals& work, double time_ns,
                                std::optional<double> dense_time_ns);

/// Floating-point operations of the tile products that were issued, two for each multiply-add.
/// compute_tile is the tile of one product.
double issued_flops(const core::Problem& problem, const core::GateShape& compute_tile,
                    const WorkTotals& work);

/// Rates in floating-point operations a second.
struct CeilingDistance {
  double issued_flops = 0.0;  ///< of the tile products issued
  double dense_flops = 0.0;   ///< of dense attention: all tiles inside the mask, QKᵀ and PV
  double issued_rate = 0.0;
  double dense_equivalent_rate = 0.0;  ///< what kernels are usually compared by; skipping raises it
  double share_of_ceiling = 0.0;       ///< issued_rate / ceiling
};

/// Distance to a measured matrix ceiling, for instance a large product by a vendor's library.
/// Gates count tiles of problem.gate, compute_tile is as above. None where time or ceiling is not
/// positive.
std::optional<CeilingDistance> distance_to_ceiling(const core::Problem& problem,
                                                   const core::GateShape& compute_tile,
                                                   const WorkTotals& work, double time_ns,
                                                   double ceiling_flops_per_s);

}  // namespace bsfa::analysis
