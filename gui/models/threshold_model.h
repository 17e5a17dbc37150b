// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtGui/QUndoStack>

#include "analysis/cost_model.h"
#include "core/thresholds.h"
#include "gui/models/head_store.h"
#include "gui/models/head_tuner.h"

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

enum class ThresholdScope : std::uint8_t { kHead, kLayer, kAll };

/// What the thresholds do to some heads.
struct ThresholdEffect {
  analysis::TileCounts tiles;
  std::optional<double> density, retained_mass;
  std::optional<double> certificate;  ///< bound on lost over kept mass of every row
  bool certificate_known =
      false;  ///< false: statistics for it are missing; true without a value: "no bound"
  bool approximate = false;  ///< part of it comes from stored curves: "≈"
  std::int64_t heads = 0;
  std::int64_t unknown_heads = 0;  ///< heads of which the trace says nothing, left out
};

/// Speed over keeping every tile.
struct SpeedEstimate {
  std::optional<double> factor;
  bool upper_bound = false;  ///< no cost model: what skipping can gain at most
};

/// Thresholds of a trace, edited with undo and redo.
///
/// The head in view is computed from its tiles and exact; others from their curves. All edits of
/// one drag are one step of undo: the same `drag` number merges with the last command.
class ThresholdModel : public QObject {
  Q_OBJECT

 public:
  explicit ThresholdModel(QObject* parent = nullptr);
  ~ThresholdModel() override;

  /// Forgets all edits. Null: no trace.
  void set_file(std::shared_ptr<const TraceFile> file);
  /// The head in view, in memory. Sorting its tiles takes some 60 ms and happens in the background;
  /// evaluated() follows, and until then the head is approximate.
  void set_head(HeadKey key, std::shared_ptr<const HeadArrays> arrays);
  HeadKey head() const noexcept { return head_; }

  const ThresholdChoice& choice(HeadKey key) const;
  /// Changes the choice of a scope around a head, as one step of undo. A drag number other than 0
  /// merges with the step before if that has the same.
  void choose(ThresholdScope scope, HeadKey key, const ThresholdChoice& choice, int drag = 0);
  /// Kind and value for a scope, offsets stay; and the other way round.
  void set_kind(ThresholdScope scope, HeadKey key, ThresholdChoice::Kind kind, double value,
                int drag = 0);
  void set_offset(ThresholdScope scope, HeadKey key, double offset, int drag = 0);
  /// τ of one Q block of one head, as shown (offset included).
  void set_row(HeadKey key, std::int64_t q_block, float tau, int drag = 0);
  void reset(ThresholdScope scope, HeadKey key);
  /// A number for a new drag.
  int new_drag() { return ++last_drag_; }
  QUndoStack& undo_stack() noexcept { return undo_; }
  bool edited() const;
  bool edited(HeadKey key) const { return !choice(key).is_stored(); }

  /// τ [rows] of a head under its choice; empty where the trace says nothing of it.
  std::vector<float> tau(HeadKey key) const;
  ThresholdEffect effect(HeadKey key) const;
  ThresholdEffect effect(ThresholdScope scope, HeadKey key) const;
  /// Of a whole layer, since one launch computes it.
  SpeedEstimate speed(std::int64_t layer) const;

  /// k against density, retained mass and speed for the head in view, or the layer from curves.
  struct CurvePoint {
    std::int64_t k = 0;
    double density = 0.0, retained_mass = 0.0;
    std::optional<double> speed;
  };
  struct Curve {
    std::vector<CurvePoint> points;
    bool approximate = false, upper_bound = false;
  };
  Curve curve(ThresholdScope scope, HeadKey key) const;

  /// All layers' thresholds as one table; `error` says why there is none. Positions that the trace
  /// does not hold take the value of the nearest before them.
  std::optional<core::ThresholdTable> table(QString* error) const;
  /// Writes the table as safetensors; empty, or one line that says what failed.
  QString save(const QString& path) const;

 signals:
  void changed();    ///< some choice
  void evaluated();  ///< the head in view is exact now

 private:
  friend class ThresholdCommand;
  using Choices = std::map<HeadKey, ThresholdChoice>;
  std::vector<HeadKey> heads_of(ThresholdScope scope, HeadKey key) const;
  void push(const Choices& changes, const QString& text, int drag);
  void apply(const Choices& changes);
  const HeadTuner* exact(HeadKey key) const;
  std::optional<CurveTuner> approximate(HeadKey key) const;

  std::shared_ptr<const TraceFile> file_;
  Choices choices_;  ///< those that are not the stored thresholds
  HeadKey head_;
  std::shared_ptr<const HeadTuner> tuner_;
  QPointer<LoadJob> sorting_;
  mutable std::map<SequenceKey, traces::Sequence> curves_;
  mutable std::map<std::int64_t, std::optional<analysis::CostModel>> models_;
  QUndoStack undo_;
  int last_drag_ = 0;
};

}  // namespace bsfa::gui
