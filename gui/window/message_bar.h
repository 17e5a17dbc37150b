// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QWidget>

#include "gui/views/verdict_label.h"

namespace bsfa::gui {

/// A line above the content that stays until it is dismissed: what could not be opened, what a
/// trace lacks.
class MessageBar : public QWidget {
  Q_OBJECT

 public:
  explicit MessageBar(QWidget* parent = nullptr);

  /// `detail` is what a hover shows beyond the line.
  void show_message(Standing standing, const QString& line, const QString& detail = {});
  void dismiss();
  QString text() const { return text_->text(); }

 private:
  VerdictLabel* icon_;
  QLabel* text_;
};

/// One thing that is under way, how far it is, and its own Cancel; lives in the status bar.
class ProgressStrip : public QWidget {
  Q_OBJECT

 public:
  /// `name` says what kind of thing, for assistive technology: "Opening".
  explicit ProgressStrip(const QString& name, QWidget* parent = nullptr);

  /// A negative share: nobody knows.
  void show_progress(const QString& what, double share);
  void finish() { hide(); }
  QString text() const { return what_->text(); }
  QPushButton& cancel_button() const { return *cancel_; }

 signals:
  void cancelled();

 private:
  QLabel* what_;
  QProgressBar* bar_;
  QPushButton* cancel_;
};

}  // namespace bsfa::gui
