// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/threshold_panel.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"
#include "gui/views/number_box.h"

namespace bsfa::gui {
namespace {

using Kind = ThresholdChoice::Kind;

constexpr int kSliderEnd = 1000, kSliderMiddle = 500;
constexpr double kOffsetEnd = 5.0;    // score units at either end of the offset's slider
constexpr double kMassDecades = 4.0;  // the mass slider ends at 0.9999
constexpr double kDefaultK = 16.0;

double offset_of_slider(int position) {
  return (position - kSliderMiddle) * 2.0 * kOffsetEnd / kSliderEnd;
}

int slider_of_offset(double offset) {
  return static_cast<int>(std::lround(offset * kSliderEnd / (2.0 * kOffsetEnd))) + kSliderMiddle;
}

QString about(const ThresholdEffect& effect, const std::optional<double>& value, int digits) {
  if (!value) return QStringLiteral("–");
  return (effect.approximate ? QStringLiteral("≈ ") : QString()) + number_text(*value, digits);
}

}  // namespace

ThresholdPanel::ThresholdPanel(ThresholdModel& model, SelectionModel& selection, QWidget* parent)
    : QWidget(parent), model_(model), selection_(selection) {
  setAccessibleName(tr("Thresholds"));
  build();
  connect(&model_, &ThresholdModel::changed, this, &ThresholdPanel::refresh);
  connect(&model_, &ThresholdModel::evaluated, this, &ThresholdPanel::refresh);
  connect(&selection_, &SelectionModel::changed, this,
          [this](const Selection& before, const Selection& now) {
            if (before.head_key() != now.head_key() || before.run != now.run) refresh();
          });
  refresh();
}

void ThresholdPanel::build() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 6);
  column->addWidget(build_choice());
  column->addWidget(build_figures());
  column->addStretch(1);
  column->addWidget(build_buttons());
}

QWidget* ThresholdPanel::build_choice() {
  auto* box = new QWidget(this);
  auto* form = new QFormLayout(box);
  form->setContentsMargins(0, 0, 0, 0);
  kind_ = new QComboBox(box);
  kind_->setAccessibleName(tr("How thresholds are chosen"));
  kind_->addItem(tr("as in the trace"), static_cast<int>(Kind::kStored));
  kind_->addItem(tr("keep the top k"), static_cast<int>(Kind::kTopK));
  kind_->addItem(tr("reach a density"), static_cast<int>(Kind::kDensity));
  kind_->addItem(tr("retain a mass"), static_cast<int>(Kind::kMass));
  form->addRow(tr("&Choose τ"), kind_);
  const auto pair = [&](QSlider*& slider, NumberBox*& number, const QString& name) {
    auto* row = new QHBoxLayout;
    slider = new QSlider(Qt::Horizontal, box);
    slider->setRange(0, kSliderEnd);
    slider->setAccessibleName(name);
    number = new NumberBox(name, box);
    row->addWidget(slider, 1), row->addWidget(number);
    // All positions of one drag are one step of undo.
    connect(slider, &QSlider::sliderPressed, this, [this] { drag_ = model_.new_drag(); });
    connect(slider, &QSlider::sliderReleased, this, [this] { drag_ = 0; });
    return row;
  };
  value_label_ = new QLabel(box);
  form->addRow(value_label_, pair(value_slider_, value_, tr("Value")));
  auto* offset_label = new QLabel(tr("&Offset"), box);
  form->addRow(offset_label,
               pair(offset_slider_, offset_, tr("Offset of every τ, in score units")));
  value_label_->setBuddy(value_), offset_label->setBuddy(offset_);
  auto* scopes = new QHBoxLayout;
  scopes_ = new QButtonGroup(this);
  const std::pair<ThresholdScope, QString> offered[] = {{ThresholdScope::kHead, tr("hea&d")},
                                                        {ThresholdScope::kLayer, tr("&layer")},
                                                        {ThresholdScope::kAll, tr("&all")}};
  for (const auto& [scope, name] : offered) {
    auto* button = new QRadioButton(name, box);
    scopes_->addButton(button, static_cast<int>(scope));
    scopes->addWidget(button);
  }
  scopes->addStretch(1);
  scopes_->button(0)->setChecked(true);
  form->addRow(tr("Apply to"), scopes);
  connect_choice();
  return box;
}

