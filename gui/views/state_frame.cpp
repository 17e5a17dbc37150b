// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/state_frame.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>

#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

QString word_of(StateFrame::State state) {
  switch (state) {
    case StateFrame::State::kReady:
      return StateFrame::tr("ready");
    case StateFrame::State::kEmpty:
      return StateFrame::tr("Nothing to show");
    case StateFrame::State::kLoading:
      return StateFrame::tr("Loading");
    case StateFrame::State::kStale:
      return StateFrame::tr("out of date");
    case StateFrame::State::kPartial:
      return StateFrame::tr("damaged");
    case StateFrame::State::kError:
      return StateFrame::tr("Could not be shown");
  }
  return {};
}

void set_color(QLabel& label, const QColor& color) {
  QPalette palette = label.palette();
  if (palette.color(QPalette::WindowText) == color) return;
  palette.setColor(QPalette::WindowText, color);
  label.setPalette(palette);
}

}  // namespace

StateFrame::StateFrame(const QString& title, QWidget* content, QWidget* parent)
    : QWidget(parent), title_(title), content_(content), banner_(make_banner()) {
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(0);
  outer->addWidget(banner_);
  auto* holder = new QWidget(this);
  pages_ = new QStackedLayout(holder);
  pages_->addWidget(content);
  pages_->addWidget(make_message());
  outer->addWidget(holder, 1);
  show_state(State::kReady);
  restyle();
}

QSize StateFrame::minimumSizeHint() const {
  return pages_->parentWidget()->minimumSizeHint();
}

QWidget* StateFrame::make_banner() {
  auto* banner = new QWidget(this);
  auto* row = new QHBoxLayout(banner);
  row->setContentsMargins(6, 2, 6, 2);
  banner_text_ = new QLabel(banner);
  banner_text_->setWordWrap(true);
  row->addWidget(banner_text_, 1);
  banner->hide();
  return banner;
}

QWidget* StateFrame::make_message() {
  auto* page = new QWidget(this);
  auto* column = new QVBoxLayout(page);
  column->addStretch(1);
  heading_ = new QLabel(page);
  message_ = new QLabel(page);
  command_ = new QLabel(page);
  for (QLabel* label : {heading_, message_, command_}) {
    label->setWordWrap(true);
    label->setAlignment(Qt::AlignCenter);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setTextFormat(Qt::PlainText);
    column->addWidget(label);
  }
  progress_ = new QProgressBar(page);
  progress_->setMinimumWidth(em(*this, 12));
  progress_->setAccessibleName(tr("Progress"));
  progress_->setMaximumWidth(em(*this, 24));
  column->addWidget(progress_, 0, Qt::AlignHCenter);
  column->addSpacing(em(*this, 0.3));
  auto* buttons = new QHBoxLayout;
  copy_ = new QPushButton(tr("Copy command"), page);
  cancel_ = new QPushButton(tr("Cancel"), page);
  retry_ = new QPushButton(tr("Retry"), page);
  buttons->addStretch(1);
  for (QPushButton* button : {copy_, cancel_, retry_}) buttons->addWidget(button);
  buttons->addStretch(1);
  column->addLayout(buttons);
  column->addStretch(1);
  connect(cancel_, &QPushButton::clicked, this, &StateFrame::cancelled);
  connect(retry_, &QPushButton::clicked, this, &StateFrame::retried);
  connect(copy_, &QPushButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(command_->text()); });
  return page;
}

void StateFrame::show_state(State state) {
  state_ = state;
  const bool has_banner = state == State::kStale || state == State::kPartial;
  pages_->setCurrentIndex(state == State::kReady || has_banner ? 0 : 1);
  banner_->setVisible(has_banner);
  heading_->setText(word_of(state));
  progress_->setVisible(state == State::kLoading);
  cancel_->setVisible(state == State::kLoading);
  retry_->setVisible(state == State::kError);
  const bool has_command = state == State::kEmpty && !command_->text().isEmpty();
  command_->setVisible(has_command);
  copy_->setVisible(has_command);
  setAccessibleName(title_);
  setAccessibleDescription(state == State::kReady
                               ? QString()
                               : word_of(state) + ": " +
                                     (has_banner ? banner_text_->text() : message_->text()));
  restyle();
}

void StateFrame::set_ready() {
  show_state(State::kReady);
}

void StateFrame::set_empty(const QString& sentence, const QString& command) {
  message_->setText(sentence);
  command_->setText(command);
  show_state(State::kEmpty);
}

void StateFrame::set_loading(const QString& what, int percent) {
  message_->setText(what);
  progress_->setRange(0, percent < 0 ? 0 : 100);
  if (percent >= 0) progress_->setValue(percent);
  if (state_ != State::kLoading) show_state(State::kLoading);
}

void StateFrame::set_stale(const QString& why) {
  show_banner(State::kStale, tr("Out of date: %1").arg(why));
}

void StateFrame::set_partial(const QString& line) {
  show_banner(State::kPartial, tr("Not all could be read: %1").arg(line));
}

void StateFrame::show_banner(State state, const QString& text) {
  // While a threshold is dragged this is said again and again.
  if (state_ == state && banner_text_->text() == text) return;
  banner_text_->setText(text);
  show_state(state);
}

void StateFrame::set_error(const QString& line) {
  message_->setText(line);
  show_state(State::kError);
}

void StateFrame::restyle() {
  const Theme& colors = theme_of(*this);
  set_color(*banner_text_, colors.warning);
  set_color(*heading_, state_ == State::kError ? colors.bad : colors.muted);
  QFont bold = font();
  bold.setBold(true);
  heading_->setFont(bold);
  command_->setFont(command_font(*this));
}

void StateFrame::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) restyle();
  QWidget::changeEvent(event);
}

}  // namespace bsfa::gui
