// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <QTableView>
#include <functional>

#include "gui/window/threshold_saver.h"

namespace bsfa::gui {

class MainWindow;

/// What the menus of a window do, as far as it takes more than a line.
class WindowCommands : public QObject {
  Q_OBJECT

 public:
  explicit WindowCommands(MainWindow& window);

  void open_dialog();
  void open_remote();
  void compare();
  bool save_measured();  ///< whether it is saved now
  void export_pictures();
  void export_view();
  void export_table();

  void copy_link();
  void copy_tile();
  void copy_command();
  void copy_text(const QString& text, const QString& what);

  void measure();
  /// Asks for a name and writes what is tried; `then` is told the file, which is empty where it was
  /// not written.
  void save_thresholds(const ThresholdSaver::Then& then = {});

  void step_head(int by);
  void show_worst_head();
  /// The next or previous Q block with a violation, or beyond its arithmetic bound.
  void step_fault(bool backward);
  void show_notes();
  void show_help();
  void show_about();
  void set_theme(const QString& name);
  void scale_font(int percent);

 private:
  QString save_name(const QString& title, const QString& suggested, const QString& filter);
  /// Calls `use` with a file that holds the thresholds that are tried, written where there is none;
  /// empty: the run's own do. Not called where they are not saved.
  void with_thresholds(const std::function<void(const QString& file)>& use);
  bool names_input(const TraceFile& file);
  QTableView* table_in_focus() const;
  QWidget* view_in_focus() const;

  MainWindow& window_;
};

}  // namespace bsfa::gui
