// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>

namespace bsfa::gui {

/// What the viewer remembers between starts. The store is the caller's, so that tests keep theirs
/// in a scratch folder.
class ViewerSettings {
 public:
  static constexpr qsizetype kMostRecent = 10;

  explicit ViewerSettings(QSettings& store) : store_(store) {}

  /// Newest first, without doubles.
  QStringList recent_files() const;
  void add_recent(const QString& file);
  void forget_recent(const QString& file);
  void clear_recent();

  QString theme() const;  ///< "light", "dark" or "system"
  void set_theme(const QString& name);
  int font_percent() const;  ///< 50 to 300
  void set_font_percent(int percent);

  QByteArray geometry() const;
  QByteArray layout() const;
  void set_window(const QByteArray& geometry, const QByteArray& layout);
  void forget_window();

  /// Where the last measurement ran: "" is this machine; and the program there.
  QString measure_host() const;
  QString measure_program() const;
  void set_measure(const QString& host, const QString& program);

 private:
  QSettings& store_;
};

}  // namespace bsfa::gui
