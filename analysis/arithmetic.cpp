// SPDX-License-Identifier: Apache-2.0
#include "analysis/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "analysis/decode.h"
#include "analysis/worse.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// error / bound for people: 0 where nothing is wrong, also where both are 0 or nothing is asked.
double ratio_of(double error, double bound) {
  if (error == 0.0 || (bound == kInf && !std::isnan(error))) return 0.0;
  return error / bound;
}

std::string failure(double error, double bound, double ratio, const char* name) {
  if (std::isnan(error)) return fmt::format("{} is NaN, the reference is not", name);
  return fmt::format("|{} - ref| = {:.2g}, bound {:.2g} ({:.3g}x)", name, error, bound, ratio);
}

class BlockJudge {
 public:
  BlockJudge(const core::Problem& problem, const core::BlockEvaluation& evaluation,
             const core::KernelOutput& kernel)
      : problem_(problem),
        geometry_(problem),
        statistics_(evaluation.statistics),
        reference_(evaluation.masked.front()),
        kernel_(kernel),
        reader_(kernel.o),
        first_row_(geometry_.q_rows(statistics_.item.q_block).begin) {
    kinds_.reserve(static_cast<std::size_t>(statistics_.rows));
    for (std::int64_t r = 0; r < statistics_.rows; ++r) {
      kinds_.push_back(row_kind(reference_, r, problem.head_dim));
    }
  }

  ArithmeticFinding judge() {
    finding_.exempt_channels =
        std::count_if(reference_.exempt_channel.begin(), reference_.exempt_channel.end(),
                      [](std::uint8_t exempt) { return exempt != 0; });
    finding_.exempt_rows = std::count(kinds_.begin(), kinds_.end(), RowKind::kOverflows);
    const auto channels = problem_.head_dim - finding_.exempt_channels;
    finding_.judged_entries = (statistics_.rows - finding_.exempt_rows) * channels;
    finding_.bound = output_bound();
    judge_output();
    if (kernel_.lse != nullptr) judge_lse();
    return std::move(finding_);
  }

 private:
  bool exempt(std::int64_t channel) const {
    return reference_.exempt_channel[static_cast<std::size_t>(channel)] != 0;
  }
  std::size_t entry(std::int64_t row, std::int64_t channel) const {
    return static_cast<std::size_t>(row * problem_.head_dim + channel);
  }

  double output_bound() const {
    double rounding = 0.0, largest = 0.0;
    for (std::int64_t r = 0; r < statistics_.rows; ++r) {
      if (kinds_[static_cast<std::size_t>(r)] != RowKind::kJudged) continue;
      for (std::int64_t c = 0; c < problem_.head_dim; ++c) {
        if (exempt(c)) continue;
        const double exact = reference_.o[entry(r, c)];
        const double naive = static_cast<double>(reference_.low[entry(r, c)]);
        if (worse(std::abs(naive - exact), rounding)) rounding = std::abs(naive - exact);
        if (worse(std::abs(exact), largest)) largest = std::abs(exact);
      }
    }
    return 2.0 * rounding + 2.0 * core::unit_roundoff(problem_.dtype) * largest;
  }

  void judge_output() {
    std::vector<double> row(static_cast<std::size_t>(problem_.head_dim));
    finding_.row_error.assign(static_cast<std::size_t>(statistics_.rows), 0.0);
    const core::WorkItem& item = statistics_.item;
    for (std::int64_t r = 0; r < statistics_.rows; ++r) {
      reader_.read(item.batch, item.head, first_row_ + r, row);
      const RowKind kind = kinds_[static_cast<std::size_t>(r)];
      if (kind == RowKind::kJudged) compare_row(r, row);
      if (kind == RowKind::kPoisoned || kind == RowKind::kEmpty) check_exact_row(r, kind, row);
    }
    if (!finding_.passed) return;
    finding_.ratio = ratio_of(finding_.error, finding_.bound);
    if (finding_.error <= finding_.bound) return;
    const std::string where =
        fmt::format("row {}, channel {}: ", finding_.worst_row, finding_.worst_channel);
    fail(where + failure(finding_.error, finding_.bound, finding_.ratio, "O"));
  }

  void compare_row(std::int64_t r, const std::vector<double>& row) {
    double& error = finding_.row_error[static_cast<std::size_t>(r)];
    for (std::int64_t c = 0; c < problem_.head_dim; ++c) {
      if (exempt(c)) continue;
      const double here = std::abs(row[static_cast<std::size_t>(c)] - reference_.o[entry(r, c)]);
      if (worse(here, error)) error = here;
      if (finding_.passed && worse(here, finding_.error)) see_worst(here, r, c);
    }
  }

