// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QTemporaryDir>
#include <vector>

#include "gui/views/curve_plot.h"
#include "gui/window/measure.h"
#include "gui/window/opener.h"

namespace bsfa::gui {

/// Runs bsfa under the thresholds being tried and opens the trace that comes back, at the same
/// selection: what was estimated is then measured.
///
/// The trace is opened at once only where nothing would be lost by it: the same trace is open, its
/// thresholds are those that were measured, and every layer of it was. Else it waits.
class Measurement : public QObject {
  Q_OBJECT

 public:
  Measurement(Workspace& workspace, Opener& opener, QObject* parent = nullptr);

  /// What the trace in view suggests, all of its layers; `program` and `host` are the caller's.
  /// `error` says why nothing can be measured, empty where it can.
  MeasureRequest suggested(QString* error) const;
  /// Where the request has no thresholds, those that are tried are made into a table first, which
  /// may take seconds and happens in the background.
  void start(MeasureRequest request);
  void cancel();
  bool running() const { return !job_.isNull() || !tabulating_.isNull(); }

  /// Whether a file is a trace that was measured here.
  bool made(const QString& file) const { return run_of(file) != nullptr; }
  /// The measured trace that is open; empty: none is.
  QString open_trace() const;
  /// The last that was measured, open or not; empty: none was.
  QString latest() const;
  void open_latest();
  /// It cannot be read.
  void forget(const QString& file);
  /// A measured trace that goes with the window unless it is saved; empty: there is none.
  QString unsaved() const;
  void set_saved(const QString& file, const QString& as);
  /// Where a measured trace was saved; empty: it was not.
  QString saved_as(const QString& file) const;

  /// What was measured so far of the input in view, for runs in which all heads in scope had the
  /// same k: their largest method error.
  std::vector<MeasuredPoint> points(ThresholdScope scope, HeadKey key) const;

 signals:
  void progressed(const QString& what, double share);
  /// Exactly once for each start; `error` is one line, empty where it was done or cancelled.
  void ended(const QString& error);
  /// The measured trace is in view.
  void measured(const QString& line);
  /// It was done and what is open stays; `line` says how to see it.
  void waiting(const QString& line);
  /// The trace that is in view now is none of this measurement.
  void rejected(const QString& line);

 private:
  struct HeadResult {
    HeadKey key;
    std::optional<double> k, error;
  };
  struct Run {
    MeasureRequest request;
    ThresholdChoices choices;
    QString from;   ///< path of the trace that it was asked for
    QString input;  ///< what it was measured on
    std::vector<HeadResult> heads;
    QString saved_as;
    bool done = false, seen = false;
  };
  /// A table of thresholds as the bytes of its file, or one line that says what failed.
  struct Table {
    QByteArray bytes;
    QString error;
  };
  static Table make_table_file(const ThresholdPlan& plan, const JobControl& control);
  void tabulate();
  void launch();
  void give_up(const QString& error);
  void take(ProcessJob::Outcome outcome, const QString& error);
  /// Why the trace of a run shall not take the place of what is open; empty: it may.
  QString objection_to(const Run& run) const;
  void look_at_opened();
  void keep_figures(Run& run) const;
  const Run* run_of(const QString& file) const;
  Run* run_of(const QString& file);

  Workspace& workspace_;
  Opener& opener_;
  QPointer<LoadJob> tabulating_;
  QPointer<ProcessJob> job_;
  QTemporaryDir folder_;
  std::vector<Run> runs_;  ///< the last may be under way
  int numbers_ = 0;
};

/// The arguments without an option and its value.
QStringList without_option(QStringList arguments, const QString& option);

}  // namespace bsfa::gui