void ThresholdPanel::connect_choice() {
  connect(scopes_, &QButtonGroup::idToggled, this, [this](int, bool on) {
    if (!on) return;
    refresh();
    emit scope_changed();
  });
  connect(kind_, &QComboBox::activated, this,
          [this](int index) { choose(kind_->itemData(index).toInt()); });
  connect(value_slider_, &QSlider::valueChanged, this, [this](int position) {
    if (!is_updating_) value_edited(value_of_slider(position), drag_);
  });
  connect(value_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    if (!is_updating_) value_edited(value, 0);
  });
  connect(offset_slider_, &QSlider::valueChanged, this, [this](int position) {
    if (!is_updating_) offset_edited(offset_of_slider(position), drag_);
  });
  connect(offset_, &QDoubleSpinBox::valueChanged, this, [this](double offset) {
    if (!is_updating_) offset_edited(offset, 0);
  });
}

QWidget* ThresholdPanel::build_figures() {
  auto* box = new QWidget(this);
  auto* form = new QFormLayout(box);
  form->setContentsMargins(0, 4, 0, 0);
  form->setVerticalSpacing(2);
  const QString names[kFigures] = {tr("density"), tr("retained mass"), tr("certificate"),
                                   tr("speed"), tr("output error")};
  for (std::size_t i = 0; i < kFigures; ++i) {
    names_[i] = new QLabel(names[i], box);
    names_[i]->setForegroundRole(QPalette::PlaceholderText);
    figures_[i] = new QLabel(box);
    figures_[i]->setAccessibleName(names[i]);
    figures_[i]->setTextInteractionFlags(Qt::TextSelectableByMouse);
    form->addRow(names_[i], figures_[i]);
  }
  names_[kCertificateFigure]->setToolTip(
      tr("Bound on lost over kept mass of every row, from statistics alone"));
  state_ = new QLabel(box);
  state_->setWordWrap(true);
  state_->setForegroundRole(QPalette::PlaceholderText);
  form->addRow(state_);
  return box;
}

QWidget* ThresholdPanel::build_buttons() {
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  auto *edits = new QHBoxLayout, *actions = new QHBoxLayout;
  const auto button = [&](const QString& text, QHBoxLayout* row) {
    auto* made = new QPushButton(text, box);
    row->addWidget(made);
    return made;
  };
  undo_ = button(tr("Undo"), edits), redo_ = button(tr("Redo"), edits);
  reset_ = button(tr("Reset"), edits);
  column->addLayout(edits);
  // The stack moves on after the model has changed, so what can be undone is the stack's to say.
  connect(&model_.undo_stack(), &QUndoStack::canUndoChanged, undo_, &QPushButton::setEnabled);
  connect(&model_.undo_stack(), &QUndoStack::canRedoChanged, redo_, &QPushButton::setEnabled);
  undo_->setEnabled(model_.undo_stack().canUndo());
  redo_->setEnabled(model_.undo_stack().canRedo());
  connect(undo_, &QPushButton::clicked, &model_.undo_stack(), &QUndoStack::undo);
  connect(redo_, &QPushButton::clicked, &model_.undo_stack(), &QUndoStack::redo);
  connect(reset_, &QPushButton::clicked, this,
          [this] { model_.reset(scope(), selection_.current().head_key()); });
  connect(button(tr("&Measure"), actions), &QPushButton::clicked, this,
          &ThresholdPanel::measure_asked);
  connect(button(tr("&Save…"), actions), &QPushButton::clicked, this, &ThresholdPanel::save_asked);
  connect(button(tr("&Copy as command"), actions), &QPushButton::clicked, this,
          &ThresholdPanel::copy_asked);
  column->addLayout(actions);
  return box;
}

ThresholdScope ThresholdPanel::scope() const {
  return static_cast<ThresholdScope>(std::max(0, scopes_->checkedId()));
}

void ThresholdPanel::set_scope(ThresholdScope scope) {
  scopes_->button(static_cast<int>(scope))->setChecked(true);
}

void ThresholdPanel::set_largest_k(int largest) {
  largest_k_ = std::max(1, largest);
  refresh();
}

void ThresholdPanel::set_measured_error(std::optional<double> error) {
  if (error == measured_error_) return;
  measured_error_ = error;
  show_error(model_.effect(scope(), selection_.current().head_key()));
}

void ThresholdPanel::choose(int kind) {
  const HeadKey key = selection_.current().head_key();
  const ThresholdEffect now = model_.effect(key);
  double value = 0.0;
  switch (static_cast<Kind>(kind)) {
    case Kind::kStored:
      break;
    case Kind::kTopK:
      value = std::min(kDefaultK, static_cast<double>(largest_k_));
      break;
    // What is kept now is where tuning starts from.
    case Kind::kDensity:
      value = now.density.value_or(0.25);
      break;
    case Kind::kMass:
      value = now.retained_mass.value_or(0.99);
      break;
  }
  model_.set_kind(scope(), key, static_cast<Kind>(kind), value);
}

void ThresholdPanel::value_edited(double value, int drag) {
  const HeadKey key = selection_.current().head_key();
  model_.set_kind(scope(), key, model_.choice(key).kind, value, drag);
}