  /// Rows whose answer is known exactly leave nothing to a bound.
  void check_exact_row(std::int64_t r, RowKind kind, const std::vector<double>& row) {
    const bool poisoned = kind == RowKind::kPoisoned;
    for (std::int64_t c = 0; c < problem_.head_dim; ++c) {
      const double value = row[static_cast<std::size_t>(c)];
      if (exempt(c) || (poisoned ? std::isnan(value) : value == 0.0)) continue;
      const double error = poisoned ? kInf : std::abs(value);
      finding_.row_error[static_cast<std::size_t>(r)] = error;
      if (!finding_.passed) return;
      see_worst(error, r, c);
      finding_.ratio = std::isnan(error) ? error : kInf;
      fail(fmt::format("row {}, channel {}: O must be {}, but is {:.3g}", first_row_ + r, c,
                       poisoned ? "NaN (a kept score is NaN or +inf)" : "0 (all kept are -inf)",
                       value));
      return;
    }
  }

  void see_worst(double error, std::int64_t r, std::int64_t c) {
    finding_.error = error;
    finding_.worst_row = first_row_ + r;
    finding_.worst_channel = c;
  }

  /// max β over the row's kept tiles + (Bk + ceil(N/Bk))·2^-23 + 2^-22·|LSE|.
  double lse_bound(std::int64_t r) const {
    const std::int64_t visible = geometry_.visible_columns(first_row_ + r);
    double beta = 0.0;
    for (std::int64_t n = 0; n < geometry_.k_blocks(); ++n) {
      if (geometry_.k_columns(n).begin >= visible) break;
      const auto tile = static_cast<std::size_t>(n);
      if (core::takes_part(reference_.mask[tile]) && worse(statistics_.beta[tile], beta)) {
        beta = statistics_.beta[tile];
      }
    }
    const auto terms = static_cast<double>(problem_.gate.k_block + geometry_.k_blocks());
    const double exact = reference_.lse[static_cast<std::size_t>(r)];
    return beta + terms * 0x1p-23 + 0x1p-22 * std::abs(exact);
  }

  void judge_lse() {
    const core::WorkItem& item = statistics_.item;
    const float* lse =
        kernel_.lse + (item.batch * problem_.heads + item.head) * problem_.q_len + first_row_;
    for (std::int64_t r = 0; r < statistics_.rows; ++r) {
      const RowKind kind = kinds_[static_cast<std::size_t>(r)];
      const auto value = static_cast<double>(lse[r]);
      if (kind == RowKind::kJudged) compare_lse(r, value);
      if (kind == RowKind::kPoisoned && std::isfinite(value)) {
        wrong_lse(r, value, "not be finite (a kept score is NaN or +inf)");
      }
      if (kind == RowKind::kEmpty && !(value == -kInf)) {
        wrong_lse(r, value, "be -inf (all kept scores are)");
      }
    }
  }

  void compare_lse(std::int64_t r, double value) {
    const double exact = reference_.lse[static_cast<std::size_t>(r)];
    const double error = std::abs(value - exact);
    const double bound = lse_bound(r);
    const double ratio = ratio_of(error, bound);
    if (finding_.worst_lse_row < 0 || worse(ratio, finding_.lse_ratio)) {
      see_worst_lse(r, error, bound, ratio);
    }
    if (error <= bound) return;
    fail(fmt::format("row {}: ", first_row_ + r) + failure(error, bound, ratio, "LSE"));
  }

  void wrong_lse(std::int64_t r, double value, const char* rule) {
    if (worse(kInf, finding_.lse_ratio)) see_worst_lse(r, kInf, 0.0, kInf);
    fail(fmt::format("row {}: LSE must {}, but is {:.6g}", first_row_ + r, rule, value));
  }

  void see_worst_lse(std::int64_t r, double error, double bound, double ratio) {
    finding_.worst_lse_row = first_row_ + r;
    finding_.lse_error = error;
    finding_.lse_bound = bound;
    finding_.lse_ratio = ratio;
  }

  void fail(std::string what) {
    if (finding_.passed) finding_.what = std::move(what);
    finding_.passed = false;
  }

  const core::Problem& problem_;
  core::TileGeometry geometry_;
  const core::BlockStatistics& statistics_;
  const core::BlockOutput& reference_;
  const core::KernelOutput& kernel_;
  RowReader reader_;
  std::int64_t first_row_;
  std::vector<RowKind> kinds_;
  ArithmeticFinding finding_;
};

}  // namespace

RowKind row_kind(const core::BlockOutput& reference, std::int64_t row, std::int64_t channels) {
  const double lse = reference.lse[static_cast<std::size_t>(row)];
  if (std::isnan(lse) || lse == kInf) return RowKind::kPoisoned;
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto at = static_cast<std::size_t>(row * channels + c);
    if (reference.exempt_channel[static_cast<std::size_t>(c)] == 0 &&
        !std::isfinite(reference.low[at])) {
      return RowKind::kOverflows;
    }
  }
  return lse == -kInf ? RowKind::kEmpty : RowKind::kJudged;
}

ArithmeticFinding judge_arithmetic(const core::Problem& problem,
                                   const core::BlockEvaluation& evaluation,
                                   const core::KernelOutput& kernel) {
  return BlockJudge(problem, evaluation, kernel).judge();
}

}  // namespace bsfa::analysis
