// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QWidget>
#include <memory>

#include "gui/models/tried_heads.h"
#include "gui/views/balance_view.h"
#include "gui/views/contrast_panel.h"
#include "gui/views/curve_plot.h"
#include "gui/views/error_view.h"
#include "gui/views/head_list.h"
#include "gui/views/head_panel.h"
#include "gui/views/inspector.h"
#include "gui/views/overview_view.h"
#include "gui/views/profile_tables.h"
#include "gui/views/threshold_panel.h"
#include "gui/views/timeline_view.h"
#include "gui/window/workspace.h"

namespace bsfa::gui {

/// Every view of a workspace, each fed with what it shows and linked to the others. Where they are
/// placed is up to whoever makes the set: docks of the window, or pages of an export.
class ViewSet : public QObject {
  Q_OBJECT

 public:
  /// The views become children of `parent` until they are placed.
  ViewSet(Workspace& workspace, QWidget* parent);

  HeadList* const heads;
  OverviewView* const overview;
  HeadPanel* const head;
  ErrorView* const error;
  TimelineView* const timeline;
  BalanceView* const balance;
  ProfileTables* const tables;
  Inspector* const inspector;
  ContrastPanel* const contrast;
  ThresholdPanel* const thresholds;
  CurvePlot* const curve;

 signals:
  /// One line about what is under the pointer, from any view.
  void hovered(const QString& line);

 private:
  void link_views();
  void link_thresholds();
  void show_sequence();
  void show_head();
  void show_work();
  void show_thresholds();
  void show_curve();
  /// Largest method error of the heads in scope; none where other thresholds are tried on one.
  std::optional<double> measured_error() const;

  Workspace& workspace_;
  TriedHeads tried_heads_;
  int drag_ = 0;
};

}  // namespace bsfa::gui
