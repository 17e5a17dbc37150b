// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <QtCore/QAbstractTableModel>
#include <QtCore/QSortFilterProxyModel>

#include "gui/models/table_text.h"
#include "gui/models/trace_file.h"

namespace bsfa::gui {

/// What other thresholds than the trace's would do to one head.
struct TriedFigures {
  std::optional<double> density, retained_mass;
  std::optional<double> certificate;  ///< infinite where there is no bound
  std::optional<double> speed;        ///< as HeadFigures::speed
  bool approximate = false;           ///< from stored curves: "≈"
  friend bool operator==(const TriedFigures&, const TriedFigures&) = default;
};

/// What is known of one head over its checked Q blocks. None: the trace does not say.
struct HeadFigures {
  HeadKey key;
  std::int64_t blocks = 0;                                 ///< Q blocks checked
  std::optional<double> density;                           ///< kept over off-diagonal tiles
  std::optional<double> retained_mass, retained_mass_min;  ///< mean over blocks, least of a row
  std::optional<double>
      arithmetic;  ///< largest error over its bound; NaN where a comparison met one
  std::optional<std::int64_t> ties, violations;
  std::optional<double> method;  ///< largest relative L2 distance of a block from dense
  /// Time of the head's work items over the mean of the layer's heads; tiles kept where no clock
  /// was read. 1 is even.
  std::optional<double> imbalance;
  std::optional<double> certificate;  ///< largest of a block; infinite where there is no bound
  /// Over keeping every tile, of this head alone: from the layer's cost model, else what skipping
  /// can gain at most. None where the density is not known.
  std::optional<double> speed;
  std::optional<TriedFigures> tried;  ///< while other thresholds are tried on this head

  bool failed() const;  ///< arithmetic above 1 or NaN, or a violation
};

/// Figures of all heads, in the order of sequences and heads. Reads work records: for a job of its
/// own, or at the end of the one that opens the file. Densities come from the report, or from the
/// work records; where neither has them they are none, and counted_density() reads a mask.
std::vector<HeadFigures> head_figures(const TraceFile& file);

/// Density of one head, counted in the kernel's mask (the reference's where there is none); reads
/// the mask.
std::optional<double> counted_density(const TraceFile& file, HeadKey key);

/// By which figure heads are compared.
enum class HeadFigure : std::uint8_t {
  kDensity,
  kRetainedMass,
  kArithmetic,
  kTies,
  kViolations,
  kMethod,
  kImbalance,
  kCertificate,
  kSpeed,
};
std::optional<double> value_of(const HeadFigures& head, HeadFigure figure);

/// A figure as views show it: that of the thresholds being tried in place of the trace's own, which
/// stays beside it.
struct ShownFigure {
  std::optional<double> value;
  bool is_tried = false, approximate = false;
  std::optional<double> of_trace;  ///< where is_tried
};
ShownFigure shown_figure(const HeadFigures& head, HeadFigure figure);

/// Whether one is to be looked at before the other: a failed head before all (most violations, then
/// largest arithmetic error), else the larger method error, else the lesser retained mass.
bool is_worse(const HeadFigures& head, const HeadFigures& than);
/// Where to look first. None without heads.
std::optional<HeadKey> worst_head(const std::vector<HeadFigures>& heads);

/// Whether a cell is about thresholds being tried, as bool; and the text that it would show
/// without.
inline constexpr int kTriedRole = Qt::UserRole + 2;
inline constexpr int kOfTraceRole = Qt::UserRole + 3;

/// The heads of a trace as a table. While other thresholds are tried on a head, its cells show what
/// they would do, "≈" where that comes from curves, and what the trace has in brackets.
class HeadTableModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column {
    kLayer,
    kSequence,
    kHead,
    kDensity,
    kRetainedMass,
    kArithmetic,
    kTies,
    kViolations,
    kMethod,
    kImbalance,
    kCertificate,
    kSpeed,
    kColumnCount,
  };

  using QAbstractTableModel::QAbstractTableModel;

  void set_heads(std::vector<HeadFigures> heads);
  const std::vector<HeadFigures>& heads() const noexcept { return heads_; }
  /// Fills in what was counted later.
  void set_density(HeadKey key, double density);
  /// None: the trace's own thresholds.
  void set_tried(const std::vector<std::pair<HeadKey, std::optional<TriedFigures>>>& heads);
  HeadKey key_at(int row) const { return heads_[static_cast<std::size_t>(row)].key; }
  /// -1: not in the table.
  int row_of(HeadKey key) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  /// Shown text, kValueRole, kTriedRole, kOfTraceRole, a tool tip, right alignment of numbers;
  /// Qt::UserRole gives bool "failed" in every column.
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<HeadFigures> heads_;
  int tried_ = 0;  ///< heads on which others are tried
};

/// Sorts by kValueRole, values that do not exist last, and filters by a text: words that must
/// all fit a head. "4.2" or "L4/H2" is a place, "fail" heads that failed, "density<0.3",
/// "method>0.1" and the like compare a column; anything else is looked for in the shown text.
class HeadFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit HeadFilter(QObject* parent = nullptr);
  void set_text(const QString& text);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  bool accepts_word(int row, const QString& word) const;
  QStringList words_;
};

}  // namespace bsfa::gui
