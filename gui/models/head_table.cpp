// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>

#include <QtCore/QRegularExpression>

#include "gui/models/head_figures.h"
#include "gui/models/number_text.h"
#include "gui/models/table_text.h"

namespace bsfa::gui {
namespace {

/// A filter calls columns by their titles.
constexpr std::array<ColumnText, HeadTableModel::kColumnCount> kColumns{{
    {"layer", "Layer of the model"},
    {"sequence", "Batch entry"},
    {"head", "Query head"},
    {"density", "Kept over off-diagonal tiles"},
    {"mass", "Share of the dense softmax in kept tiles, mean over the head's Q blocks"},
    {"arithmetic", "Largest error over its bound, under the kernel's own mask; above 1 fails"},
    {"ties", "Tiles decided otherwise than the reference, within rounding"},
    {"violations", "Tiles decided wrongly; one fails the kernel"},
    {"method", "Largest relative L2 distance of a Q block from dense attention"},
    {"imbalance", "Time of the head over that of the layer's mean head; 1 is even"},
    {"certificate", "Bound on lost over kept mass of every row"},
    {"speed", "Speed of the head over dense, as work records predict it; without them at most"},
}};

QVariant variant_of(const std::optional<double>& value) {
  return value ? QVariant(*value) : QVariant();
}

/// The figure that a column shows; none: a place, or a number of tiles.
std::optional<HeadFigure> figure_at(int column) {
  switch (column) {
    case HeadTableModel::kDensity:
      return HeadFigure::kDensity;
    case HeadTableModel::kRetainedMass:
      return HeadFigure::kRetainedMass;
    case HeadTableModel::kArithmetic:
      return HeadFigure::kArithmetic;
    case HeadTableModel::kMethod:
      return HeadFigure::kMethod;
    case HeadTableModel::kImbalance:
      return HeadFigure::kImbalance;
    case HeadTableModel::kCertificate:
      return HeadFigure::kCertificate;
    case HeadTableModel::kSpeed:
      return HeadFigure::kSpeed;
    default:
      return std::nullopt;
  }
}

/// Whether thresholds that are tried change what a column says.
bool follows_thresholds(int column) {
  return column == HeadTableModel::kDensity || column == HeadTableModel::kRetainedMass ||
         column == HeadTableModel::kCertificate || column == HeadTableModel::kSpeed;
}

QVariant value_at(const HeadFigures& head, int column) {
  switch (column) {
    case HeadTableModel::kLayer:
      return QVariant::fromValue<qlonglong>(head.key.sequence.layer);
    case HeadTableModel::kSequence:
      return QVariant::fromValue<qlonglong>(head.key.sequence.sequence);
    case HeadTableModel::kHead:
      return QVariant::fromValue<qlonglong>(head.key.head);
    case HeadTableModel::kTies:
      return head.ties ? QVariant::fromValue<qlonglong>(*head.ties) : QVariant();
    case HeadTableModel::kViolations:
      return head.violations ? QVariant::fromValue<qlonglong>(*head.violations) : QVariant();
    default: {
      const auto figure = figure_at(column);
      return figure ? variant_of(shown_figure(head, *figure).value) : QVariant();
    }
  }
}

QString text_of(const std::optional<double>& value, int column) {
  if (column == HeadTableModel::kDensity || column == HeadTableModel::kRetainedMass)
    return percent_text(value);
  if (!value) return QStringLiteral("–");
  if (column == HeadTableModel::kImbalance) return QString::number(*value, 'f', 2);
  if (column == HeadTableModel::kSpeed) return QStringLiteral("%1×").arg(*value, 0, 'f', 2);
  if (column == HeadTableModel::kCertificate && std::isinf(*value))
    return QStringLiteral("no bound");
  return figure_text(*value);
}

QString of_trace_at(const HeadFigures& head, int column) {
  const auto figure = figure_at(column);
  return figure ? text_of(value_of(head, *figure), column) : value_at(head, column).toString();
}

QString shown_at(const HeadFigures& head, int column) {
  const auto figure = figure_at(column);
  if (!figure) {
    const QVariant value = value_at(head, column);
    return value.isValid() ? value.toString() : QStringLiteral("–");
  }
  const ShownFigure shown = shown_figure(head, *figure);
  const QString text = text_of(shown.value, column);
  if (!shown.is_tried) return text;
  const QString about = shown.approximate && shown.value ? QStringLiteral("≈ ") + text : text;
  return QStringLiteral("%1 (%2)").arg(about, text_of(shown.of_trace, column));
}

bool compare(double value, const QString& sign, double limit) {
  if (sign == QLatin1String("<")) return value < limit;
  if (sign == QLatin1String("<=")) return value <= limit;
  if (sign == QLatin1String(">")) return value > limit;
  if (sign == QLatin1String(">=")) return value >= limit;
  return value == limit;
}

}  // namespace

void HeadTableModel::set_heads(std::vector<HeadFigures> heads) {
  beginResetModel();
  heads_ = std::move(heads);
  tried_ = 0;
  endResetModel();
}

void HeadTableModel::set_tried(
    const std::vector<std::pair<HeadKey, std::optional<TriedFigures>>>& heads) {
  const bool were_tried = tried_ > 0;
  int first = rowCount(), last = -1;
  for (const auto& [key, figures] : heads) {
    const int row = row_of(key);
    if (row < 0) continue;
    auto& tried = heads_[static_cast<std::size_t>(row)].tried;
    if (tried == figures) continue;
    tried_ += (figures ? 1 : 0) - (tried ? 1 : 0);
    tried = figures;
    first = std::min(first, row), last = std::max(last, row);
  }
  if (last >= first) emit dataChanged(index(first, 0), index(last, kColumnCount - 1));
  if (were_tried != (tried_ > 0)) emit headerDataChanged(Qt::Horizontal, 0, kColumnCount - 1);
}

void HeadTableModel::set_density(HeadKey key, double density) {
  const int row = row_of(key);
  if (row < 0) return;
  heads_[static_cast<std::size_t>(row)].density = density;
  emit dataChanged(index(row, kDensity), index(row, kDensity));
}

int HeadTableModel::row_of(HeadKey key) const {
  // head_figures() gives heads in order; a table of others is searched through.
  const auto before = [](const HeadFigures& head, HeadKey wanted) { return head.key < wanted; };
  auto found = std::lower_bound(heads_.begin(), heads_.end(), key, before);
  if (found == heads_.end() || found->key != key) {
    found = std::find_if(heads_.begin(), heads_.end(),
                         [&](const HeadFigures& head) { return head.key == key; });
  }
  return found == heads_.end() ? -1 : static_cast<int>(found - heads_.begin());
}

int HeadTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(heads_.size());
}

int HeadTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumnCount;
}

QVariant HeadTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount() || index.column() >= kColumnCount) return {};
  const HeadFigures& head = heads_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return shown_at(head, index.column());
    case kValueRole:
      return value_at(head, index.column());
    case kTriedRole:
      return head.tried.has_value() && follows_thresholds(index.column());
    case kOfTraceRole:
      return of_trace_at(head, index.column());
    case Qt::UserRole:
      return head.failed();
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    case Qt::ToolTipRole:
      return headerData(index.column(), Qt::Horizontal, Qt::ToolTipRole);
    default:
      return {};
  }
}

QVariant HeadTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  const QVariant header = header_of(kColumns, section, orientation, role);
  const bool is_title = orientation == Qt::Horizontal && role == Qt::DisplayRole;
  // Who copies the column shall see that it is no more what was measured.
  return is_title && tried_ > 0 && follows_thresholds(section)
             ? QVariant(header.toString() + QStringLiteral(", tried"))
             : header;
}

HeadFilter::HeadFilter(QObject* parent) : QSortFilterProxyModel(parent) {
  setSortRole(kValueRole);
}

void HeadFilter::set_text(const QString& text) {
  words_ = text.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

bool HeadFilter::filterAcceptsRow(int row, const QModelIndex& /*parent*/) const {
  return std::all_of(words_.begin(), words_.end(),
                     [&](const QString& word) { return accepts_word(row, word); });
}

bool HeadFilter::accepts_word(int row, const QString& word) const {
  const auto* table = qobject_cast<const HeadTableModel*>(sourceModel());
  if (table == nullptr) return true;
  const HeadFigures& head = table->heads()[static_cast<std::size_t>(row)];
  static const QRegularExpression kPlace(
      QStringLiteral("^(?:N\\.N|lN(?:/sN)?(?:/hN)?|hN)$")
          .replace(QLatin1Char('N'), QStringLiteral("(0|[1-9]\\d*)")));
  static const QRegularExpression kComparison(QStringLiteral("^([a-z]+)(<=|>=|<|>|=)(.+)$"));
  if (word == QLatin1String("fail") || word == QLatin1String("failed")) return head.failed();
  if (const auto place = kPlace.match(word); place.hasMatch()) {
    const auto fits = [&](int group, std::int64_t value) {
      return place.captured(group).isEmpty() || place.captured(group).toLongLong() == value;
    };
    return fits(1, head.key.sequence.layer) && fits(2, head.key.head) &&
           fits(3, head.key.sequence.layer) && fits(4, head.key.sequence.sequence) &&
           fits(5, head.key.head) && fits(6, head.key.head);
  }
  if (const auto comparison = kComparison.match(word); comparison.hasMatch()) {
    QString number = comparison.captured(3);
    const bool percent = number.endsWith(QLatin1Char('%'));
    if (percent) number.chop(1);
    bool is_number = false;
    const double limit = number.toDouble(&is_number) / (percent ? 100.0 : 1.0);
    for (int column = 0; is_number && column < HeadTableModel::kColumnCount; ++column) {
      if (comparison.captured(1) != QLatin1String(kColumns[static_cast<std::size_t>(column)].title))
        continue;
      const QVariant value = value_at(head, column);
      return value.isValid() && compare(value.toDouble(), comparison.captured(2), limit);
    }
  }
  for (int column = 0; column < HeadTableModel::kColumnCount; ++column) {
    if (shown_at(head, column).contains(word, Qt::CaseInsensitive)) return true;
  }
  return false;
}

bool HeadFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  return sorts_before(left.data(kValueRole), right.data(kValueRole), sortOrder());
}

}  // namespace bsfa::gui
