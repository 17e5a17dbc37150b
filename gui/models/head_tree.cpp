// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/head_tree.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "gui/models/number_text.h"
#include "gui/models/table_text.h"

namespace bsfa::gui {
namespace {

/// What an index belongs to: heads carry the place of their layer.
constexpr quintptr kRunId = 0, kLayerId = 1, kFirstHeadId = 2;

constexpr std::array kTableColumns{HeadTableModel::kHead,         HeadTableModel::kDensity,
                                   HeadTableModel::kRetainedMass, HeadTableModel::kArithmetic,
                                   HeadTableModel::kTies,         HeadTableModel::kViolations,
                                   HeadTableModel::kMethod,       HeadTableModel::kImbalance};
static_assert(kTableColumns.size() == HeadTreeModel::kColumnCount);

constexpr QChar kApproximate(0x2248);

int table_column(int column) {
  return kTableColumns[static_cast<std::size_t>(column)];
}

enum class Sum : std::uint8_t { kMean, kTotal, kWorst };
Sum sum_of(int column) {
  if (column == HeadTreeModel::kDensity || column == HeadTreeModel::kRetainedMass)
    return Sum::kMean;
  return column == HeadTreeModel::kTies || column == HeadTreeModel::kViolations ? Sum::kTotal
                                                                                : Sum::kWorst;
}

/// One figure for several; none where no head has one.
QVariant summed(const std::vector<double>& values, Sum how) {
  if (values.empty()) return {};
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  switch (how) {
    case Sum::kMean:
      return total / static_cast<double>(values.size());
    case Sum::kTotal:
      return QVariant::fromValue(static_cast<qlonglong>(total));
    case Sum::kWorst:
      break;
  }
  // A NaN is worse than any number.
  for (const double value : values) {
    if (std::isnan(value)) return value;
  }
  return *std::max_element(values.begin(), values.end());
}

QString shown(const QVariant& value, int column) {
  if (!value.isValid()) return QStringLiteral("–");
  if (sum_of(column) == Sum::kMean) return percent_text(value.toDouble());
  if (sum_of(column) == Sum::kTotal) return value.toString();
  if (column == HeadTreeModel::kImbalance) return QString::number(value.toDouble(), 'f', 2);
  return figure_text(value.toDouble());
}

QString how_text(int column) {
  switch (sum_of(column)) {
    case Sum::kMean:
      return QStringLiteral("mean of the heads");
    case Sum::kTotal:
      return QStringLiteral("all heads together");
    case Sum::kWorst:
      return QStringLiteral("worst of the heads");
  }
  return {};
}

}  // namespace

HeadTreeModel::HeadTreeModel(HeadTableModel& table, QObject* parent)
    : QAbstractItemModel(parent), table_(table) {
  connect(&table_, &QAbstractItemModel::modelReset, this, &HeadTreeModel::rebuild);
  connect(&table_, &QAbstractItemModel::dataChanged, this,
          [this](const QModelIndex& first, const QModelIndex& last) {
            table_changed(first.row(), last.row());
          });
  rebuild();
}

void HeadTreeModel::set_run(const QString& name) {
  if (run_ == name) return;
  run_ = name;
  if (rowCount() > 0) emit dataChanged(index(0, kName), index(0, kName));
}

void HeadTreeModel::rebuild() {
  beginResetModel();
  layers_.clear();
  places_.clear();
  ranks_.clear();
  std::map<SequenceKey, std::size_t> known;
  const auto& heads = table_.heads();
  for (std::size_t row = 0; row < heads.size(); ++row) {
    const SequenceKey key = heads[row].key.sequence;
    const auto [found, is_new] = known.emplace(key, layers_.size());
    if (is_new) layers_.push_back({key, {}});
    Layer& layer = layers_[found->second];
    places_.emplace_back(static_cast<int>(found->second), static_cast<int>(layer.rows.size()));
    layer.rows.push_back(static_cast<int>(row));
  }
  summaries_.assign(layers_.size() + 1, std::nullopt);
  endResetModel();
}

void HeadTreeModel::table_changed(int first_row, int last_row) {
  ranks_.clear();
  const QModelIndex run = index(0, 0);
  int row = std::max(first_row, 0);
  const int end = std::min(last_row + 1, static_cast<int>(places_.size()));
  while (row < end) {
    // Rows of one layer that follow one another are one change.
    const auto [layer, first] = places_[static_cast<std::size_t>(row)];
    int last = first;
    for (++row; row < end && places_[static_cast<std::size_t>(row)].first == layer; ++row)
      last = places_[static_cast<std::size_t>(row)].second;
    const QModelIndex parent = index(layer, 0, run);
    summaries_[static_cast<std::size_t>(layer) + 1].reset();
    emit dataChanged(index(first, 0, parent), index(last, kColumnCount - 1, parent));
    emit dataChanged(parent, index(layer, kColumnCount - 1, run));
  }
  summaries_.front().reset();
  if (run.isValid()) emit dataChanged(run, index(0, kColumnCount - 1));
}

void HeadTreeModel::rank() const {
  const auto& heads = table_.heads();
  std::vector<std::size_t> order(heads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return is_worse(heads[a], heads[b]); });
  ranks_.resize(heads.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks_[order[i]] = static_cast<int>(i);
}

HeadTreeModel::Summary HeadTreeModel::summary_of(const std::vector<int>& rows) const {
  if (ranks_.empty()) rank();
  Summary out;
  for (int column = kDensity; column < kColumnCount; ++column) {
    std::vector<double> values;
    for (const int row : rows) {
      const QModelIndex cell = table_.index(row, table_column(column));
      const QVariant value = cell.data(kValueRole);
      if (value.isValid()) values.push_back(value.toDouble());
      out.approximate = out.approximate || cell.data().toString().startsWith(kApproximate);
    }
    out.values[static_cast<std::size_t>(column)] = summed(values, sum_of(column));
  }
  for (const int row : rows) {
    const auto at = static_cast<std::size_t>(row);
    out.failed = out.failed || table_.heads()[at].failed();
    if (out.worst < 0 || ranks_[at] < ranks_[static_cast<std::size_t>(out.worst)]) out.worst = row;
  }
  return out;
}

const HeadTreeModel::Summary& HeadTreeModel::summary(const QModelIndex& index) const {
  const bool is_run = index.internalId() == kRunId;
  auto& held = summaries_[is_run ? 0 : static_cast<std::size_t>(index.row()) + 1];
  if (held) return *held;
  if (!is_run) {
    held = summary_of(layers_[static_cast<std::size_t>(index.row())].rows);
  } else {
    std::vector<int> rows(places_.size());
    std::iota(rows.begin(), rows.end(), 0);
    held = summary_of(rows);
  }
  return *held;
}

QModelIndex HeadTreeModel::index_of(HeadKey key) const {
  const int row = table_.row_of(key);
  if (row < 0 || static_cast<std::size_t>(row) >= places_.size()) return {};
  const auto [layer, place] = places_[static_cast<std::size_t>(row)];
  return createIndex(place, 0, kFirstHeadId + static_cast<quintptr>(layer));
}

bool HeadTreeModel::is_head(const QModelIndex& index) const {
  return index.isValid() && index.internalId() >= kFirstHeadId;
}

int HeadTreeModel::table_row(const QModelIndex& index) const {
  if (!is_head(index)) return -1;
  const Layer& layer = layers_[static_cast<std::size_t>(index.internalId() - kFirstHeadId)];
  return layer.rows[static_cast<std::size_t>(index.row())];
}

std::optional<HeadKey> HeadTreeModel::key_at(const QModelIndex& index) const {
  if (!index.isValid()) return std::nullopt;
  const int row = is_head(index) ? table_row(index) : summary(index).worst;
  return row < 0 ? std::nullopt : std::optional(table_.key_at(row));
}

QModelIndex HeadTreeModel::index(int row, int column, const QModelIndex& parent) const {
  if (column < 0 || column >= kColumnCount || row < 0 || row >= rowCount(parent)) return {};
  if (!parent.isValid()) return createIndex(row, column, kRunId);
  if (parent.internalId() == kRunId) return createIndex(row, column, kLayerId);
  return createIndex(row, column, kFirstHeadId + static_cast<quintptr>(parent.row()));
}

QModelIndex HeadTreeModel::parent(const QModelIndex& index) const {
  if (!index.isValid() || index.internalId() == kRunId) return {};
  if (index.internalId() == kLayerId) return createIndex(0, 0, kRunId);
  return createIndex(static_cast<int>(index.internalId() - kFirstHeadId), 0, kLayerId);
}

int HeadTreeModel::rowCount(const QModelIndex& parent) const {
  if (!parent.isValid()) return layers_.empty() ? 0 : 1;
  if (parent.column() > 0) return 0;
  if (parent.internalId() == kRunId) return static_cast<int>(layers_.size());
  if (parent.internalId() != kLayerId) return 0;
  return static_cast<int>(layers_[static_cast<std::size_t>(parent.row())].rows.size());
}

int HeadTreeModel::columnCount(const QModelIndex& /*parent*/) const {
  return kColumnCount;
}

QString HeadTreeModel::layer_name(SequenceKey key) const {
  QString name = QStringLiteral("layer %1").arg(key.layer);
  if (key.sequence != 0) name += QStringLiteral(", batch entry %1").arg(key.sequence);
  return name;
}

QVariant HeadTreeModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  if (!is_head(index)) return summary_data(index, role);
  const int row = table_row(index);
  if (role == kRankRole) {
    if (ranks_.empty()) rank();
    return ranks_[static_cast<std::size_t>(row)];
  }
  if (index.column() == kName && role == Qt::TextAlignmentRole) return {};
  const QVariant cell = table_.index(row, table_column(index.column())).data(role);
  if (index.column() == kName && role == Qt::DisplayRole)
    return QStringLiteral("head %1").arg(cell.toString());
  return cell;
}

