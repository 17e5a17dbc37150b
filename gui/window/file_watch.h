// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QFileSystemWatcher>
#include <QObject>
#include <QString>

namespace bsfa::gui {

/// Says when a file that was read is no longer what lies on disk: written anew, replaced or gone.
class FileWatch : public QObject {
  Q_OBJECT

 public:
  explicit FileWatch(QObject* parent = nullptr);

  /// From now on; empty: no file.
  void set_file(const QString& path);
  bool changed() const { return changed_; }

 signals:
  /// Once for each set_file().
  void file_changed();

 private:
  struct Stamp {
    qint64 bytes = -1;  ///< -1: there is no file
    QDateTime written;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static Stamp stamp_of(const QString& path);
  void check();

  QFileSystemWatcher watcher_;
  QString path_;
  Stamp stamp_;
  bool changed_ = false;
};

}  // namespace bsfa::gui
