// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtGui/QUndoStack>

#include "gui/models/head_figures.h"
#include "gui/models/head_store.h"
#include "gui/models/head_tuner.h"
#include "gui/models/speed.h"
#include "gui/models/threshold_plan.h"

namespace bsfa::gui {

enum class ThresholdScope : std::uint8_t { kHead, kLayer, kAll };

/// What the thresholds do to some heads.
struct ThresholdEffect {
  analysis::TileCounts tiles;
  std::optional<double> density, retained_mass;
  /// Bound on lost over kept mass of every row. Of heads out of view it is the trace's own, scaled
  /// by what their curves say is lost, and marked like all that curves say.
  std::optional<double> certificate;
  bool certificate_known =
      false;  ///< false: statistics for it are missing; true without a value: "no bound"
  bool approximate = false;  ///< part of it comes from stored curves: "≈"
  std::int64_t heads = 0;
  std::int64_t blocks = 0;         ///< Q blocks that the figures are about: those checked
  std::int64_t pending_heads = 0;  ///< left out too: their curves are being read
  std::int64_t unknown_heads = 0;  ///< heads of which the trace says nothing, left out
};

/// Thresholds of a trace, edited with undo and redo.
///
/// The head in view is computed from its tiles and exact; others from their curves. Both are read
/// in the background when first asked for, and evaluated() follows; nothing here waits. All edits
/// of one drag are one step of undo: the same `drag` number merges with the last command.
class ThresholdModel : public QObject {
  Q_OBJECT

 public:
  explicit ThresholdModel(QObject* parent = nullptr);
  ~ThresholdModel() override;

  /// Forgets all edits. Null: no trace.
  void set_file(std::shared_ptr<const TraceFile> file);
  /// The head in view, in memory; null arrays: it is not there yet. Until its tiles are sorted it
  /// is approximate.
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
  /// Takes a drag back as if it had not been: it is no step to undo or redo.
  void give_up(int drag);
  QUndoStack& undo_stack() noexcept { return undo_; }
  bool edited() const;
  bool edited(HeadKey key) const { return !choice(key).is_stored(); }

  /// τ [rows] of a head under its choice; empty where the trace says nothing of it.
  std::vector<float> tau(HeadKey key);
  ThresholdEffect effect(HeadKey key);
  ThresholdEffect effect(ThresholdScope scope, HeadKey key);
  /// Of a whole layer, since one launch computes it: of those of its heads that are known.
  SpeedEstimate speed(std::int64_t layer);
  /// What one head alone would gain.
  SpeedEstimate speed(HeadKey key);
  /// Of the layer's launch over one without gating, where the trace's profile timed both and
  /// nothing else is tried on the layer.
  std::optional<double> measured_speed(std::int64_t layer) const;

  /// The same as tables of heads show it; none while it is not known.
  std::optional<TriedFigures> tried(HeadKey key);

  /// k against density, retained mass and speed for the head in view, or the layer from curves. It
  /// does not depend on what is chosen, and is computed once for each head or scope.
  struct CurvePoint {
    std::int64_t k = 0;
    double density = 0.0, retained_mass = 0.0;
    std::optional<double> speed;
  };
  struct Curve {
    std::vector<CurvePoint> points;
    bool approximate = false, upper_bound = false;
    /// What the trace's own thresholds were measured to give, at the k of as many tiles kept.
    struct Measured {
      double k = 0.0, speed = 0.0;
    };
    std::optional<Measured> measured;
  };
  const Curve& curve(ThresholdScope scope, HeadKey key);

  /// Whether something asked for is still being read or sorted.
  bool pending() const { return !loading_.empty() || !sorting_.isNull(); }

  /// Everything that a table of these thresholds is made from, for save_thresholds().
  ThresholdPlan plan() const { return {file_, choices_}; }

 signals:
  void changed();    ///< some choice
  void evaluated();  ///< the head in view is exact now

 private:
  friend class ThresholdCommand;
  struct Loaded {
    std::shared_ptr<const traces::Sequence> curves;
    LayerCost cost;
    std::optional<double> measured_speed;
  };
  /// What one head's thresholds do to it.
  struct HeadEffect {
    enum class Source : std::uint8_t { kTiles, kCurves, kPending, kNone };
    Source source = Source::kNone;
    analysis::Tuning tuning;
    std::int64_t blocks = 0;
  };
  struct DrawnCurve {
    ThresholdScope scope = ThresholdScope::kHead;
    HeadKey key;
    Curve curve;
  };
  static HeadKey table_key(HeadKey key) { return {{key.sequence.layer, 0}, key.head}; }
  std::vector<HeadKey> heads_of(ThresholdScope scope, HeadKey key) const;
  void edit(ThresholdScope scope, HeadKey key, const QString& text, int drag,
            const std::function<void(ThresholdChoice&)>& change);
  void apply(const ThresholdChoices& changes);
  const HeadTuner* exact(HeadKey key) const;
  std::optional<CurveTuner> approximate(HeadKey key);
  std::span<const float> stored_tau(HeadKey key) const;
  /// Whether a sequence's curves are there; asks for them if not.
  bool load_curves(SequenceKey key);
  const HeadEffect& head_effect(HeadKey key);
  HeadEffect evaluate(HeadKey key);
  LayerCost cost_of(std::int64_t layer) const;
  Curve draw_curve(ThresholdScope scope, HeadKey key);
  std::optional<Curve::Measured> place_measured(const Curve& curve, std::int64_t layer,
                                                const analysis::Tuning& stored) const;
  /// More is known of these heads: what was computed without it is no longer so.
  void forget(SequenceKey key);

  std::shared_ptr<const TraceFile> file_;
  ThresholdChoices choices_;  ///< those that are not the stored thresholds, by table_key()
  HeadKey head_;
  std::shared_ptr<const HeadTuner> tuner_;
  QPointer<LoadJob> sorting_;
  std::map<SequenceKey, std::shared_ptr<const traces::Sequence>> curves_;
  std::map<SequenceKey, QPointer<LoadJob>> loading_;
  std::map<std::int64_t, LayerCost> costs_;
  std::map<std::int64_t, double> measured_;  ///< speeds of layers
  std::map<HeadKey, HeadEffect> effects_;    ///< of the present choices, as far as asked for
  std::optional<DrawnCurve> drawn_;
  QUndoStack undo_;
  int last_drag_ = 0, given_up_ = 0;
};

}  // namespace bsfa::gui
