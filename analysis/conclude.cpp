// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "analysis/place.h"
#include "analysis/verdict.h"
#include "analysis/worse.h"

namespace bsfa::analysis {
namespace {

double arithmetic_ratio(const BlockVerdict& block) {
  const ArithmeticFinding& a = block.arithmetic;
  return worse(a.lse_ratio, a.ratio) ? a.lse_ratio : a.ratio;
}

auto gating_severity(const BlockVerdict& block) {
  const double ratio = block.gating.tile_max_ratio;
  return std::make_tuple(block.gating.violations, block.gating.ties,
                         std::isnan(ratio) ? HUGE_VAL : ratio);
}

std::string others(std::int64_t count) {
  if (count == 0) return {};
  return fmt::format(" (and {} more Q block{})", count, count == 1 ? "" : "s");
}

class Summary {
 public:
  Summary(std::span<const BlockVerdict> blocks, const RunFacts& facts)
      : blocks_(blocks), facts_(facts) {
    for (const BlockVerdict& block : blocks) with_batch_ |= block.item.batch > 0;
  }

  Verdict conclude() {
    verdict_.gating_inferred = !facts_.mask_reported;
    for (const BlockVerdict& block : blocks_) {
      add_gating(block);
      add_method(block);
      if (block.set_aside) {
        ++verdict_.set_aside;
      } else {
        add_arithmetic(block);
      }
    }
    finish_method();
    judge_contract();
    judge_arithmetic();
    judge_gating();
    decide();
    return std::move(verdict_);
  }

 private:
  std::string place(const BlockVerdict& block) const { return place_of(block.item, with_batch_); }
  void reason(std::string text) { verdict_.reasons.push_back(std::move(text)); }

  void add_arithmetic(const BlockVerdict& block) {
    ++verdict_.checked_blocks;
    verdict_.exempt_channels += block.arithmetic.exempt_channels;
    verdict_.exempt_rows += block.arithmetic.exempt_rows;
    judged_entries_ += block.arithmetic.judged_entries;
    skipped_beyond_ties_ += block.skipped_beyond_ties;
    if (block.distinguishes) ++distinguishing_;
    const double ratio = arithmetic_ratio(block);
    if (worst_arithmetic_ == nullptr || worse(ratio, verdict_.arithmetic_ratio)) {
      worst_arithmetic_ = &block;
      verdict_.arithmetic_ratio = ratio;
      verdict_.worst_arithmetic = block.item;
    }
    if (block.arithmetic.passed) return;
    ++arithmetic_failures_;
    if (worst_failure_ == nullptr || worse(ratio, arithmetic_ratio(*worst_failure_))) {
      worst_failure_ = &block;
    }
  }

  void add_gating(const BlockVerdict& block) {
    verdict_.ties += block.gating.ties;
    verdict_.violations += block.gating.violations;
    if (block.gating.violations > 0) ++gating_failures_;
    if (gating_severity(block) == std::make_tuple(0, 0, 0.0)) return;
    if (worst_gating_ == nullptr || gating_severity(block) > gating_severity(*worst_gating_)) {
      worst_gating_ = &block;
      verdict_.worst_gating = block.item;
    }
  }

  void add_method(const BlockVerdict& block) {
    const MethodFinding& method = block.method;
    verdict_.tiles += block.tiles;
    squared_difference_ += method.squared_difference;
    squared_dense_ += method.squared_dense;
    retained_ += method.retained_mass * static_cast<double>(method.mass_rows);
    mass_rows_ += method.mass_rows;
    verdict_.retained_mass_min = std::min(verdict_.retained_mass_min, method.retained_mass_min);
    verdict_.certificate = std::max(verdict_.certificate, method.certificate);
    if (worse(method.relative_l2(), worst_method_)) {
      worst_method_ = method.relative_l2();
      verdict_.worst_method = block.item;
    }
  }

