// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QTableWidget>
#include <QWidget>
#include <array>

#include "gui/models/color_map.h"
#include "gui/views/color_bar.h"
#include "gui/views/heatmap_view.h"
#include "gui/views/histogram_plot.h"
#include "gui/window/difference.h"
#include "gui/window/message_bar.h"
#include "gui/window/workspace.h"

namespace bsfa::gui {

/// Two runs side by side and their difference: one scale, axes locked, one selection; below them
/// the figures of both and their histograms over each other.
class CompareWindow : public QWidget {
  Q_OBJECT

 public:
  explicit CompareWindow(QWidget* parent);
  ~CompareWindow() override;

  /// Links may name a place; the first that does is where both begin.
  void open(const QString& first, const QString& second);

  Workspace& run(int index) { return runs_[static_cast<std::size_t>(index)]; }
  HeatmapView& heatmap(int index) const { return *maps_[static_cast<std::size_t>(index)]; }
  const Difference& difference() const { return difference_; }
  QTableWidget& figures() const { return *figures_; }
  QComboBox& heads() const { return *heads_; }
  QComboBox& fields() const { return *fields_; }
  MessageBar& message_bar() const { return *message_; }
  QLabel& title(int index) const { return *titles_[static_cast<std::size_t>(index)]; }
  HistogramPlot& histogram() const { return *histogram_; }
  SelectionModel& selection() { return selection_; }

  /// The figures as CSV, in full precision. Returns one line, empty where it was written.
  QString save_figures(const QString& file) const;

 private:
  QWidget* build_bar();
  QWidget* build_maps();
  QWidget* build_below();
  void connect_parts();
  void fill_heads();
  int begin_at() const;
  void ask_for_file();
  void choose_head(int index);
  void lock_views(int from, const QRectF& tiles);
  void refresh();
  void show_nothing(const QString& why);
  void name_runs();
  void show_scale(const std::array<std::shared_ptr<const TileField>, 2>& fields, Field field);
  void show_histograms(const std::array<std::shared_ptr<const TileField>, 2>& fields);
  void show_figures();

  std::array<Workspace, 2> runs_;
  SelectionModel selection_;
  std::array<Link, 2> links_;
  std::vector<HeadKey> common_heads_;
  QRectF view_;     ///< to come back to when the next head is there,
  QSizeF view_of_;  ///< if it has so many tiles
  Difference difference_;
  std::array<HeatmapView*, 3> maps_{};
  std::array<QLabel*, 3> titles_{};
  std::array<ColorBar*, 2> bars_{};
  QComboBox *heads_, *fields_;
  QLabel* read_out_;
  QTableWidget* figures_;
  HistogramPlot* histogram_;
  MessageBar* message_;
  bool is_locking_ = false;
};

}  // namespace bsfa::gui
