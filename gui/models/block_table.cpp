// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/block_table.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/tile_geometry.h"
#include "gui/models/number_text.h"
#include "gui/models/table_text.h"

namespace bsfa::gui {
namespace {

constexpr std::array<ColumnText, BlockTableModel::kColumnCount> kColumns{{
    {"head", "Query head"},
    {"Q block", "Block of query rows"},
    {"tokens", "Positions of the block's rows"},
    {"τ", "Threshold that was applied, in units of tile_max"},
    {"arithmetic", "Largest error over its bound, under the kernel's own mask; above 1 fails"},
    {"ties", "Tiles decided otherwise than the reference, within rounding"},
    {"violations", "Tiles decided wrongly; one fails the kernel"},
    {"method", "Relative L2 distance of gated from dense attention"},
    {"mass", "Share of the dense softmax in kept tiles, mean over rows"},
    {"least mass", "The same of the row that retains least"},
    {"certificate", "Bound on lost over kept mass, from statistics alone"},
}};

template <typename T>
QVariant variant_of(const std::optional<T>& value) {
  return value ? QVariant::fromValue(*value) : QVariant();
}

QVariant value_at(const BlockFigures& block, int column) {
  switch (column) {
    case BlockTableModel::kHead:
      return QVariant::fromValue<qlonglong>(block.head);
    case BlockTableModel::kBlock:
    case BlockTableModel::kTokens:
      return QVariant::fromValue<qlonglong>(block.q_block);
    case BlockTableModel::kThreshold:
      return variant_of(block.threshold);
    case BlockTableModel::kArithmetic:
      return variant_of(block.arithmetic);
    case BlockTableModel::kTies:
      return variant_of(block.ties);
    case BlockTableModel::kViolations:
      return variant_of(block.violations);
    case BlockTableModel::kMethod:
      return variant_of(block.method);
    case BlockTableModel::kRetainedMass:
      return variant_of(block.retained_mass);
    case BlockTableModel::kLeastMass:
      return variant_of(block.retained_mass_min);
    case BlockTableModel::kCertificate:
      return variant_of(block.certificate);
    default:
      return {};
  }
}

QString tokens_text(const core::Problem& problem, std::int64_t q_block) {
  const core::TileGeometry geometry(problem);
  const std::int64_t first = geometry.position(q_block);
  return QStringLiteral("%1–%2").arg(first).arg(first + geometry.q_rows(q_block).size() - 1);
}

QString shown_at(const BlockFigures& block, const core::Problem& problem, int column) {
  if (column == BlockTableModel::kTokens) return tokens_text(problem, block.q_block);
  if (!block.checked && column > BlockTableModel::kTokens) return QStringLiteral("not checked");
  const QVariant value = value_at(block, column);
  if (!value.isValid()) return QStringLiteral("–");
  if (column == BlockTableModel::kRetainedMass || column == BlockTableModel::kLeastMass)
    return percent_text(value.toDouble());
  return value.metaType().id() == QMetaType::Float ? figure_text(value.toDouble())
                                                   : value.toString();
}

}  // namespace

void BlockTableModel::set_sequence(std::shared_ptr<const TraceFile> file, SequenceKey key,
                                   std::int64_t head) {
  beginResetModel();
  file_ = std::move(file);
  sequence_ = file_ ? file_->overview(key) : nullptr;
  first_head_ = std::max<std::int64_t>(head, 0);
  heads_ = 0;
  if (sequence_ != nullptr) {
    const std::int64_t there = sequence_->shape.heads;
    heads_ = head < 0 ? there : std::int64_t{head < there};
  }
  endResetModel();
}

BlockFigures BlockTableModel::figures_at(int row) const {
  const std::int64_t rows = sequence_->shape.rows;
  return block_figures(*sequence_, first_head_ + row / rows, row % rows);
}

BlockPlace BlockTableModel::place_at(int row) const {
  const BlockFigures block = figures_at(row);
  return {block.head, block.q_block};
}

int BlockTableModel::row_of(BlockPlace place) const {
  if (sequence_ == nullptr) return -1;
  const auto& blocks = sequence_->q_blocks;
  const auto at = std::lower_bound(blocks.begin(), blocks.end(), place.q_block);
  if (at == blocks.end() || *at != place.q_block) return -1;
  if (place.head < first_head_ || place.head >= first_head_ + heads_) return -1;
  return static_cast<int>((place.head - first_head_) * sequence_->shape.rows +
                          (at - blocks.begin()));
}

int BlockTableModel::rowCount(const QModelIndex& parent) const {
  if (parent.isValid() || sequence_ == nullptr) return 0;
  // Qt counts rows in int; a trace with more Q blocks than that shows the first.
  return static_cast<int>(
      std::min<std::int64_t>(heads_ * sequence_->shape.rows, std::numeric_limits<int>::max()));
}

int BlockTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumnCount;
}

QVariant BlockTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount() || index.column() >= kColumnCount) return {};
  const BlockFigures block = figures_at(index.row());
  switch (role) {
    case Qt::DisplayRole:
      return shown_at(block, sequence_->problem, index.column());
    case kValueRole:
      return block.checked || index.column() <= kTokens ? value_at(block, index.column())
                                                        : QVariant();
    case Qt::UserRole:
      return is_fault(block, BlockError::kArithmetic) || is_fault(block, BlockError::kGating);
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    case Qt::ToolTipRole:
      return headerData(index.column(), Qt::Horizontal, Qt::ToolTipRole);
    default:
      return {};
  }
}

QVariant BlockTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  return header_of(kColumns, section, orientation, role);
}

}  // namespace bsfa::gui
