// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/measurement.h"

#include <QFile>
#include <algorithm>
#include <utility>

#include "gui/models/commands.h"

namespace bsfa::gui {
namespace {

/// What traces have in common that were made from one input.
QString input_of(const TraceFile& file) {
  const traces::Provenance& from = file.provenance();
  return QString::fromStdString(from.input_sha256.empty() ? from.input_file : from.input_sha256);
}

/// The k of a head's thresholds where that is all that chose them.
std::optional<double> k_of(const ThresholdChoices& choices, HeadKey key) {
  const auto found = choices.find({{key.sequence.layer, 0}, key.head});
  if (found == choices.end()) return std::nullopt;
  const ThresholdChoice& choice = found->second;
  const bool by_k = choice.kind == ThresholdChoice::Kind::kTopK && choice.offset == 0.0;
  return by_k && choice.rows.empty() ? std::optional(choice.value) : std::nullopt;
}

bool is_in(ThresholdScope scope, HeadKey around, HeadKey key) {
  return scope == ThresholdScope::kAll ||
         (scope == ThresholdScope::kLayer ? key.sequence.layer == around.sequence.layer
                                          : key == around);
}

}  // namespace

QStringList without_option(QStringList arguments, const QString& option) {
  const qsizetype at = arguments.indexOf(option);
  if (at < 0) return arguments;
  arguments.removeAt(at);
  if (at < arguments.size()) arguments.removeAt(at);
  return arguments;
}

Measurement::Measurement(Workspace& workspace, Opener& opener, QObject* parent)
    : QObject(parent), workspace_(workspace), opener_(opener) {
  connect(&workspace, &Workspace::file_changed, this, &Measurement::look_at_opened);
}

MeasureRequest Measurement::suggested(QString* error) const {
  MeasureRequest request;
  error->clear();
  const auto file = workspace_.file();
  if (!file) {
    *error = tr("No trace is open.");
    return request;
  }
  QStringList arguments =
      compare_arguments(*file, std::nullopt, QStringLiteral("t"), QStringLiteral("o"));
  if (arguments.isEmpty()) {
    *error = tr("%1 does not name its input.").arg(file->name());
    return request;
  }
  request.input = QString::fromStdString(file->provenance().input_file);
  request.sha256 = QString::fromStdString(file->provenance().input_sha256);
  request.judged = judged_output(*file);
  request.layers = layers_of(*file);
  for (const char* option : {"--qkv", "--thresholds", "--out"}) {
    arguments = without_option(arguments, QString::fromLatin1(option));
  }
  arguments.removeAll(QStringLiteral("compare"));
  request.arguments = arguments;
  return request;
}

void Measurement::start(MeasureRequest request) {
  if (running()) return;
  request.output_file = folder_.filePath(QStringLiteral("measured-%1.h5").arg(++numbers_));
  const auto file = workspace_.file();
  Run run;
  run.choices = workspace_.thresholds().plan().choices;
  run.from = file ? file->path() : QString();
  run.request = std::move(request);
  runs_.push_back(std::move(run));
  runs_.back().request.thresholds.isEmpty() ? tabulate() : launch();
}

Measurement::Table Measurement::make_table_file(const ThresholdPlan& plan,
                                                const JobControl& control) {
  // A folder of the work's own, which outlives the window where that is closed meanwhile.
  const QTemporaryDir folder;
  const QString name = folder.filePath(QStringLiteral("thresholds.safetensors"));
  Table table;
  table.error = gui::save_thresholds(plan, name, control);
  if (!table.error.isEmpty()) return table;
  QFile file(name);
  if (file.open(QIODevice::ReadOnly)) table.bytes = file.readAll();
  if (table.bytes.isEmpty()) table.error = tr("%1: %2").arg(name, file.errorString());
  return table;
}

void Measurement::tabulate() {
  const QString what = tr("Measuring %1: thresholds").arg(measured_layers(runs_.back().request));
  tabulating_ = LoadJob::start<Table>(
      this,
      [plan = workspace_.thresholds().plan()](const JobControl& control) {
        return make_table_file(plan, control);
      },
      [this](Table table) {
        tabulating_.clear();
        if (!table.error.isEmpty()) return give_up(table.error);
        runs_.back().request.thresholds = std::move(table.bytes);
        launch();
      });
  connect(tabulating_, &LoadJob::progressed, this,
          [this, what](double share) { emit progressed(what, share); });
  connect(tabulating_, &LoadJob::failed, this, [this](const QString& error) {
    tabulating_.clear();
    give_up(error);
  });
  emit progressed(what, -1.0);
}

void Measurement::launch() {
  Run& run = runs_.back();
  job_ = new ProcessJob(this);
  connect(job_, &ProcessJob::finished, this, &Measurement::take);
  connect(job_, &ProcessJob::progressed, this, [this](double share, const QString& phase) {
    emit progressed(tr("Measuring: %1").arg(phase), share);
  });
  emit progressed(tr("Measuring %1").arg(measured_layers(run.request)), -1.0);
  const ProcessPlan plan = measure_plan(run.request);
  // Only the trace is wanted from now on, and the table may be large.
  run.request.thresholds.clear();
  job_->start(plan);
}

void Measurement::cancel() {
  if (!tabulating_.isNull()) {
    LoadJob* job = tabulating_;
    tabulating_.clear();
    job->cancel();
    return give_up({});
  }
  if (running()) job_->cancel();
}

void Measurement::give_up(const QString& error) {
  runs_.pop_back();
  emit ended(error);
}

void Measurement::take(ProcessJob::Outcome outcome, const QString& error) {
  job_->deleteLater();
  job_.clear();
  if (outcome != ProcessJob::Outcome::kDone) return give_up(error);
  runs_.back().done = true;
  const QString file = runs_.back().request.output_file;
  const QString objection = objection_to(runs_.back());
  emit ended({});
  if (objection.isEmpty()) return opener_.replace(file);
  emit waiting(objection + QLatin1Char(' ') + tr("Trace > Open measured trace shows it."));
}

QString Measurement::objection_to(const Run& run) const {
  const QString layers = measured_layers(run.request);
  if (!measures_all(run.request)) {
    return tr("Measured %1 alone; thresholds of other layers are still estimates.").arg(layers);
  }
  const auto file = workspace_.file();
  if (opener_.busy() || !file || file->path() != run.from) {
    return tr("Measured %1 of the trace that was open before.").arg(layers);
  }
  if (workspace_.thresholds().plan().choices != run.choices) {
    return tr("Measured %1 under thresholds that were changed since.").arg(layers);
  }
  return {};
}

void Measurement::open_latest() {
  if (!latest().isEmpty()) opener_.replace(latest());
}

void Measurement::look_at_opened() {
  const auto file = workspace_.file();
  Run* run = file ? run_of(file->path()) : nullptr;
  if (run == nullptr || run->seen) return;
  run->seen = true;
  const QString hash = QString::fromStdString(file->provenance().input_sha256);
  if (!run->request.sha256.isEmpty() && hash != run->request.sha256) {
    emit rejected(tr("%1: was made from another input than the trace before").arg(file->name()));
    return;
  }
  run->input = input_of(*file);
  keep_figures(*run);
  emit measured(
      tr("Measured %1. Trace > Save measured trace keeps it.").arg(measured_layers(run->request)));
}

void Measurement::keep_figures(Run& run) const {
  for (const HeadFigures& head : workspace_.heads().heads()) {
    run.heads.push_back({head.key, k_of(run.choices, head.key), head.method});
  }
}

std::vector<MeasuredPoint> Measurement::points(ThresholdScope scope, HeadKey key) const {
  std::vector<MeasuredPoint> points;
  const auto file = workspace_.file();
  if (!file) return points;
  for (const Run& run : runs_) {
    if (run.input.isEmpty() || run.input != input_of(*file)) continue;
    std::optional<double> k, error;
    bool alike = true;
    for (const HeadResult& head : run.heads) {
      if (!is_in(scope, key, head.key)) continue;
      alike = head.k && head.error && (!k || *k == *head.k);
      if (!alike) break;
      k = head.k;
      error = std::max(error.value_or(0.0), *head.error);
    }
    if (alike && k) points.push_back({*k, error, std::nullopt});
  }
  return points;
}

QString Measurement::open_trace() const {
  const auto file = workspace_.file();
  return file && made(file->path()) ? file->path() : QString();
}

QString Measurement::latest() const {
  const auto last =
      std::find_if(runs_.rbegin(), runs_.rend(), [](const Run& run) { return run.done; });
  return last == runs_.rend() ? QString() : last->request.output_file;
}

QString Measurement::unsaved() const {
  const QString open = open_trace();
  if (!open.isEmpty() && saved_as(open).isEmpty()) return open;
  const QString last = latest();
  return !last.isEmpty() && saved_as(last).isEmpty() ? last : QString();
}

void Measurement::forget(const QString& file) {
  std::erase_if(runs_, [&](const Run& run) { return run.done && run.request.output_file == file; });
}

void Measurement::set_saved(const QString& file, const QString& as) {
  if (Run* run = run_of(file)) run->saved_as = as;
}

QString Measurement::saved_as(const QString& file) const {
  const Run* run = run_of(file);
  return run != nullptr ? run->saved_as : QString();
}

const Measurement::Run* Measurement::run_of(const QString& file) const {
  const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const Run& run) {
    return run.done && run.request.output_file == file;
  });
  return found == runs_.end() ? nullptr : &*found;
}

Measurement::Run* Measurement::run_of(const QString& file) {
  return const_cast<Run*>(std::as_const(*this).run_of(file));
}

}  // namespace bsfa::gui
