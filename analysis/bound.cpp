// SPDX-License-Identifier: Apache-2.0
#include "analysis/bound.h"

namespace bsfa::analysis {
namespace {

/// Multiply-adds are two operations.
double flops_of_tile(const core::GateShape& tile, std::int64_t depth) {
  return 2.0 * static_cast<double>(tile.q_block) * static_cast<double>(tile.k_block) *
         static_cast<double>(depth);
}

std::optional<double> bound(double all, double taking_part) {
  if (!(all > 0.0)) return std::nullopt;
  return 2.0 * all / (all + taking_part);
}

}  // namespace

WorkTotals total_work(std::span<const core::WorkRecord> ctas) {
  WorkTotals total;
  for (const core::WorkRecord& record : ctas) {
    total.items += 1.0;
    total.seen += static_cast<double>(record.tiles_seen);
    total.kept += static_cast<double>(record.tiles_kept);
    total.qk_products += static_cast<double>(record.qk_products);
    total.pv_products += static_cast<double>(record.pv_products);
  }
  return total;
}

std::optional<double> speed_up_bound(const TileCounts& tiles) {
  return bound(static_cast<double>(tiles.off_diagonal + tiles.diagonal),
               static_cast<double>(tiles.kept + tiles.diagonal));
}

std::optional<double> speed_up_bound(const WorkTotals& work) {
  return bound(work.seen, work.kept);
}

std::optional<double> predicted_speed_up(const CostModel& model, const WorkTotals& work) {
  const auto dense = model.predict(work.items, work.seen, work.seen);
  const auto gated = model.predict(work.items, work.seen, work.kept);
  if (!dense || !gated || !(*gated > 0.0) || !(*dense > 0.0)) return std::nullopt;
  return *dense / *gated;
}

BoundDistance distance_to_bound(const CostModel& model, const WorkTotals& work, double time_ns,
                                std::optional<double> dense_time_ns) {
  BoundDistance distance;
  distance.bound = speed_up_bound(work);
  distance.predicted = predicted_speed_up(model, work);
  if (dense_time_ns && time_ns > 0.0) distance.measured = *dense_time_ns / time_ns;
  if (distance.measured && distance.bound) distance.reached = *distance.measured / *distance.bound;
  return distance;
}

double issued_flops(const core::Problem& problem, const core::GateShape& compute_tile,
                    const WorkTotals& work) {
  return (work.qk_products + work.pv_products) * flops_of_tile(compute_tile, problem.head_dim);
}

std::optional<CeilingDistance> distance_to_ceiling(const core::Problem& problem,
                                                   const core::GateShape& compute_tile,
                                                   const WorkTotals& work, double time_ns,
                                                   double ceiling_flops_per_s) {
  if (!(time_ns > 0.0) || !(ceiling_flops_per_s > 0.0)) return std::nullopt;
  const double seconds = 1e-9 * time_ns;
  CeilingDistance distance;
  distance.issued_flops = issued_flops(problem, compute_tile, work);
  distance.dense_flops = 2.0 * work.seen * flops_of_tile(problem.gate, problem.head_dim);
  distance.issued_rate = distance.issued_flops / seconds;
  distance.dense_equivalent_rate = distance.dense_flops / seconds;
  distance.share_of_ceiling = distance.issued_rate / ceiling_flops_per_s;
  return distance;
}

}  // namespace bsfa::analysis
