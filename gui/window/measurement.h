// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QTemporaryDir>
#include <vector>

#include "gui/views/curve_plot.h"
#include "gui/window/measure.h"
#include "gui/window/workspace.h"

namespace bsfa::gui {

/// Runs bsfa under the thresholds being tried and opens the trace that comes back, at the same
/// selection: what was estimated is then measured.
class Measurement : public QObject {
  Q_OBJECT

 public:
  explicit Measurement(Workspace& workspace, QObject* parent = nullptr);

  /// What the trace in view suggests; `program` and `host` are the caller's. `error` says why
  /// nothing can be measured, empty where it can.
  MeasureRequest suggested(QString* error) const;
  void start(MeasureRequest request);
  void cancel();
  bool running() const { return !job_.isNull(); }

  /// The measured trace that is open, for saving; empty: none is.
  QString open_trace() const;
  /// What was measured so far of this input, by k.
  const std::vector<MeasuredPoint>& points() const { return points_; }

 signals:
  void progressed(const QString& what, double share);
  /// `error` is one line; empty where it was done or cancelled.
  void ended(const QString& error);
  void measured();

 private:
  void take(ProcessJob::Outcome outcome, const QString& error);
  void check_opened();

  Workspace& workspace_;
  QPointer<ProcessJob> job_;
  QTemporaryDir folder_;
  MeasureRequest request_;
  std::optional<double> k_;
  QString expected_;  ///< the trace that is being opened
  int runs_ = 0;
  std::vector<MeasuredPoint> points_;
  QString points_of_;  ///< hash of the input that the points belong to
};

/// The arguments without an option and its value.
QStringList without_option(QStringList arguments, const QString& option);

}  // namespace bsfa::gui
