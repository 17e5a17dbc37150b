// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/tensor_check.h"
#include "analysis/work_profile.h"

namespace bsfa::analysis {

// When something is worth a line. Each limit says what an even run stays below.

/// A unit that ends this much later than the median unit. Persistent kernels hand each unit twenty
/// items and more, and an even run ends within one of them: a twentieth.
inline constexpr double kLateShare = 0.05;
/// From this share of late units on no unit is to blame: the run as a whole ends raggedly.
inline constexpr double kFewUnits = 0.25;
/// Items that take this many median items are long; items of one causal head differ by a factor of
/// two around their median.
inline constexpr double kLongItem = 2.0;
/// Busy time of the busiest unit over the mean: one item in ten, coarser than even runs come out.
inline constexpr double kExcess = 0.10;
/// Share of all units' time in which they stand idle; what kLateShare leaves of an even run.
inline constexpr double kIdleShare = 0.05;
/// A head that keeps this many times the tiles of the median head. Heads of real models differ by
/// a factor of two at one k without harm.
inline constexpr double kHeavyHead = 3.0;
/// A unit whose items take this much longer than their tiles explain; single items scatter by some
/// hundredths, and a unit averages over several.
inline constexpr double kSlowUnit = 0.10;
/// Share of all time that outliers took beyond what their tiles explain.
inline constexpr double kOutlierShare = 0.02;
/// R² below which tile counts do not explain the times of items ...
inline constexpr double kPoorFit = 0.80;
/// ... that scatter by at least this: equal items leave nothing to explain.
inline constexpr double kItemVariation = 0.10;
/// Busiest warp or warpgroup of a CTA over the CTA's mean.
inline constexpr double kUnequalWarps = 1.10;
/// Tensor instructions issued beyond those that the mask needs: more than the odd tile of a step
/// that covers two.
inline constexpr double kBeyondNeed = 0.05;

enum class FindingSeverity {
  kWarning,  ///< costs time
  kNote,     ///< worth knowing
};
std::string_view name_of(FindingSeverity severity) noexcept;

/// One conclusion in words, with the numbers it rests on.
struct Finding {
  FindingSeverity severity = FindingSeverity::kNote;
  std::string rule;   ///< as named at findings_of()
  std::string text;   ///< one line
  double size = 0.0;  ///< how far it goes, to sort by: mostly a share of the time
  std::vector<std::pair<std::string, double>> numbers;
};

/// What is worth knowing of a launch, warnings first, then by size; empty where work was shared out
/// evenly and records are sound.
///
/// Warnings  late-unit       a unit ends after the others, and why
///           ragged-end      many units do
///           busy-unit       a unit is busier than the mean and yet does not end late
///           slow-unit       a unit's items take longer than their tiles explain
///           idle            units stand idle
///           absent          units got no work at all
///           outliers        items take longer than their tiles explain
///           unequal-warps   warps or warpgroups of one CTA share its time unequally
///           heavy-head      a head keeps many times the tiles of others, while units are uneven
///           tensor-count    the hardware counted other tensor instructions than the records say
/// Notes     heavy-head      the same while units are even
///           poor-fit        tile counts do not explain the times of items
///           beyond-need     more tensor instructions were issued than the mask needs
///           records         records that had to be set aside
std::vector<Finding> findings_of(const WorkProfile& profile,
                                 const std::optional<TensorCheck>& tensor = std::nullopt);

}  // namespace bsfa::analysis
