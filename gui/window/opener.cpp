// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/opener.h"

#include <QFileInfo>

#include "gui/window/fetch.h"

namespace bsfa::gui {

Opener::Opener(Workspace& workspace, QObject* parent) : QObject(parent), workspace_(workspace) {
  connect(&workspace, &Workspace::open_progressed, this, [this](double share) {
    emit progressed(tr("Opening %1").arg(QFileInfo(workspace_.opening_path()).fileName()), share);
  });
  connect(&workspace, &Workspace::open_ended, this, &Opener::end);
}

void Opener::open(const QString& text) {
  begin(false);
  wanted_ = text;
  const auto remote = parse_remote(text);
  if (is_remote(text) && !remote) return end(false, tr("%1: is not ssh://host/path").arg(text));
  const auto link = parse_link(remote ? QLatin1Char('#') + remote->link : text);
  if (!link) {
    return end(false, tr("%1: what follows # is not a place such as L4/H2/Q47/K70").arg(text));
  }
  if (remote) {
    const qsizetype place = remote->link.isEmpty() ? 0 : remote->link.size() + 1;
    return start_copy(text.chopped(place), *remote);
  }
  start_local(*link);
}

void Opener::replace(const QString& file) {
  begin(true);
  start_local({file, {}, {}, {}, {}, {}});
}

void Opener::reload() {
  if (source_.isEmpty()) return;
  begin(true);
  const auto remote = parse_remote(source_);
  remote ? start_copy(source_, *remote) : start_local({source_, {}, {}, {}, {}, {}});
}

void Opener::begin(bool keep_selection) {
  cancel();
  ++openings_;
  ended_ = false;
  keep_selection_ = keep_selection;
}

void Opener::start_local(const Link& link) {
  wanted_ = QFileInfo(link.path).absoluteFilePath();
  emit progressed(tr("Opening %1").arg(QFileInfo(link.path).fileName()), -1.0);
  workspace_.open(link, keep_selection_);
}

void Opener::start_copy(const QString& name, const RemotePath& remote) {
  wanted_ = name;
  remote_ = remote;
  next_folder_ = std::make_unique<QTemporaryDir>();
  if (!next_folder_->isValid()) {
    return end(false, tr("%1: %2").arg(next_folder_->path(), next_folder_->errorString()));
  }
  const QString file = local_name(next_folder_->path(), remote);
  const QString what = tr("Copying %1 from %2").arg(QFileInfo(file).fileName(), remote.host);
  copy_ = new ProcessJob(this);
  connect(copy_, &ProcessJob::finished, this, &Opener::take_copy);
  connect(copy_, &ProcessJob::progressed, this,
          [this, what](double share, const QString&) { emit progressed(what, share); });
  emit progressed(what, -1.0);
  copy_->start(fetch_plan(remote, file));
}

void Opener::take_copy(ProcessJob::Outcome outcome, const QString& error) {
  drop_copy();
  if (outcome != ProcessJob::Outcome::kDone) {
    return end(false, error.isEmpty() ? QString() : tr("%1: %2").arg(wanted_, error));
  }
  if (!gate_) return open_copy();
  // While it asks, the window may be closed or asked to open something else.
  const QPointer<Opener> alive(this);
  gate_([alive, opening = openings_](bool allowed) {
    if (!alive || opening != alive->openings_ || alive->ended_) return;
    allowed ? alive->open_copy() : alive->end(false, {});
  });
}

void Opener::open_copy() {
  auto link = parse_link(QLatin1Char('#') + remote_.link).value_or(Link());
  link.path = local_name(next_folder_->path(), remote_);
  workspace_.open(link, keep_selection_);
}

void Opener::drop_copy() {
  if (copy_.isNull()) return;
  // Not at once: this may be inside one of its signals.
  copy_->disconnect(this);
  copy_->cancel();
  copy_->deleteLater();
  copy_.clear();
}

void Opener::cancel() {
  drop_copy();
  workspace_.cancel_open();
  end(false, {});
}

void Opener::close() {
  cancel();
  workspace_.close();
  source_.clear();
  folder_.reset();
}

void Opener::end(bool opened, const QString& error) {
  if (ended_) return;
  ended_ = true;
  if (opened) {
    source_ = wanted_;
    // The trace before may still have been read from its copy; now nobody does.
    folder_ = std::move(next_folder_);
  }
  next_folder_.reset();
  emit ended(error);
}

}  // namespace bsfa::gui
