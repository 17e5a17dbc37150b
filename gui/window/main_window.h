// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QMainWindow>
#include <QStackedWidget>

#include "gui/window/action_registry.h"
#include "gui/window/dock_set.h"
#include "gui/window/key_guard.h"
#include "gui/window/measurement.h"
#include "gui/window/message_bar.h"
#include "gui/window/opener.h"
#include "gui/window/start_page.h"
#include "gui/window/viewer_settings.h"
#include "gui/window/workspace.h"

namespace bsfa::gui {

class WindowCommands;

/// The window: a workspace, its views in docks, menus, and what is under way in the status bar.
///
/// May be closed at any time, whatever is being loaded, measured or dragged.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  /// The settings outlive the window.
  explicit MainWindow(ViewerSettings& settings, QWidget* parent = nullptr);
  ~MainWindow() override;

  /// A file, a link to a tile, or ssh://host/path.
  void open(const QString& text);
  void close_trace();

  Workspace& workspace() { return workspace_; }
  ViewSet& views() { return *views_; }
  DockSet& docks() { return *docks_; }
  ActionRegistry& actions() { return registry_; }
  Opener& opener() { return opener_; }
  Measurement& measurement() { return measurement_; }
  ViewerSettings& settings() { return settings_; }
  MessageBar& message_bar() { return *message_; }
  StartPage& start_page() { return *start_; }

  /// A short word in the status bar.
  void tell(const QString& line);
  /// One line that stays until it is dismissed.
  void complain(const QString& line);
  void reset_layout();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void build();
  void connect_parts();
  void show_file();
  void show_title();
  void show_docks(bool on);
  void cancel();

  ViewerSettings& settings_;
  Workspace workspace_;
  Opener opener_;
  Measurement measurement_;
  KeyGuard guard_;
  ActionRegistry registry_;
  ViewSet* views_;
  DockSet* docks_;
  WindowCommands* commands_;
  QStackedWidget* center_;
  StartPage* start_;
  MessageBar* message_;
  ProgressStrip* progress_;
  VerdictLabel* verdict_;
  QLabel* where_;
  QByteArray layout_;  ///< of the docks while none is shown
  bool docks_shown_ = true;
};

}  // namespace bsfa::gui