QVariant HeadTreeModel::summary_data(const QModelIndex& index, int role) const {
  const Summary& sum = summary(index);
  const int column = index.column();
  const bool is_run = index.internalId() == kRunId;
  if (role == kRankRole) {
    if (ranks_.empty()) rank();
    return ranks_[static_cast<std::size_t>(sum.worst)];
  }
  if (role == Qt::UserRole) return sum.failed;
  if (column == kName) {
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != kValueRole) return {};
    if (is_run) return run_.isEmpty() ? QStringLiteral("run") : run_;
    const Layer& layer = layers_[static_cast<std::size_t>(index.row())];
    if (role == kValueRole) return index.row();
    return layer_name(layer.key);
  }
  const QVariant& value = sum.values[static_cast<std::size_t>(column)];
  switch (role) {
    case Qt::DisplayRole:
      return (sum.approximate && value.isValid() && sum_of(column) == Sum::kMean
                  ? QString(kApproximate) + QLatin1Char(' ')
                  : QString()) +
             shown(value, column);
    case kValueRole:
      return value;
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    case Qt::ToolTipRole:
      return QStringLiteral("%1: %2").arg(how_text(column),
                                          headerData(column, Qt::Horizontal, role).toString());
    default:
      return {};
  }
}

QVariant HeadTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= kColumnCount) return {};
  if (section > kName) return table_.headerData(table_column(section), orientation, role);
  if (role == Qt::DisplayRole) return QStringLiteral("run, layer, head");
  return {};
}

