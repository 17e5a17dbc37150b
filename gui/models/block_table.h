// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QAbstractTableModel>

#include "gui/models/table_text.h"
#include "gui/models/tile_field.h"
#include "gui/models/trace_file.h"

namespace bsfa::gui {

/// One Q block of one head; what the trace does not say is none.
struct BlockFigures {
  std::int64_t head = 0, q_block = 0;
  bool checked = true;
  std::optional<float> threshold, arithmetic, method, retained_mass, retained_mass_min, certificate;
  std::optional<std::uint32_t> ties, violations;
};
/// `row` counts the Q blocks that the sequence holds.
BlockFigures block_figures(const traces::Sequence& sequence, std::int64_t head, std::int64_t row);

/// The three errors, by which blocks are compared.
enum class BlockError : std::uint8_t { kArithmetic, kGating, kMethod };
QString name_of(BlockError error);
/// Arithmetic over bound, violations (ties as thousandths), relative L2; none where not known.
std::optional<double> value_of(const BlockFigures& block, BlockError error);

/// One error of all rows of a head, for the strip along a heatmap; NaN where not known.
std::vector<float> error_strip(const traces::Sequence& sequence, std::int64_t head,
                               BlockError error);
/// Where an error of a strip is shown as wrong: arithmetic above 1 or NaN on a checked row, any
/// violation; never for method.
bool is_fault(const BlockFigures& block, BlockError error);

struct BlockPlace {
  std::int64_t head = 0, q_block = 0;
  friend auto operator<=>(const BlockPlace&, const BlockPlace&) = default;
};
/// The worst blocks of a sequence, worst first; blocks without the error or with an error of 0 are
/// left out. NaN is worst.
std::vector<BlockPlace> worst_blocks(const traces::Sequence& sequence, BlockError error,
                                     std::size_t count);
/// The next (or previous) block after a place with a violation, or arithmetic beyond its bound,
/// going around at the end; none where the sequence has no such block.
std::optional<BlockPlace> next_fault(const traces::Sequence& sequence, BlockPlace from,
                                     bool backward);

/// A tile that is worth a look.
struct TilePlace {
  std::int64_t q_block = 0, k_block = 0;
  Disagreement disagreement = Disagreement::kNone;
  float tile_max = 0.0F, margin = 0.0F;
  float lost_mass = 0.0F;  ///< tile_mass if the kernel skipped it
};
/// Tiles that kernel and reference decide differently, then those that lose most mass; at most
/// `count`. Empty where the arrays are not there.
std::vector<TilePlace> worst_tiles(const HeadArrays& head, std::size_t count);
/// K blocks of one row on which the masks disagree.
std::vector<std::int64_t> disagreeing_tiles(const HeadArrays& head, std::int64_t row);

/// All Q blocks of one head, or of all heads of a sequence, as a table. Nothing is copied: cells
/// are computed when asked for.
class BlockTableModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column {
    kHead,
    kBlock,
    kTokens,  ///< range of query rows
    kThreshold,
    kArithmetic,
    kTies,
    kViolations,
    kMethod,
    kRetainedMass,
    kLeastMass,
    kCertificate,
    kColumnCount,
  };

  using QAbstractTableModel::QAbstractTableModel;

  /// head -1: all heads. The file keeps what is shown alive; null empties the table.
  void set_sequence(std::shared_ptr<const TraceFile> file, SequenceKey key, std::int64_t head = -1);
  BlockPlace place_at(int row) const;
  int row_of(BlockPlace place) const;  ///< -1: not in the table

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  BlockFigures figures_at(int row) const;
  std::shared_ptr<const TraceFile> file_;
  const traces::Sequence* sequence_ = nullptr;
  std::int64_t first_head_ = 0, heads_ = 0;
};

}  // namespace bsfa::gui
