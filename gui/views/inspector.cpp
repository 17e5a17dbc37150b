// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/inspector.h"

#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "gui/models/time_axis.h"
#include "gui/views/axis.h"
#include "gui/views/theme.h"
#include "gui/views/tile_text.h"

namespace bsfa::gui {
namespace {

template <typename T>
QString figure(const std::optional<T>& value, int digits = 4) {
  return value ? number_text(static_cast<double>(*value), digits) : QStringLiteral("–");
}

QString code_name(std::uint8_t code) {
  switch (code) {
    case 0:
      return name_of(TileClass::kOutside);
    case 1:
      return name_of(TileClass::kSkipped);
    case 2:
      return name_of(TileClass::kKept);
    case 3:
      return name_of(TileClass::kDiagonal);
    case 255:
      return name_of(TileClass::kNotChecked);
    default:
      return QStringLiteral("%1 (%2)").arg(name_of(TileClass::kUnwritten)).arg(code);
  }
}

template <typename T>
std::optional<T> at(const std::optional<std::vector<T>>& values, std::size_t index) {
  return values && index < values->size() ? std::optional<T>((*values)[index]) : std::nullopt;
}

}  // namespace

Inspector::Inspector(SelectionModel& selection, QWidget* parent)
    : QWidget(parent), selection_(selection), form_(nullptr) {
  setAccessibleName(tr("Inspector"));
  auto* area = new QScrollArea(this);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setAccessibleName(tr("Inspector"));
  auto* page = new QWidget(area);
  form_ = new QFormLayout(page);
  form_->setContentsMargins(8, 6, 8, 6);
  form_->setVerticalSpacing(3);
  form_->setRowWrapPolicy(QFormLayout::DontWrapRows);
  area->setWidget(page);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(area);
  connect(&selection_, &SelectionModel::changed, this, [this] { refresh(); });
  refresh();
}

void Inspector::set_head(std::shared_ptr<const HeadArrays> head,
                         std::shared_ptr<const TileField> field, const traces::Sequence* sequence) {
  head_ = std::move(head);
  field_ = std::move(field);
  sequence_ = sequence;
  refresh();
}

void Inspector::set_tau(std::span<const float> tau) {
  tau_.assign(tau.begin(), tau.end());
  refresh();
}

void Inspector::set_timeline(std::shared_ptr<const TimelineModel> timeline) {
  timeline_ = std::move(timeline);
  refresh();
}

std::optional<float> Inspector::tau_of(std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  return index < tau_.size() ? std::optional<float>(tau_[index]) : at(head_->threshold, index);
}

void Inspector::add_tile(std::vector<std::pair<QString, QString>>& to, std::int64_t row) const {
  const std::int64_t column = selection_.current().k_block;
  if (column < 0 || column >= head_->k_blocks) return;
  const std::size_t index = head_->index(row, column);
  to.emplace_back(tr("K block"), QString::number(column));
  to.emplace_back(tr("against tokens"), k_tokens(head_->problem, column).text());
  const std::optional<float> tile_max = at(head_->tile_max, index);
  to.emplace_back(tr("tile_max"), figure(tile_max, 6));
  const std::optional<float> tau = tau_of(row);
  if (tile_max && tau && std::isfinite(*tile_max)) {
    const float margin = *tile_max - *tau;
    const QString sign = margin > 0.0F ? QStringLiteral("+") : QString();
    to.emplace_back(tr("margin to τ"), sign + number_text(static_cast<double>(margin), 4));
  }
  if (const auto code = at(head_->mask_kernel, index))
    to.emplace_back(tr("kernel"), code_name(*code));
  if (const auto code = at(head_->mask_reference, index)) {
    to.emplace_back(tr("reference"), code_name(*code));
  }
  to.emplace_back(tr("softmax mass"), figure(at(head_->tile_mass, index)));
  to.emplace_back(tr("largest of a row"), figure(at(head_->tile_mass_max, index)));
}

void Inspector::add_block(std::vector<std::pair<QString, QString>>& to, std::int64_t row) const {
  if (sequence_ == nullptr) return;
  const BlockFigures block = block_figures(*sequence_, selection_.current().head, row);
  if (!block.checked) {
    to.emplace_back(tr("Q block's check"), tr("not checked"));
    return;
  }
  to.emplace_back(tr("arithmetic / bound"), figure(block.arithmetic));
  to.emplace_back(tr("violations"), figure(block.violations));
  to.emplace_back(tr("ties"), figure(block.ties));
  to.emplace_back(tr("method error"), figure(block.method));
  to.emplace_back(tr("retained mass"), figure(block.retained_mass, 6));
  to.emplace_back(tr("least of a row"), figure(block.retained_mass_min, 6));
  to.emplace_back(tr("certificate"), figure(block.certificate));
}

void Inspector::add_item(std::vector<std::pair<QString, QString>>& to) const {
  if (!timeline_) return;
  const Selection& now = selection_.current();
  const auto place = timeline_->find(now.sequence, now.head, now.q_block);
  if (!place) return;
  const TimelineItem& item = timeline_->lanes()[place->lane].items[place->item];
  const core::WorkRecord& record = timeline_->records()[item.record];
  const bool is_gpu = timeline_->clock() == core::ClockDomain::kGlobaltimerNs;
  to.emplace_back(is_gpu ? tr("SM") : tr("worker"), QString::number(record.unit));
  to.emplace_back(tr("CTA"), QString::number(record.cta));
  to.emplace_back(tr("time"), duration_text(item.end_ns - item.start_ns));
  to.emplace_back(tr("started after"), duration_text(item.start_ns));
  to.emplace_back(tr("tiles kept / seen"),
                  QStringLiteral("%1 / %2").arg(record.tiles_kept).arg(record.tiles_seen));
}

std::vector<std::pair<QString, QString>> Inspector::lines() const {
  std::vector<std::pair<QString, QString>> made;
  const Selection& now = selection_.current();
  if (!head_) {
    made.emplace_back(tr("head"), tr("none is loaded"));
    return made;
  }
  made.emplace_back(tr("head"), QStringLiteral("%1.%2").arg(now.layer).arg(now.head));
  if (now.sequence != 0) made.emplace_back(tr("batch entry"), QString::number(now.sequence));
  const std::optional<std::int64_t> row = head_->row_of(now.q_block);
  if (!row) {
    made.emplace_back(tr("tile"), tr("click one in the heatmap"));
    return made;
  }
  made.emplace_back(tr("Q block"), QString::number(now.q_block));
  made.emplace_back(tr("tokens"), q_tokens(head_->problem, now.q_block).text());
  const std::optional<float> tau = tau_of(*row);
  const bool is_tried = tau != at(head_->threshold, static_cast<std::size_t>(*row));
  made.emplace_back(is_tried ? tr("τ, tried") : tr("τ"), figure(tau, 6));
  add_tile(made, *row);
  add_block(made, *row);
  add_item(made);
  return made;
}

void Inspector::refresh() {
  const auto now = lines();
  setUpdatesEnabled(false);
  while (rows_.size() < now.size()) {
    auto *name = new QLabel(this), *value = new QLabel(this);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    value->setTextFormat(Qt::PlainText);
    name->setForegroundRole(QPalette::PlaceholderText);
    form_->addRow(name, value);
    rows_.emplace_back(name, value);
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const bool is_shown = i < now.size();
    form_->setRowVisible(static_cast<int>(i), is_shown);
    if (!is_shown) continue;
    rows_[i].first->setText(now[i].first);
    rows_[i].second->setText(now[i].second);
    rows_[i].second->setAccessibleName(now[i].first);
  }
  setUpdatesEnabled(true);
}

void Inspector::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) refresh();
  QWidget::changeEvent(event);
}

}  // namespace bsfa::gui