HeadTreeFilter::HeadTreeFilter(HeadTreeModel& tree, HeadFilter& heads, QObject* parent)
    : QSortFilterProxyModel(parent), tree_(tree), heads_(heads) {
  setSortRole(kValueRole);
  setRecursiveFilteringEnabled(true);
  setSourceModel(&tree);
}

void HeadTreeFilter::set_text(const QString& text) {
  heads_.set_text(text);
  has_text_ = !text.trimmed().isEmpty();
  invalidateFilter();
}

void HeadTreeFilter::sort_worst_first() {
  worst_first_ = true;
  // Sorting by what it is sorted by already would do nothing.
  QSortFilterProxyModel::sort(-1);
  QSortFilterProxyModel::sort(HeadTreeModel::kName, Qt::AscendingOrder);
}

void HeadTreeFilter::sort(int column, Qt::SortOrder order) {
  if (worst_first_) {
    worst_first_ = false;
    QSortFilterProxyModel::sort(-1);
  }
  QSortFilterProxyModel::sort(column, order);
}

bool HeadTreeFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  if (!has_text_) return true;
  const int table_row = tree_.table_row(tree_.index(row, 0, parent));
  // Layers and the run are shown where one of their heads is.
  if (table_row < 0) return false;
  return heads_.mapFromSource(heads_.sourceModel()->index(table_row, 0)).isValid();
}

bool HeadTreeFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  if (worst_first_) {
    return left.data(HeadTreeModel::kRankRole).toInt() <
           right.data(HeadTreeModel::kRankRole).toInt();
  }
  return sorts_before(left.data(kValueRole), right.data(kValueRole), sortOrder());
}

}  // namespace bsfa::gui
