// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <functional>

#include "gui/window/workspace.h"

namespace bsfa::gui {

/// Writes the thresholds that are tried to files, in the background, and knows in which they lie.
///
/// One at a time: save() while busy() does nothing. What is written is what was tried when it
/// began, whatever is edited or opened meanwhile.
class ThresholdSaver : public QObject {
  Q_OBJECT

 public:
  /// Told the file once it is written; empty where it was not.
  using Then = std::function<void(const QString& file)>;

  explicit ThresholdSaver(Workspace& workspace, QObject* parent = nullptr);

  bool busy() const { return !job_.isNull(); }
  /// Whether what is being written is what is tried now.
  bool writes_shown() const { return busy() && is_shown(writing_); }
  void save(const QString& name, const Then& then);
  /// Tells of the end of what is being written, in the place of who was told before.
  void wait(const Then& then);
  void cancel();
  /// A file that holds what is tried now; empty: none that was written here.
  QString file_of_shown() const;

 signals:
  void progressed(const QString& what, double share);
  /// Exactly once for each save(): `error` is one line, empty where it was written or cancelled.
  void ended(const QString& error);
  void saved(const QString& name);

 private:
  struct Table {
    QString file, trace;
    ThresholdChoices choices;
  };
  bool is_shown(const Table& table) const;
  void end(const QString& error, bool written);

  Workspace& workspace_;
  QPointer<LoadJob> job_;
  Table writing_, saved_;
  Then then_;
};

}  // namespace bsfa::gui