void ThresholdPanel::offset_edited(double offset, int drag) {
  model_.set_offset(scope(), selection_.current().head_key(), offset, drag);
}

double ThresholdPanel::value_of_slider(int position) const {
  const double share = static_cast<double>(position) / kSliderEnd;
  switch (model_.choice(selection_.current().head_key()).kind) {
    case Kind::kTopK:
      return std::round(largest_k_ * share * share);
    case Kind::kMass:
      return 1.0 - std::pow(10.0, -kMassDecades * share);
    default:
      return share;
  }
}

int ThresholdPanel::slider_of_value(double value) const {
  double share = value;
  switch (model_.choice(selection_.current().head_key()).kind) {
    case Kind::kTopK:
      share = std::sqrt(std::max(0.0, value) / largest_k_);
      break;
    case Kind::kMass:
      share = value >= 1.0 ? 1.0 : -std::log10(1.0 - value) / kMassDecades;
      break;
    default:
      break;
  }
  return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kSliderEnd));
}

void ThresholdPanel::set_value_range(Kind kind) {
  const bool is_k = kind == Kind::kTopK;
  value_->setRange(0.0, is_k ? static_cast<double>(largest_k_) : 1.0);
  value_->setSingleStep(is_k ? 1.0 : 0.01);
  value_label_->setText(is_k                     ? tr("&k")
                        : kind == Kind::kDensity ? tr("&Density")
                        : kind == Kind::kMass    ? tr("&Mass")
                                                 : tr("Val&ue"));
  value_->setEnabled(kind != Kind::kStored);
  value_slider_->setEnabled(kind != Kind::kStored);
}

void ThresholdPanel::show_choice() {
  const ThresholdChoice& choice = model_.choice(selection_.current().head_key());
  kind_->setCurrentIndex(kind_->findData(static_cast<int>(choice.kind)));
  set_value_range(choice.kind);
  value_->setValue(choice.value);
  offset_->setValue(choice.offset);
  // The slider that the user holds stays where it is held.
  if (!value_slider_->isSliderDown()) value_slider_->setValue(slider_of_value(choice.value));
  if (!offset_slider_->isSliderDown()) offset_slider_->setValue(slider_of_offset(choice.offset));
  reset_->setEnabled(model_.edited());
  const int by_hand = static_cast<int>(choice.rows.size());
  state_->setText(by_hand > 0          ? tr("Q blocks of this head set by hand: %1").arg(by_hand)
                  : choice.is_stored() ? tr("thresholds as in the trace")
                                       : tr("edited; what was measured holds no longer"));
}

void ThresholdPanel::show_figures() {
  const HeadKey key = selection_.current().head_key();
  const ThresholdEffect effect = model_.effect(scope(), key);
  figures_[kDensityFigure]->setText(about(effect, effect.density, 4));
  figures_[kMassFigure]->setText(about(effect, effect.retained_mass, 5));
  figures_[kCertificateFigure]->setText(!effect.certificate_known ? QStringLiteral("–")
                                        : effect.certificate ? about(effect, effect.certificate, 3)
                                                             : tr("no bound"));
  const SpeedEstimate speed = model_.speed(key.sequence.layer);
  QString text = QStringLiteral("–");
  if (const auto measured = model_.measured_speed(key.sequence.layer)) {
    text = tr("%1× dense, measured").arg(*measured, 0, 'f', 2);
  } else if (speed.factor) {
    const QString factor = QStringLiteral("%1×").arg(*speed.factor, 0, 'f', 2);
    text = speed.upper_bound ? tr("≤ %1 dense, upper bound").arg(factor)
                             : tr("≈ %1 dense, predicted").arg(factor);
  }
  figures_[kSpeedFigure]->setText(text);
  show_error(effect);
  if (effect.unknown_heads > 0) {
    state_->setText(tr("%1 of %2 heads are not known and left out")
                        .arg(effect.unknown_heads)
                        .arg(effect.unknown_heads + effect.heads));
  }
}

void ThresholdPanel::show_error(const ThresholdEffect& effect) {
  QString text = QStringLiteral("–");
  if (measured_error_) {
    text = tr("%1 measured").arg(number_text(*measured_error_, 3));
  } else if (effect.retained_mass) {
    text = tr("≈ %1 estimated").arg(number_text(1.0 - *effect.retained_mass, 2));
  }
  figures_[kErrorFigure]->setText(text);
  figures_[kErrorFigure]->setToolTip(
      measured_error_ ? QString() : tr("The mass lost by skipping; Measure runs the kernel again"));
}

void ThresholdPanel::refresh() {
  is_updating_ = true;
  show_choice();
  is_updating_ = false;
  show_figures();
}

}  // namespace bsfa::gui
