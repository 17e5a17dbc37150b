// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <QTableView>
#include <optional>

#include "gui/models/threshold_plan.h"

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
  bool save_thresholds();  ///< whether they are saved now

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
  /// A file with the thresholds that are tried, saved where it is not; empty: the run's own do.
  /// None: the user does not want to save them.
  std::optional<QString> thresholds_file();
  bool names_input(const TraceFile& file);
  QTableView* table_in_focus() const;
  QWidget* view_in_focus() const;

  MainWindow& window_;
  /// Thresholds that lie in a file, and of which trace.
  struct Saved {
    QString file, trace;
    ThresholdChoices choices;
  };
  Saved saved_;
};

}  // namespace bsfa::gui