  void finish_method() {
    MethodFinding all;
    all.squared_difference = squared_difference_;
    all.squared_dense = squared_dense_;
    verdict_.method_relative_l2 = all.relative_l2();
    if (mass_rows_ > 0) verdict_.retained_mass = retained_ / static_cast<double>(mass_rows_);
  }

  void judge_contract() {
    for (const std::string& fault : facts_.faults) reason("contract: " + fault);
    if (!facts_.difference_between_runs.empty()) {
      reason("contract: two runs differ: " + facts_.difference_between_runs);
    }
    verdict_.contract_failed = !verdict_.reasons.empty();
  }

  void judge_arithmetic() {
    verdict_.arithmetic_failed = arithmetic_failures_ > 0;
    if (worst_failure_ == nullptr) return;
    reason(fmt::format("arithmetic: {}, {}{}", place(*worst_failure_),
                       worst_failure_->arithmetic.what, others(arithmetic_failures_ - 1)));
  }

  void judge_gating() {
    const SelfConsistency& own = facts_.self_consistency;
    verdict_.inconsistent_tiles = own.violations;
    verdict_.gating_failed = verdict_.violations > 0 || own.violations > 0;
    if (verdict_.violations > 0 && worst_gating_ != nullptr) {
      const GatingFinding& worst = worst_gating_->gating;
      reason(fmt::format("gating: {}, K block {}: {}{}", place(*worst_gating_), worst.worst_k_block,
                         worst.what, others(gating_failures_ - 1)));
    }
    if (own.violations > 0) {
      reason(fmt::format("gating: {} of {} tiles are not what the kernel itself says; first: {}",
                         own.violations, own.tiles, own.first));
    }
  }

  void decide() {
    if (verdict_.contract_failed || verdict_.arithmetic_failed || verdict_.gating_failed) {
      verdict_.outcome = Outcome::kFail;
      return;
    }
    const std::string unjudged = why_unjudged();
    const std::string doubt = unjudged.empty() ? why_undecided() : unjudged;
    verdict_.outcome = doubt.empty() ? Outcome::kPass : Outcome::kInconclusive;
    verdict_.passed = doubt.empty() || (facts_.keep_all_requested && unjudged.empty());
    if (!doubt.empty()) reason("inconclusive: " + doubt);
  }

  /// Keep-all excuses a check that skipped nothing, never one that compared nothing.
  std::string why_unjudged() const {
    if (blocks_.empty()) return "no Q block was checked";
    if (verdict_.checked_blocks == 0) {
      return fmt::format(
          "all {} Q blocks were set aside: the kernel reports no mask, and each has a tile whose "
          "decision rounding may turn",
          verdict_.set_aside);
    }
    if (judged_entries_ == 0) return "every value of O is exempt (V is not finite)";
    return {};
  }

  std::string why_undecided() const {
    if (skipped_beyond_ties_ == 0) return "nothing was skipped beyond ties";
    if (distinguishing_ == 0) {
      return "masked and dense outputs agree within the tolerance in every checked Q block";
    }
    return {};
  }

  std::span<const BlockVerdict> blocks_;
  const RunFacts& facts_;
  Verdict verdict_;
  bool with_batch_ = false;
  const BlockVerdict* worst_arithmetic_ = nullptr;
  const BlockVerdict* worst_failure_ = nullptr;
  const BlockVerdict* worst_gating_ = nullptr;
  std::int64_t arithmetic_failures_ = 0, gating_failures_ = 0;
  std::int64_t skipped_beyond_ties_ = 0, distinguishing_ = 0, mass_rows_ = 0;
  std::int64_t judged_entries_ = 0;
  double squared_difference_ = 0.0, squared_dense_ = 0.0, retained_ = 0.0, worst_method_ = 0.0;
};

}  // namespace

std::string_view name_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kFail:
      return "fail";
    case Outcome::kInconclusive:
      return "inconclusive";
  }
  return "?";
}

Verdict conclude(std::span<const BlockVerdict> blocks, const RunFacts& facts) {
  return Summary(blocks, facts).conclude();
}

}  // namespace bsfa::analysis
