// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/measurement.h"

#include <QDir>
#include <QFile>
#include <algorithm>
#include <utility>

#include "gui/models/commands.h"

namespace bsfa::gui {

QStringList without_option(QStringList arguments, const QString& option) {
  const qsizetype at = arguments.indexOf(option);
  if (at < 0) return arguments;
  arguments.removeAt(at);
  if (at < arguments.size()) arguments.removeAt(at);
  return arguments;
}

Measurement::Measurement(Workspace& workspace, QObject* parent)
    : QObject(parent), workspace_(workspace) {
  connect(&workspace, &Workspace::file_changed, this, &Measurement::check_opened);
}

MeasureRequest Measurement::suggested(QString* error) const {
  MeasureRequest request;
  error->clear();
  const auto file = workspace_.file();
  if (!file) {
    *error = tr("No trace is open.");
    return request;
  }
  const QString table = folder_.filePath(QStringLiteral("thresholds.safetensors"));
  QStringList arguments = compare_arguments(*file, workspace_.sequence_key().layer,
                                            QStringLiteral("t"), QStringLiteral("o"));
  if (arguments.isEmpty()) {
    *error = tr("%1 does not name its input.").arg(file->name());
    return request;
  }
  *error = workspace_.thresholds().save(table);
  if (!error->isEmpty()) return request;
  QFile bytes(table);
  if (!bytes.open(QIODevice::ReadOnly)) {
    *error = tr("%1: %2").arg(table, bytes.errorString());
    return request;
  }
  request.thresholds = bytes.readAll();
  request.input = QString::fromStdString(file->provenance().input_file);
  request.sha256 = QString::fromStdString(file->provenance().input_sha256);
  for (const char* option : {"--qkv", "--thresholds", "--out"}) {
    arguments = without_option(arguments, QString::fromLatin1(option));
  }
  arguments.removeAll(QStringLiteral("compare"));
  request.arguments = arguments;
  return request;
}

void Measurement::start(MeasureRequest request) {
  if (running()) return;
  request.output_file = folder_.filePath(QStringLiteral("measured-%1.h5").arg(runs_ + 1));
  ++runs_;
  request_ = std::move(request);
  const ThresholdChoice& choice = workspace_.thresholds().choice(workspace_.head_key());
  const bool by_k = choice.kind == ThresholdChoice::Kind::kTopK && choice.offset == 0.0;
  k_ = by_k ? std::optional(choice.value) : std::nullopt;
  job_ = new ProcessJob(this);
  connect(job_, &ProcessJob::finished, this, &Measurement::take);
  connect(job_, &ProcessJob::progressed, this, [this](double share, const QString& phase) {
    emit progressed(tr("Measuring: %1").arg(phase), share);
  });
  emit progressed(tr("Measuring"), -1.0);
  job_->start(measure_plan(request_));
}

void Measurement::cancel() {
  if (running()) job_->cancel();
}

void Measurement::take(ProcessJob::Outcome outcome, const QString& error) {
  job_->deleteLater();
  job_.clear();
  if (outcome != ProcessJob::Outcome::kDone) {
    emit ended(error);
    return;
  }
  expected_ = request_.output_file;
  emit ended({});
  workspace_.open({expected_, {}, {}, {}, {}, {}}, true);
}

QString Measurement::open_trace() const {
  const auto file = workspace_.file();
  if (!file || !file->path().startsWith(folder_.path() + QDir::separator())) return {};
  return file->path();
}

void Measurement::check_opened() {
  const auto file = workspace_.file();
  if (!file) return;
  const QString hash = QString::fromStdString(file->provenance().input_sha256);
  if (hash != points_of_) points_.clear();
  points_of_ = hash;
  if (expected_.isEmpty() || file->path() != expected_) return;
  expected_.clear();
  if (!request_.sha256.isEmpty() && hash != request_.sha256) {
    emit ended(tr("%1: was made from another input than the trace before").arg(file->name()));
    return;
  }
  if (k_) {
    double error = 0.0;
    for (const HeadFigures& head : workspace_.heads().heads()) {
      if (head.method) error = std::max(error, *head.method);
    }
    points_.push_back({*k_, error, std::nullopt});
  }
  emit measured();
}

}  // namespace bsfa::gui
