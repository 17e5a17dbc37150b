// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include <QtCore/QString>

#include "core/thresholds.h"
#include "gui/models/load_job.h"
#include "gui/models/trace_file.h"

namespace bsfa::gui {

/// How the thresholds of one head are chosen.
struct ThresholdChoice {
  enum class Kind : std::uint8_t {
    kStored,   ///< as the trace has them
    kTopK,     ///< value tiles of each Q block, calibrated on this very input
    kDensity,  ///< value: share of each Q block's off-diagonal tiles
    kMass,     ///< value: mean mass that each Q block retains
  };
  Kind kind = Kind::kStored;
  double value = 0.0;
  double offset = 0.0;                 ///< added to every τ, in score units
  std::map<std::int64_t, float> rows;  ///< τ of single Q blocks, by Q block; before the offset

  bool is_stored() const { return kind == Kind::kStored && offset == 0.0 && rows.empty(); }
  friend bool operator==(const ThresholdChoice&, const ThresholdChoice&) = default;
};

/// By layer and head; the sequence is 0, since batch entries share a table. Heads that are not
/// there keep the stored thresholds.
using ThresholdChoices = std::map<HeadKey, ThresholdChoice>;

/// A trace and how its thresholds are chosen.
struct ThresholdPlan {
  std::shared_ptr<const TraceFile> file;
  ThresholdChoices choices;
};

/// The thresholds of all layers as one table. Choices that follow from tiles read them, head by
/// head, and are exact; batch entries are averaged, as calibration does. Positions that the trace
/// does not hold take the value of the nearest before them, the first ones that of the first. The
/// table's k is the one that all heads chose, else the mean number of tiles that they keep.
///
/// Errors  none, and `error` says why: layers of different heads or block sizes, a head whose tiles
///         cannot be read. None without a line: cancelled.
std::optional<core::ThresholdTable> make_table(const ThresholdPlan& plan, QString* error,
                                               const JobControl& control = {});
/// Writes the table as safetensors; empty, or one line that says what failed.
QString save_thresholds(const ThresholdPlan& plan, const QString& path,
                        const JobControl& control = {});

/// The same in a job, which says how far it is and can be cancelled: `deliver` gets what
/// save_thresholds() returns. A cancelled job delivers nothing and, unless it was writing already,
/// writes nothing. The plan is what it was when the job began, whatever is edited meanwhile.
LoadJob* save_in_background(QObject* context, const ThresholdPlan& plan, const QString& path,
                            const std::function<void(const QString& error)>& deliver);

}  // namespace bsfa::gui
