// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTemporaryDir>
#include <functional>
#include <memory>

#include "gui/window/process_job.h"
#include "gui/window/shell_text.h"
#include "gui/window/workspace.h"

namespace bsfa::gui {

/// Opens what people name: a file, a link to a tile of it, or a file on another machine, which is
/// copied here first. One at a time; the next takes the place of one under way. Nobody else opens
/// anything in the workspace, so that each end belongs to the opening it is told of.
class Opener : public QObject {
  Q_OBJECT

 public:
  explicit Opener(Workspace& workspace, QObject* parent = nullptr);

  void open(const QString& text);
  /// A local file in the place of what is open; the selection stays as far as it has that.
  void replace(const QString& file);
  /// The same source again, copied again where it is remote; the selection stays.
  void reload();
  void cancel();
  /// Nothing is open or under way after this, and there is nothing to reload.
  void close();
  bool busy() const { return !ended_; }
  using Answer = std::function<void(bool allowed)>;
  /// Asked when a copy has come, which may be long after it was asked for: whether it may still
  /// take the place of what is open. Answers once, at once or later.
  void set_gate(std::function<void(const Answer&)> gate) { gate_ = std::move(gate); }
  /// What was opened, as it was named, without the place in it; empty: nothing yet.
  const QString& source() const { return source_; }
  /// What the last open() was about.
  const QString& wanted() const { return wanted_; }

 signals:
  void progressed(const QString& what, double share);
  /// Exactly once for each open(): `error` is one line, empty where it was opened or cancelled.
  void ended(const QString& error);

 private:
  void begin(bool keep_selection);
  void start_local(const Link& link);
  void start_copy(const QString& name, const RemotePath& remote);
  void take_copy(ProcessJob::Outcome outcome, const QString& error);
  void open_copy();
  void drop_copy();
  void end(bool opened, const QString& error);

  Workspace& workspace_;
  QPointer<ProcessJob> copy_;
  /// Of the copy that is open, and of one under way.
  std::unique_ptr<QTemporaryDir> folder_, next_folder_;
  RemotePath remote_;
  QString wanted_, source_;
  std::function<void(const Answer&)> gate_;
  bool keep_selection_ = false, ended_ = true;
  int openings_ = 0;
};

}  // namespace bsfa::gui
