// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/file_watch.h"

#include <QFileInfo>

namespace bsfa::gui {

FileWatch::FileWatch(QObject* parent) : QObject(parent) {
  connect(&watcher_, &QFileSystemWatcher::fileChanged, this, &FileWatch::check);
  connect(&watcher_, &QFileSystemWatcher::directoryChanged, this, &FileWatch::check);
}

void FileWatch::set_file(const QString& path) {
  const QStringList before = watcher_.files() + watcher_.directories();
  if (!before.isEmpty()) watcher_.removePaths(before);
  path_ = path;
  changed_ = false;
  if (path.isEmpty()) return;
  stamp_ = stamp_of(path);
  // A trace is renamed into place, which its folder sees and the old file need not.
  watcher_.addPaths({path, QFileInfo(path).absolutePath()});
}

FileWatch::Stamp FileWatch::stamp_of(const QString& path) {
  const QFileInfo now(path);
  return now.exists() ? Stamp{now.size(), now.lastModified()} : Stamp{};
}

void FileWatch::check() {
  if (changed_ || path_.isEmpty() || stamp_of(path_) == stamp_) return;
  changed_ = true;
  emit file_changed();
}

}  // namespace bsfa::gui
