// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/head_panel.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>
#include <cmath>

#include "gui/views/color_bar.h"
#include "gui/views/error_strip.h"
#include "gui/views/legend.h"
#include "gui/views/minimap.h"
#include "gui/views/profile_plot.h"
#include "gui/views/theme.h"

namespace bsfa::gui {

HeadPanel::HeadPanel(SelectionModel& selection, QWidget* parent)
    : QWidget(parent),
      selection_(selection),
      field_choice_(new QComboBox(this)),
      mask_choice_(new QComboBox(this)),
      read_out_(new QLabel(this)),
      heatmap_(new HeatmapView(selection, this)),
      strip_(new ErrorStrip(*heatmap_, selection, this)),
      color_bar_(new ColorBar(this)),
      legend_(new Legend(this)),
      minimap_(new Minimap(*heatmap_, this)),
      row_profile_(new ProfilePlot(ProfilePlot::Along::kRow, selection, this)),
      column_profile_(new ProfilePlot(ProfilePlot::Along::kColumn, selection, this)) {
  setAccessibleName(tr("Head"));
  build();
  connect_views();
  recompute();
}

QWidget* HeadPanel::build_bar() {
  auto* bar = new QWidget(this);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(6, 3, 6, 0);
  for (const Field field : kFields) {
    field_choice_->addItem(name_of(field), static_cast<int>(field));
    field_choice_->setItemData(field_choice_->count() - 1, description_of(field), Qt::ToolTipRole);
  }
  for (const MaskSource mask :
       {MaskSource::kKernel, MaskSource::kReference, MaskSource::kThresholds}) {
    mask_choice_->addItem(name_of(mask), static_cast<int>(mask));
  }
  field_choice_->setAccessibleName(tr("Field"));
  mask_choice_->setAccessibleName(tr("Whose mask says what is kept"));
  auto *field_label = new QLabel(tr("F&ield"), bar), *mask_label = new QLabel(tr("&Mask of"), bar);
  field_label->setBuddy(field_choice_), mask_label->setBuddy(mask_choice_);
  row->addWidget(field_label), row->addWidget(field_choice_);
  row->addSpacing(em(*this, 0.5));
  row->addWidget(mask_label), row->addWidget(mask_choice_);
  row->addSpacing(em(*this, 0.5));
  read_out_->setTextFormat(Qt::PlainText);
  read_out_->setMinimumWidth(1);
  read_out_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  row->addWidget(read_out_, 1);
  return bar;
}

void HeadPanel::build() {
  auto* tiles = new QWidget(this);
  auto* grid = new QGridLayout(tiles);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(0);
  grid->addWidget(strip_, 0, 0);
  grid->addWidget(heatmap_, 0, 1);
  grid->addWidget(color_bar_, 0, 2);
  grid->addWidget(legend_, 1, 0, 1, 3);
  grid->setColumnStretch(1, 1);
  grid->setRowStretch(0, 1);
  auto* side = new QSplitter(Qt::Vertical, this);
  side->addWidget(row_profile_);
  side->addWidget(column_profile_);
  side->addWidget(minimap_);
  for (int i = 0; i < 3; ++i) side->setStretchFactor(i, i == 0 ? 3 : 2);
  auto* parts = new QSplitter(Qt::Horizontal, this);
  parts->addWidget(tiles);
  parts->addWidget(side);
  parts->setStretchFactor(0, 3);
  parts->setStretchFactor(1, 1);
  parts->setSizes({em(*this, 45), em(*this, 16)});
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(build_bar());
  column->addWidget(parts, 1);
}

void HeadPanel::connect_views() {
  connect(field_choice_, &QComboBox::activated, this, [this](int index) {
    set_field(static_cast<Field>(field_choice_->itemData(index).toInt()));
  });
  connect(mask_choice_, &QComboBox::activated, this, [this](int index) {
    set_mask(static_cast<MaskSource>(mask_choice_->itemData(index).toInt()));
  });
  connect(heatmap_, &HeatmapView::hovered, this, &HeadPanel::hovered);
  connect(strip_, &ErrorStrip::hovered, this, &HeadPanel::hovered);
  connect(this, &HeadPanel::hovered, read_out_, &QLabel::setText);
  connect(heatmap_, &HeatmapView::contrast_hint, color_bar_, &ColorBar::set_hint);
  connect(row_profile_, &ProfilePlot::tau_dragged, this, &HeadPanel::tau_dragged);
  connect(row_profile_, &ProfilePlot::tau_released, this, &HeadPanel::tau_released);
}

void HeadPanel::set_head(std::shared_ptr<const HeadArrays> head, const traces::Sequence* sequence,
                         std::int64_t head_index) {
  head_ = std::move(head);
  tau_.clear();
  strip_->set_head(head_ ? sequence : nullptr, head_index);
  recompute();
}

void HeadPanel::set_tau(std::span<const float> tau) {
  const bool began = tau_.empty() && !tau.empty(), ended = tau.empty() && !tau_.empty();
  tau_.assign(tau.begin(), tau.end());
  if (tau_.empty() && !ended) return;  // the trace's own thresholds are shown already
  // What is being tried is what a person wants to see.
  if (began) mask_ = MaskSource::kThresholds;
  if (ended && mask_ == MaskSource::kThresholds) mask_ = MaskSource::kKernel;
  const bool shows_tau =
      began || ended || mask_ == MaskSource::kThresholds || field_ == Field::kMargin;
  if (shows_tau) return recompute();
  row_profile_->set_tau(shown_tau());
  column_profile_->set_tau(shown_tau());
}

void HeadPanel::set_field(Field field) {
  if (field == field_) return;
  field_ = field;
  recompute();
}

void HeadPanel::set_mask(MaskSource mask) {
  if (mask == mask_) return;
  mask_ = mask;
  recompute();
}

void HeadPanel::set_contrast(const Contrast& contrast) {
  contrasts_[static_cast<std::size_t>(field_)] = contrast;
  heatmap_->set_contrast(contrast);
  color_bar_->set_scale(field_, contrast);
  emit contrast_changed(contrast);
}

std::span<const float> HeadPanel::shown_tau() const {
  const bool is_stored = tau_.empty() && head_ && head_->threshold;
  return is_stored ? std::span<const float>(*head_->threshold) : std::span<const float>(tau_);
}

void HeadPanel::recompute() {
  field_choice_->setCurrentIndex(field_choice_->findData(static_cast<int>(field_)));
  mask_choice_->setCurrentIndex(mask_choice_->findData(static_cast<int>(mask_)));
  tile_field_ =
      head_ ? std::make_shared<TileField>(make_field(*head_, field_, mask_, tau_)) : nullptr;
  row_profile_->set_head(head_, shown_tau());
  column_profile_->set_head(head_, shown_tau());
  legend_->set_field(field_, !tile_field_ || tile_field_->classes_known);
  std::optional<Contrast>& contrast = contrasts_[static_cast<std::size_t>(field_)];
  if (!contrast && tile_field_ && tile_field_->values_known) {
    contrast = is_categorical(field_)
                   ? kCategoricalContrast
                   : full_contrast(histogram_of(values_of(*tile_field_)), is_diverging(field_));
  }
  heatmap_->set_head(head_, tile_field_);
  const Contrast shown = contrast.value_or(Contrast{});
  heatmap_->set_contrast(shown);
  color_bar_->set_scale(field_, shown);
  emit field_changed(tile_field_);
  emit contrast_changed(shown);
}

}  // namespace bsfa::gui
