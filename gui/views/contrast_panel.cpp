// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/contrast_panel.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"
#include "gui/views/histogram_plot.h"
#include "gui/views/number_box.h"

namespace bsfa::gui {
namespace {

constexpr int kRecountMs = 150;

}  // namespace

ContrastPanel::ContrastPanel(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Contrast"));
  build();
  recount_.setSingleShot(true);
  recount_.setInterval(kRecountMs);
  connect(&recount_, &QTimer::timeout, this, [this] {
    count();
    show_contrast();
  });
  set_field(nullptr);
}

void ContrastPanel::build() {
  plot_ = new HistogramPlot(tr("Values of the field"), {}, this);
  low_line_ = plot_->add_line(Qt::Vertical, &Theme::selection, true);
  high_line_ = plot_->add_line(Qt::Vertical, &Theme::threshold, true);
  low_ = new NumberBox(tr("Lowest value of the colour scale"), this);
  high_ = new NumberBox(tr("Highest value of the colour scale"), this);
  log_ = new QCheckBox(tr("&Logarithmic"), this);
  full_ = new QPushButton(tr("&All values"), this);
  most_ = new QPushButton(tr("&Most values"), this);
  most_->setToolTip(tr("All but the lowest and the highest hundredth"));
  left_out_ = new QLabel(this);
  left_out_->setWordWrap(true);

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(6, 4, 6, 6);
  column->addWidget(plot_, 1);
  auto* numbers = new QHBoxLayout;
  auto* low_label = new QLabel(tr("fro&m"), this);
  auto* high_label = new QLabel(tr("t&o"), this);
  low_label->setBuddy(low_), high_label->setBuddy(high_);
  numbers->addWidget(low_label), numbers->addWidget(low_, 1);
  numbers->addWidget(high_label), numbers->addWidget(high_, 1);
  column->addLayout(numbers);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(most_), buttons->addWidget(full_);
  column->addWidget(log_);
  column->addLayout(buttons);
  column->addWidget(left_out_);
  connect_parts();
}

void ContrastPanel::connect_parts() {
  connect(plot_, &Plot::line_moved, this, [this](int line, double at) {
    Contrast changed = contrast_;
    (line == low_line_ ? changed.low : changed.high) = from_plot(at);
    // A handle pushes the other along.
    if (changed.low > changed.high)
      (line == low_line_ ? changed.high : changed.low) = from_plot(at);
    change(changed);
  });
  connect(low_, &QDoubleSpinBox::valueChanged, this, [this](double low) {
    change({low, std::max(low, contrast_.high), contrast_.log});
  });
  connect(high_, &QDoubleSpinBox::valueChanged, this, [this](double high) {
    change({std::min(high, contrast_.low), high, contrast_.log});
  });
  connect(log_, &QCheckBox::toggled, this, [this](bool on) {
    change({contrast_.low, contrast_.high, on});
  });
  connect(full_, &QPushButton::clicked, this, [this] {
    Contrast all = full_contrast(histogram_, field_ && is_diverging(field_->field));
    all.log = contrast_.log;
    change(all);
  });
  connect(most_, &QPushButton::clicked, this, [this] {
    double low = histogram_.quantile(0.01), high = histogram_.quantile(0.99);
    if (field_ && is_diverging(field_->field)) {
      high = std::max(std::abs(low), std::abs(high));
      low = -high;
    }
    change({low, high, contrast_.log});
  });
}

void ContrastPanel::set_field(std::shared_ptr<const TileField> field) {
  const bool is_another = field_ && field && field_->field == field->field;
  field_ = std::move(field);
  if (is_another) {
    if (!recount_.isActive()) recount_.start();
    return;
  }
  recount_.stop();
  count();
  show_contrast();
}

void ContrastPanel::count() {
  const bool has_scale = field_ && field_->values_known && !is_categorical(field_->field);
  setEnabled(has_scale);
  histogram_ = has_scale ? histogram_of(values_of(*field_), contrast_.log) : Histogram{};
  plot_->set_axis_titles(has_scale ? name_of(field_->field) : QString(), {});
  plot_->set_log_values(contrast_.log);
  HistogramSeries series;
  series.name = tr("tiles");
  if (histogram_.binned > 0) {
    series.low = to_plot(histogram_.bin_low(0));
    series.high = to_plot(histogram_.bin_low(Histogram::kBins));
    series.counts.assign(histogram_.counts.begin(), histogram_.counts.end());
  }
  plot_->set_series({series});
  QStringList left_out;
  const auto add = [&](std::int64_t count, const QString& what) {
    if (count > 0) left_out << QStringLiteral("%1 %2").arg(count).arg(what);
  };
  add(histogram_.nan, tr("NaN"));
  add(histogram_.plus_infinity, tr("+∞"));
  add(histogram_.minus_infinity, tr("−∞"));
  add(histogram_.not_positive, tr("not positive"));
  left_out_->setText(left_out.isEmpty()
                         ? QString()
                         : tr("Not counted: %1").arg(left_out.join(QStringLiteral(", "))));
  left_out_->setVisible(!left_out.isEmpty());
}

double ContrastPanel::to_plot(double value) const {
  return contrast_.log ? std::log10(std::max(value, 1e-300)) : value;
}

double ContrastPanel::from_plot(double value) const {
  return contrast_.log ? std::pow(10.0, value) : value;
}

void ContrastPanel::set_contrast(const Contrast& contrast) {
  const bool recount = contrast.log != contrast_.log;
  contrast_ = contrast;
  if (recount) count();
  show_contrast();
}

void ContrastPanel::change(Contrast contrast) {
  if (is_updating_ || contrast == contrast_) return;
  set_contrast(contrast);
  emit contrast_changed(contrast_);
}

void ContrastPanel::show_extent() {
  // A handle that is dragged must not move under the pointer.
  if (histogram_.binned == 0 || plot_->is_dragging()) return;
  // Handles beyond the values can still be reached.
  const double low = std::min(to_plot(histogram_.bin_low(0)), to_plot(contrast_.start()));
  const double high =
      std::max(to_plot(histogram_.bin_low(Histogram::kBins)), to_plot(contrast_.high));
  const double room = 0.02 * (high - low);
  const double top = 1.06 * static_cast<double>(histogram_.largest_count());
  plot_->set_extent(low - room, high + room, 0.0, top);
}

void ContrastPanel::show_contrast() {
  show_extent();
  is_updating_ = true;
  const bool has_scale = isEnabled();
  const auto at = [&](double value) {
    return has_scale ? std::optional<double>(to_plot(value)) : std::nullopt;
  };
  plot_->set_line(low_line_, at(contrast_.start()), number_text(contrast_.start(), 3));
  plot_->set_line(high_line_, at(contrast_.high), number_text(contrast_.high, 3));
  const double step = std::max(1e-9, (contrast_.high - contrast_.low) / 100.0);
  low_->setSingleStep(step), high_->setSingleStep(step);
  low_->setValue(contrast_.low), high_->setValue(contrast_.high);
  log_->setChecked(contrast_.log);
  is_updating_ = false;
}

}  // namespace bsfa::gui
