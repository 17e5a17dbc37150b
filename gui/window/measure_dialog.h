// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QLabel>
#include <QLineEdit>

#include "gui/window/measure.h"

namespace bsfa::gui {

/// Asks where and on what to measure; what the trace says is filled in.
class MeasureDialog : public QDialog {
  Q_OBJECT

 public:
  MeasureDialog(const MeasureRequest& suggested, QWidget* parent);
  MeasureRequest request() const;

 private:
  void check();
  void show_what();

  MeasureRequest suggested_;
  QLineEdit *host_, *program_, *input_, *arguments_;
  QLabel *layers_, *kernel_, *fault_;
};

/// bsfa beside this program, else in PATH, else its bare name.
QString local_bsfa();

}  // namespace bsfa::gui
