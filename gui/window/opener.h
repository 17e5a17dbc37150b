// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTemporaryDir>
#include <memory>

#include "gui/window/process_job.h"
#include "gui/window/shell_text.h"
#include "gui/window/workspace.h"

namespace bsfa::gui {

/// Opens what people name: a file, a link to a tile of it, or a file on another machine, which is
/// copied here first. One at a time; the next takes the place of one under way.
class Opener : public QObject {
  Q_OBJECT

 public:
  explicit Opener(Workspace& workspace, QObject* parent = nullptr);

  void open(const QString& text);
  /// The same source again, copied again where it is remote; the selection stays.
  void reload();
  void cancel();
  bool busy() const;
  /// What was opened, as it was named, without the place in it; empty: nothing yet.
  const QString& source() const { return source_; }
  /// What the last open() was about.
  const QString& wanted() const { return wanted_; }

 signals:
  void progressed(const QString& what, double share);
  /// Exactly once for each open(): `error` is one line, empty where it was opened or cancelled.
  void ended(const QString& error);

 private:
  void start(const QString& text, bool keep_selection);
  void start_copy(const RemotePath& remote);
  void take_copy(ProcessJob::Outcome outcome, const QString& error);
  void drop_copy();
  void end(bool opened, const QString& error);

  Workspace& workspace_;
  QPointer<ProcessJob> copy_;
  /// Of the copy that is open, and of one under way.
  std::unique_ptr<QTemporaryDir> folder_, next_folder_;
  RemotePath remote_;
  QString wanted_, source_;
  bool keep_selection_ = false, ended_ = true;
};

}  // namespace bsfa::gui
