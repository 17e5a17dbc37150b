// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QMainWindow>
#include <QStackedWidget>
#include <functional>
#include <memory>
#include <optional>

#include "gui/window/action_registry.h"
#include "gui/window/dock_set.h"
#include "gui/window/key_guard.h"
#include "gui/window/measurement.h"
#include "gui/window/message_bar.h"
#include "gui/window/opener.h"
#include "gui/window/prompts.h"
#include "gui/window/start_page.h"
#include "gui/window/threshold_saver.h"
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
  void reload();
  /// The last trace that was measured.
  void open_measured();
  void close_trace();

  Workspace& workspace() { return workspace_; }
  ViewSet& views() { return *views_; }
  DockSet& docks() { return *docks_; }
  ActionRegistry& actions() { return registry_; }
  Opener& opener() { return opener_; }
  Measurement& measurement() { return measurement_; }
  ThresholdSaver& saver() { return saver_; }
  ViewerSettings& settings() { return settings_; }
  WindowCommands& commands() { return *commands_; }
  Prompts& prompts() { return *prompts_; }
  void set_prompts(std::unique_ptr<Prompts> prompts) { prompts_ = std::move(prompts); }
  MessageBar& message_bar() { return *message_; }
  StartPage& start_page() { return *start_; }
  ProgressStrip& opening_strip() { return *opening_; }
  ProgressStrip& measuring_strip() { return *measuring_; }
  ProgressStrip& saving_strip() { return *saving_; }

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
  void connect_opening();
  void connect_measuring();
  void connect_saving();
  void show_file();
  void show_title();
  void show_docks(bool on);
  void show_measured();
  void cancel();
  /// Begins an opening, unless thresholds would be lost by it that the user wants to keep.
  void start_opening(const std::function<void()>& start);
  void end_opening(const QString& error);
  /// Whether thresholds that are tried may be lost: none would be, or the user said so. Answers
  /// later where the user wants them saved first.
  void ask_to_drop(const Opener::Answer& answer);
  /// The same for what closing the window would lose, which closes later where it answers later.
  bool may_close();
  bool may_drop_measured();

  ViewerSettings& settings_;
  std::unique_ptr<Prompts> prompts_ = std::make_unique<Prompts>();
  Workspace workspace_;
  Opener opener_;
  Measurement measurement_;
  ThresholdSaver saver_;
  KeyGuard guard_;
  ActionRegistry registry_;
  ViewSet* views_;
  DockSet* docks_;
  WindowCommands* commands_;
  QStackedWidget* center_;
  StartPage* start_;
  MessageBar* message_;
  ProgressStrip *opening_, *measuring_, *saving_;
  VerdictLabel* verdict_;
  QLabel* where_;
  QByteArray layout_;  ///< of the docks while none is shown
  bool docks_shown_ = true;
  /// Thresholds that the opening under way may drop.
  std::optional<ThresholdChoices> given_up_;
};

}  // namespace bsfa::gui
