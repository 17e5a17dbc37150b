// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTimer>

namespace bsfa::gui {

/// A program whose standard output becomes a file.
struct ProcessPlan {
  QString program;
  QStringList arguments;
  QByteArray input;     ///< goes to standard input, which then stays open until the end or Cancel
  QString output_file;  ///< appears under its name only when complete
};

/// Runs one program in the background: progress from its standard error, Cancel, one report.
///
/// Progress  a line that is only a number says how many bytes the output will have; a line with
///           "N %" says how far it has come. Any other line may be the cause of a failure.
/// Cancel    closes standard input, which the scripts that we send take as the sign to stop, and
///           ends the program where it does not go by itself.
/// Lifetime  may be deleted at any time; the program is ended and nothing is left behind.
class ProcessJob : public QObject {
  Q_OBJECT

 public:
  enum class Outcome { kDone, kFailed, kCancelled };
  Q_ENUM(Outcome)

  explicit ProcessJob(QObject* parent = nullptr);
  ~ProcessJob() override;

  void start(const ProcessPlan& plan);
  void cancel();
  bool running() const { return process_.state() != QProcess::NotRunning; }

 signals:
  /// share is 0 to 1, or negative where it is not known.
  void progressed(double share, const QString& phase);
  /// Exactly once for each start; `error` is one line where the outcome is kFailed.
  void finished(bsfa::gui::ProcessJob::Outcome outcome, const QString& error);

 private:
  void read_errors();
  void take_line(const QString& line);
  void watch_output();
  void end(int exit_code, QProcess::ExitStatus status);
  void report(Outcome outcome, const QString& error);
  QString partial() const;

  ProcessPlan plan_;
  QProcess process_;
  QTimer output_watch_, patience_;
  QByteArray pending_;
  QString last_line_;
  qint64 expected_bytes_ = -1;
  bool cancelled_ = false, reported_ = true;
};

}  // namespace bsfa::gui
