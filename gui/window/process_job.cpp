// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/process_job.h"

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <algorithm>
#include <cstdio>

namespace bsfa::gui {
namespace {

constexpr int kWatchMs = 100;
constexpr int kPatienceMs = 3000;  ///< a kernel that is running ends before its program does
constexpr qsizetype kLongestLine = 4096;

QString cleaned(const QByteArray& line) {
  static const QRegularExpression escapes(QStringLiteral("\x1b\\[[0-9;]*[A-Za-z]"));
  return QString::fromUtf8(line).remove(escapes).trimmed();
}

}  // namespace

ProcessJob::ProcessJob(QObject* parent) : QObject(parent) {
  output_watch_.setInterval(kWatchMs);
  patience_.setInterval(kPatienceMs);
  patience_.setSingleShot(true);
  connect(&output_watch_, &QTimer::timeout, this, &ProcessJob::watch_output);
  connect(&patience_, &QTimer::timeout, &process_, &QProcess::kill);
  connect(&process_, &QProcess::readyReadStandardError, this, &ProcessJob::read_errors);
  connect(&process_, &QProcess::finished, this, &ProcessJob::end);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    report(Outcome::kFailed,
           tr("%1: cannot be started: %2").arg(plan_.program, process_.errorString()));
  });
}

ProcessJob::~ProcessJob() {
  reported_ = true;
  disconnect(&process_, nullptr, this, nullptr);
  if (running()) {
    process_.closeWriteChannel();
    process_.terminate();
    if (!process_.waitForFinished(kPatienceMs / 10)) {
      process_.kill();
      process_.waitForFinished(kPatienceMs);
    }
    QFile::remove(partial());
  }
}

QString ProcessJob::partial() const {
  return plan_.output_file + QStringLiteral(".part");
}

void ProcessJob::start(const ProcessPlan& plan) {
  if (running()) return;
  plan_ = plan;
  pending_.clear();
  last_line_.clear();
  expected_bytes_ = -1;
  cancelled_ = false;
  reported_ = false;
  process_.setProgram(plan.program);
  process_.setArguments(plan.arguments);
  process_.setStandardOutputFile(partial());
  process_.start();
  if (reported_) return;
  process_.write(plan.input);
  output_watch_.start();
}

void ProcessJob::cancel() {
  if (!running() || cancelled_) return;
  cancelled_ = true;
  process_.closeWriteChannel();
  process_.terminate();
  patience_.start();
}

void ProcessJob::read_errors() {
  pending_ += process_.readAllStandardError();
  qsizetype begin = 0;
  for (qsizetype i = 0; i < pending_.size(); ++i) {
    // Progress is redrawn after a carriage return alone.
    if (pending_[i] != '\n' && pending_[i] != '\r') continue;
    take_line(cleaned(pending_.mid(begin, i - begin)));
    begin = i + 1;
  }
  pending_.remove(0, begin);
  if (pending_.size() > kLongestLine) pending_.remove(0, pending_.size() - kLongestLine);
}

void ProcessJob::take_line(const QString& line) {
  if (line.isEmpty()) return;
  static const QRegularExpression size(QStringLiteral("^[0-9]{1,18}$"));
  static const QRegularExpression percent(QStringLiteral("^(.*?)\\s*\\[[#.]*\\]\\s*([0-9]+) %"));
  if (size.match(line).hasMatch()) {
    expected_bytes_ = line.toLongLong();
    return;
  }
  if (const auto match = percent.match(line); match.hasMatch()) {
    emit progressed(std::clamp(match.captured(2).toDouble() / 100.0, 0.0, 1.0), match.captured(1));
    return;
  }
  if (line.endsWith(QStringLiteral(" ..."))) {
    emit progressed(-1.0, line.chopped(4));
    return;
  }
  last_line_ = line;
}

void ProcessJob::watch_output() {
  if (expected_bytes_ <= 0) return;
  const auto bytes = static_cast<double>(QFileInfo(partial()).size());
  emit progressed(std::clamp(bytes / static_cast<double>(expected_bytes_), 0.0, 1.0),
                  tr("copying"));
}

void ProcessJob::end(int exit_code, QProcess::ExitStatus status) {
  read_errors();
  take_line(cleaned(pending_));
  pending_.clear();
  if (cancelled_) return report(Outcome::kCancelled, {});
  if (status == QProcess::CrashExit) {
    return report(Outcome::kFailed, tr("%1: ended by a signal").arg(plan_.program));
  }
  if (exit_code != 0) {
    return report(Outcome::kFailed,
                  last_line_.isEmpty()
                      ? tr("%1: ended with exit code %2").arg(plan_.program).arg(exit_code)
                      : last_line_);
  }
  const qint64 bytes = QFileInfo(partial()).size();
  if (expected_bytes_ >= 0 && bytes != expected_bytes_) {
    return report(Outcome::kFailed, tr("%1: holds %2 of %3 bytes: the copy is incomplete")
                                        .arg(plan_.output_file)
                                        .arg(bytes)
                                        .arg(expected_bytes_));
  }
  // rename(2) and not QFile::rename, which refuses to replace.
  if (std::rename(QFile::encodeName(partial()).constData(),
                  QFile::encodeName(plan_.output_file).constData()) != 0) {
    return report(Outcome::kFailed, tr("%1: cannot be written").arg(plan_.output_file));
  }
  report(Outcome::kDone, {});
}

void ProcessJob::report(Outcome outcome, const QString& error) {
  if (reported_) return;
  reported_ = true;
  output_watch_.stop();
  patience_.stop();
  if (outcome != Outcome::kDone) QFile::remove(partial());
  emit finished(outcome, error);
}

}  // namespace bsfa::gui
