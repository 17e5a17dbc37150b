// SPDX-License-Identifier: Apache-2.0
#include "analysis/gating.h"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "analysis/tile_check.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// The decision on one off-diagonal tile against the exact scores.
TileFinding check_decision(bool kept, double tile_max, double beta, bool must_keep, float tau) {
  const bool keeps = core::gate_keeps(tile_max, tau);
  if (kept == keeps) return {};
  const std::string scores =
      fmt::format("tile_max {:.9g}, threshold {:.9g}, beta {:.2g}", tile_max, tau, beta);
  if (!kept && static_cast<double>(tau) == -kInf) {
    return violation("skipped, but nothing may be skipped here: " + scores);
  }
  if (beta == kInf) {
    if (kept || !must_keep) return {};
    return violation("skipped, but a score is NaN or +inf: " + scores);
  }
  if (is_tie(tile_max, beta, tau)) return {Judgement::kTie, {}};
  return violation((kept ? "kept, but must be skipped: " : "skipped, but must be kept: ") + scores);
}

/// |Δ tile_max|: 0 where both are NaN or the same infinity, NaN where only one is NaN.
double tile_max_error(double kernel, double reference) {
  if (kernel == reference || (std::isnan(kernel) && std::isnan(reference))) return 0.0;
  return std::abs(kernel - reference);
}

class GateJudge {
 public:
  GateJudge(const core::Problem& problem, const core::Thresholds* thresholds,
            const core::BlockStatistics& statistics, const core::KernelOutput& kernel)
      : geometry_(problem),
        statistics_(statistics),
        tau_(threshold_of(problem, thresholds, statistics.item)) {
    const std::size_t row = first_tile(problem, statistics.item);
    if (kernel.mask != nullptr) mask_ = kernel.mask + row;
    if (kernel.tile_max != nullptr) tile_max_ = kernel.tile_max + row;
  }

  GatingFinding judge() {
    if (tile_max_ != nullptr) {
      finding_.tile_error.assign(static_cast<std::size_t>(geometry_.k_blocks()), 0.0F);
    }
    for (std::int64_t n = 0; n < geometry_.k_blocks(); ++n) judge_tile(n);
    return std::move(finding_);
  }

 private:
  void judge_tile(std::int64_t n) {
    const core::TilePlace place = geometry_.place(statistics_.item.q_block, n);
    TileFinding tile;
    if (mask_ != nullptr) tile = check_mask(n, place);
    if (tile_max_ != nullptr && place != core::TilePlace::kOutside) {
      TileFinding score = check_tile_max(n);
      if (tile.judgement != Judgement::kViolation && score.judgement == Judgement::kViolation) {
        tile = std::move(score);
      }
    }
    if (tile.judgement == Judgement::kTie) ++finding_.ties;
    if (tile.judgement == Judgement::kViolation && ++finding_.violations == 1) {
      finding_.worst_k_block = n;
      finding_.what = std::move(tile.what);
    }
  }

  TileFinding check_mask(std::int64_t n, core::TilePlace place) const {
    const auto at = static_cast<std::size_t>(n);
    TileFinding code = check_code(place, mask_[n]);
    if (code.judgement == Judgement::kViolation || place != core::TilePlace::kOffDiagonal) {
      return code;
    }
    return check_decision(is_kept(mask_[n]), statistics_.tile_max[at], statistics_.beta[at],
                          statistics_.must_keep[at] != 0, tau_);
  }

  TileFinding check_tile_max(std::int64_t n) {
    const auto at = static_cast<std::size_t>(n);
    const auto reported = static_cast<double>(tile_max_[n]);
    const double exact = statistics_.tile_max[at], beta = statistics_.beta[at];
    const double error = tile_max_error(reported, exact);
    finding_.tile_error[at] = static_cast<float>(error);
    if (beta == kInf) return {};
    const double ratio = error == 0.0 ? 0.0 : error / beta;
    if (!(ratio <= finding_.tile_max_ratio)) {
      if (!std::isnan(finding_.tile_max_ratio)) finding_.tile_max_ratio = ratio;
      if (finding_.violations == 0) finding_.worst_k_block = n;
    }
    if (error <= beta) return {};
    return violation(
        fmt::format("tile_max {:.9g}, but is {:.9g} (beta {:.2g})", reported, exact, beta));
  }

  core::TileGeometry geometry_;
  const core::BlockStatistics& statistics_;
  float tau_;
  const std::uint8_t* mask_ = nullptr;
  const float* tile_max_ = nullptr;
  GatingFinding finding_;
};

}  // namespace

float threshold_of(const core::Problem& problem, const core::Thresholds* thresholds,
                   const core::WorkItem& item) {
  if (thresholds == nullptr) return -std::numeric_limits<float>::infinity();
  const core::TileGeometry geometry(problem);
  return thresholds->at(item.head, geometry.threshold_index(item.q_block, thresholds->blocks));
}

bool is_tie(double tile_max, double beta, float tau) noexcept {
  return beta > 0.0 && std::abs(tile_max - static_cast<double>(tau)) <= beta;
}

GatingFinding judge_gating(const core::Problem& problem, const core::Thresholds* thresholds,
                           const core::BlockStatistics& statistics,
                           const core::KernelOutput& kernel) {
  return GateJudge(problem, thresholds, statistics, kernel).judge();
}

bool has_undecidable_tile(const core::Problem& problem, const core::Thresholds* thresholds,
                          const core::BlockStatistics& statistics) {
  const core::TileGeometry geometry(problem);
  const float tau = threshold_of(problem, thresholds, statistics.item);
  if (static_cast<double>(tau) == -kInf) return false;
  const std::int64_t m = statistics.item.q_block;
  for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
    if (geometry.place(m, n) != core::TilePlace::kOffDiagonal) continue;
    const auto at = static_cast<std::size_t>(n);
    const double tile_max = statistics.tile_max[at];
    if (statistics.beta[at] == kInf) {
      if (statistics.must_keep[at] == 0 || !core::gate_keeps(tile_max, tau)) return true;
    } else if (is_tie(tile_max, statistics.beta[at], tau)) {
      return true;
    }
  }
  return false;
}

std::int64_t skipped_beyond_ties(const core::Problem& problem, const core::Thresholds* thresholds,
                                 const core::BlockStatistics& statistics,
                                 std::span<const core::TileCode> mask) {
  const core::TileGeometry geometry(problem);
  const float tau = threshold_of(problem, thresholds, statistics.item);
  const std::int64_t m = statistics.item.q_block;
  std::int64_t count = 0;
  for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
    const auto at = static_cast<std::size_t>(n);
    if (geometry.place(m, n) != core::TilePlace::kOffDiagonal || core::takes_part(mask[at])) {
      continue;
    }
    const bool decided =
        statistics.beta[at] != kInf && !is_tie(statistics.tile_max[at], statistics.beta[at], tau);
    if (decided) ++count;
  }
  return count;
}

}  // namespace bsfa::analysis
