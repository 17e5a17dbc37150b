// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gui/models/balance.h"

class QComboBox;
class QLabel;
class QTabWidget;
class QTextBrowser;

namespace bsfa::gui {

class HistogramPlot;
class RowsModel;
class TablePanel;

/// How evenly work was shared out: a histogram of time or tiles over items, SMs or workers, CTAs
/// and warps, what is in one of its bars, figures of each level, the cost of an item, and
/// conclusions in words.
class BalanceView : public QWidget {
  Q_OBJECT

 public:
  explicit BalanceView(QWidget* parent = nullptr);

  void set_report(BalanceReport report);
  /// A second run whose histograms lie over the first's; none: an empty report.
  void set_other(BalanceReport report, const QString& name);
  const BalanceReport& report() const { return report_; }
  HistogramPlot& histogram() const { return *plot_; }
  /// What is counted, and of what.
  QComboBox& levels() const { return *levels_; }
  QComboBox& quantities() const { return *quantities_; }
  /// What is in the bar that was chosen.
  TablePanel& members() const { return *members_; }

 signals:
  /// Somebody chose an item, or the longest item of a unit, in the list of a bar.
  void item_chosen(const bsfa::gui::WorkPlace& place);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void build();
  void refresh();
  void show_histogram();
  void list_bar(int bar);
  const WorkGroup* group() const;
  WorkQuantity quantity() const;
  QString text() const;

  BalanceReport report_, other_;
  QString other_name_;
  BarHistogram bars_;
  std::vector<std::size_t> listed_;  ///< members of the group, by row of the list
  QComboBox *levels_, *quantities_;
  HistogramPlot* plot_;
  QTabWidget* tabs_;
  QTextBrowser* text_;
  QLabel* bar_;
  RowsModel* rows_;
  TablePanel* members_;
};

}  // namespace bsfa::gui
