// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/threshold_saver.h"

#include <QFileInfo>
#include <utility>

namespace bsfa::gui {

ThresholdSaver::ThresholdSaver(Workspace& workspace, QObject* parent)
    : QObject(parent), workspace_(workspace) {}

void ThresholdSaver::save(const QString& name, const Then& then) {
  const auto file = workspace_.file();
  if (busy() || !file) return;
  const ThresholdPlan plan = workspace_.thresholds().plan();
  writing_ = {QFileInfo(name).absoluteFilePath(), file->path(), plan.choices};
  then_ = then;
  job_ = save_in_background(this, plan, writing_.file,
                            [this](const QString& error) { end(error, error.isEmpty()); });
  const QString what = tr("Saving %1").arg(QFileInfo(name).fileName());
  connect(job_, &LoadJob::progressed, this,
          [this, what](double share) { emit progressed(what, share); });
  connect(job_, &LoadJob::failed, this,
          [this](const QString& error) { end(tr("%1: %2").arg(writing_.file, error), false); });
  emit progressed(what, -1.0);
}

void ThresholdSaver::wait(const Then& then) {
  const Then before = std::exchange(then_, then);
  if (before) before({});
}

void ThresholdSaver::cancel() {
  if (!busy()) return;
  job_->cancel();
  end({}, false);
}

void ThresholdSaver::end(const QString& error, bool written) {
  job_.clear();
  if (written) {
    saved_ = writing_;
    if (is_shown(saved_)) workspace_.thresholds().undo_stack().setClean();
  }
  const Then then = std::exchange(then_, {});
  const QString file = written ? writing_.file : QString();
  // Whoever is told may close the window that this belongs to.
  const QPointer<ThresholdSaver> alive(this);
  emit ended(error);
  if (alive && written) emit saved(file);
  if (alive && then) then(file);
}

bool ThresholdSaver::is_shown(const Table& table) const {
  const auto file = workspace_.file();
  return file && table.trace == file->path() &&
         table.choices == workspace_.thresholds().plan().choices;
}

QString ThresholdSaver::file_of_shown() const {
  return is_shown(saved_) && QFileInfo::exists(saved_.file) ? saved_.file : QString();
}

}  // namespace bsfa::gui
