// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListWidget>
#include <QStringList>
#include <QWidget>

namespace bsfa::gui {

/// Traces that came with the program: below `folder` and the folders above it, in
/// traces/recorded/. Sorted by name.
QStringList recorded_traces(const QString& folder);

/// What a window without a trace shows: recent files, recorded traces, and how to make one.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  explicit StartPage(QWidget* parent = nullptr);
  void set_files(const QStringList& recent, const QStringList& recorded);

 signals:
  void open_wanted();
  void file_chosen(const QString& file);

 private:
  void add_heading(const QString& text);
  void add_files(const QStringList& files);

  QListWidget* list_;
};

}  // namespace bsfa::gui
