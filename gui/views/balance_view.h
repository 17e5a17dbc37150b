// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gui/models/balance.h"

class QComboBox;
class QLabel;
class QTextBrowser;

namespace bsfa::gui {

class HistogramPlot;

/// How evenly work was shared out: a histogram of time or kept tiles, figures of each level, the
/// cost of an item, and conclusions in words.
class BalanceView : public QWidget {
  Q_OBJECT

 public:
  explicit BalanceView(QWidget* parent = nullptr);

  void set_report(BalanceReport report);
  /// A second run whose histograms lie over the first's; none: an empty report.
  void set_other(BalanceReport report, const QString& name);
  const BalanceReport& report() const { return report_; }
  HistogramPlot& histogram() const { return *plot_; }
  QComboBox& choice() const { return *choice_; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void refresh();
  void show_histogram();
  QString text() const;

  BalanceReport report_, other_;
  QString other_name_;
  QComboBox* choice_;
  HistogramPlot* plot_;
  QTextBrowser* text_;
};

}  // namespace bsfa::gui
