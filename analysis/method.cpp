// SPDX-License-Identifier: Apache-2.0
#include "analysis/method.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/arithmetic.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// NaN and +inf scores leave no softmax to compare.
bool has_softmax(const core::BlockOutput& output, std::int64_t row) {
  const double lse = output.lse[static_cast<std::size_t>(row)];
  return !std::isnan(lse) && lse != kInf;
}

/// Calls visit(dense, masked) for every channel of a row that neither output exempts.
template <typename Visit>
void for_each_channel(const core::Problem& problem, const core::BlockEvaluation& evaluation,
                      std::int64_t row, Visit visit) {
  const core::BlockOutput& masked = evaluation.masked.front();
  const core::BlockOutput& dense = evaluation.dense;
  for (std::int64_t c = 0; c < problem.head_dim; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    if (dense.exempt_channel[channel] != 0 || masked.exempt_channel[channel] != 0) continue;
    const auto at = static_cast<std::size_t>(row * problem.head_dim + c);
    visit(dense.o[at], masked.o[at]);
  }
}

void add_output(const core::Problem& problem, const core::BlockEvaluation& evaluation,
                std::int64_t row, MethodFinding& finding) {
  for_each_channel(problem, evaluation, row, [&finding](double dense, double masked) {
    const double difference = masked - dense;
    finding.squared_difference += difference * difference;
    finding.squared_dense += dense * dense;
    finding.max_difference = std::max(finding.max_difference, std::abs(difference));
  });
}

}  // namespace

double MethodFinding::relative_l2() const {
  if (squared_difference == 0.0) return 0.0;
  return std::sqrt(squared_difference / squared_dense);
}

double certificate_of_row(const core::Problem& problem, const core::BlockStatistics& statistics,
                          const core::BlockOutput& masked, std::int64_t row) {
  const core::TileGeometry geometry(problem);
  const std::int64_t first_row = geometry.q_rows(statistics.item.q_block).begin;
  const std::int64_t visible = geometry.visible_columns(first_row + row);
  const double kept = masked.lse[static_cast<std::size_t>(row)];
  double bound = 0.0;
  for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
    const core::Range columns = geometry.k_columns(n);
    if (columns.begin >= visible) break;
    const auto tile = static_cast<std::size_t>(n);
    if (core::takes_part(masked.mask[tile])) continue;
    const double highest = statistics.tile_max[tile] + statistics.beta[tile];
    if (highest == -kInf) continue;
    const double share = std::exp(highest - kept);
    if (std::isnan(share)) return kInf;
    bound += static_cast<double>(std::min(columns.end, visible) - columns.begin) * share;
  }
  return bound;
}

MethodFinding measure_method(const core::Problem& problem,
                             const core::BlockEvaluation& evaluation) {
  const core::BlockOutput& masked = evaluation.masked.front();
  MethodFinding finding;
  double mass = 0.0;
  for (std::int64_t r = 0; r < evaluation.statistics.rows; ++r) {
    if (!has_softmax(masked, r) || !has_softmax(evaluation.dense, r)) continue;
    add_output(problem, evaluation, r, finding);
    finding.certificate = std::max(finding.certificate,
                                   certificate_of_row(problem, evaluation.statistics, masked, r));
    const double retained = masked.retained_mass[static_cast<std::size_t>(r)];
    if (!std::isfinite(retained)) continue;
    mass += retained;
    finding.retained_mass_min = std::min(finding.retained_mass_min, retained);
    ++finding.mass_rows;
  }
  if (finding.mass_rows > 0) finding.retained_mass = mass / static_cast<double>(finding.mass_rows);
  return finding;
}

bool outputs_differ(const core::Problem& problem, const core::BlockEvaluation& evaluation,
                    double bound) {
  const core::BlockOutput& masked = evaluation.masked.front();
  bool differ = false;
  for (std::int64_t r = 0; r < evaluation.statistics.rows && !differ; ++r) {
    const RowKind kind = row_kind(masked, r, problem.head_dim);
    if (kind != RowKind::kJudged && kind != RowKind::kEmpty) continue;
    if (!has_softmax(evaluation.dense, r)) continue;
    for_each_channel(problem, evaluation, r, [&differ, bound](double dense, double sparse) {
      if (std::abs(sparse - dense) > bound) differ = true;
    });
  }
  return differ;
}

}  // namespace bsfa::analysis
