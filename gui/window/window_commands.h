// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <QTableView>

#include "gui/models/head_figures.h"

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
  void save_measured();
  void export_pictures();
  void export_view();
  void export_table();

  void copy_link();
  void copy_tile();
  void copy_command();
  void copy_text(const QString& text, const QString& what);

  void measure();
  void save_thresholds();

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
  QTableView* table_in_focus() const;
  QWidget* view_in_focus() const;

  MainWindow& window_;
};

}  // namespace bsfa::gui
