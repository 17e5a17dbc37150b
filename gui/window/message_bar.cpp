// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/message_bar.h"

#include <QHBoxLayout>

namespace bsfa::gui {

MessageBar::MessageBar(QWidget* parent)
    : QWidget(parent), icon_(new VerdictLabel(this)), text_(new QLabel(this)) {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::AlternateBase);
  text_->setWordWrap(true);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  text_->setTextFormat(Qt::PlainText);
  auto* close = new QPushButton(tr("Dismiss"), this);
  connect(close, &QPushButton::clicked, this, &MessageBar::dismiss);
  auto* row = new QHBoxLayout(this);
  row->addWidget(icon_);
  row->addWidget(text_, 1);
  row->addWidget(close);
  hide();
}

void MessageBar::show_message(Standing standing, const QString& line, const QString& detail) {
  icon_->set_verdict(standing, standing == Standing::kBad ? tr("error") : tr("note"));
  text_->setText(line);
  text_->setToolTip(detail);
  setAccessibleName(line);
  show();
}

void MessageBar::dismiss() {
  text_->clear();
  hide();
}

ProgressStrip::ProgressStrip(const QString& name, QWidget* parent)
    : QWidget(parent),
      what_(new QLabel(this)),
      bar_(new QProgressBar(this)),
      cancel_(new QPushButton(tr("Cancel"), this)) {
  connect(cancel_, &QPushButton::clicked, this, &ProgressStrip::cancelled);
  bar_->setAccessibleName(tr("%1: progress").arg(name));
  cancel_->setAccessibleName(tr("%1: cancel").arg(name));
  bar_->setMaximumWidth(24 * fontMetrics().averageCharWidth());
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(what_);
  row->addWidget(bar_);
  row->addWidget(cancel_);
  hide();
}

void ProgressStrip::show_progress(const QString& what, double share) {
  what_->setText(what);
  bar_->setRange(0, share < 0.0 ? 0 : 100);
  if (share >= 0.0) bar_->setValue(static_cast<int>(100.0 * share));
  show();
}

}  // namespace bsfa::gui
