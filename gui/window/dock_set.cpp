// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/dock_set.h"

#include <QApplication>
#include <QFileInfo>
#include <QScrollArea>

namespace bsfa::gui {
namespace {

/// What a person takes for at once.
constexpr int kPatienceMs = 120;

/// Panels of labels and numbers: scrolled where the dock is lower than they are.
QWidget* scrolled(QWidget* panel) {
  auto* area = new QScrollArea;
  area->setWidget(panel);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
  area->setFocusPolicy(Qt::NoFocus);
  return area;
}

bool has_tiles(const Workspace& workspace) {
  const auto file = workspace.file();
  const SequenceKey key = workspace.sequence_key();
  return file &&
         (file->has_tiles(key, Field::kTileMax) || file->has_tiles(key, Field::kKernelMask) ||
          file->has_tiles(key, Field::kReferenceMask));
}

}  // namespace

DockSet::DockSet(QMainWindow& window, Workspace& workspace, ViewSet& views)
    : QObject(&window),
      window_(window),
      workspace_(workspace),
      watch_(this),
      head_(new StateFrame(tr("Head"), views.head, &window)) {
  add_part(head_, kTiles | kHead);
  add("heads", tr("Heads"), views.heads, kMeasured);
  add("overview", tr("Overview"), views.overview, kTiles | kMeasured);
  add("error", tr("Error"), views.error, kTiles | kMeasured);
  add("timeline", tr("Timeline"), views.timeline, kWork | kMeasured);
  add("balance", tr("Balance"), views.balance, kWork | kMeasured);
  add("tables", tr("Counters and stalls"), views.tables, kCounters | kMeasured);
  add("inspector", tr("Inspector"), scrolled(views.inspector), kTiles | kHead | kMeasured);
  add("contrast", tr("Contrast"), scrolled(views.contrast), kTiles | kHead);
  add("thresholds", tr("Thresholds"), scrolled(views.thresholds), kTiles | kThresholds);
  add("curve", tr("Curve of k"), views.curve, kTiles | kThresholds);
  window.setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowNestedDocks |
                        QMainWindow::AllowTabbedDocks);
  window.setCorner(Qt::TopLeftCorner, Qt::LeftDockWidgetArea);
  window.setCorner(Qt::TopRightCorner, Qt::RightDockWidgetArea);
  window.setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  window.setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  follow_opening();
  follow_head();
  for (const auto signal : {&Workspace::sequence_changed, &Workspace::work_changed})
    connect(&workspace, signal, this, [this] { refresh(); });
  connect(&workspace.thresholds(), &ThresholdModel::changed, this, [this] { refresh(); });
  connect(&watch_, &FileWatch::file_changed, this, [this] { refresh(); });
  refresh();
}

void DockSet::follow_opening() {
  connect(&workspace_, &Workspace::open_started, this, [this] {
    opened_share_ = -1.0;
    open_error_.clear();
    refresh();
  });
  connect(&workspace_, &Workspace::open_progressed, this, [this](double share) {
    opened_share_ = share;
    if (!workspace_.file()) refresh();
  });
  connect(&workspace_, &Workspace::open_ended, this, [this](bool, const QString& error) {
    open_error_ = error;
    refresh();
  });
  connect(&workspace_, &Workspace::file_changed, this, [this] {
    const auto file = workspace_.file();
    watch_.set_file(file ? file->path() : QString());
    head_error_.clear();
    refresh();
  });
}

void DockSet::follow_head() {
  patience_.setSingleShot(true);
  patience_.setInterval(kPatienceMs);
  connect(&patience_, &QTimer::timeout, this, [this] {
    keep_focus();
    head_waits_ = true;
    refresh();
  });
  connect(&workspace_, &Workspace::head_loading, this, [this](double share) {
    loaded_share_ = share;
    // After a failure there is no head to keep in sight meanwhile.
    if (!head_error_.isEmpty() || head_->state() == StateFrame::State::kEmpty) head_waits_ = true;
    head_error_.clear();
    if (head_waits_) return refresh();
    if (!patience_.isActive()) patience_.start();
  });
  connect(&workspace_, &Workspace::head_failed, this, [this](const QString& error) {
    patience_.stop();
    head_waits_ = false;
    head_error_ = error;
    refresh();
  });
  connect(&workspace_, &Workspace::head_changed, this, [this] {
    patience_.stop();
    head_waits_ = false;
    if (!workspace_.head()) return;
    head_error_.clear();
    refresh();
    if (focus_before_) focus_before_->setFocus();
    focus_before_.clear();
  });
}

void DockSet::add(const QString& name, const QString& title, QWidget* view, int needs) {
  auto* frame = new StateFrame(title, view);
  auto* dock = new QDockWidget(title, &window_);
  dock->setObjectName(name);
  dock->setWidget(frame);
  docks_ << dock;
  frames_.insert(name, frame);
  add_part(frame, needs);
}

void DockSet::add_part(StateFrame* frame, int needs) {
  parts_.append({frame, needs});
  connect(frame, &StateFrame::cancelled, this, &DockSet::cancel);
  connect(frame, &StateFrame::retried, this, &DockSet::retry);
}

void DockSet::cancel() {
  workspace_.opening() ? workspace_.cancel_open() : workspace_.cancel_head();
}

void DockSet::retry() {
  if (!workspace_.file()) return workspace_.open({workspace_.opening_path(), {}, {}, {}, {}, {}});
  if (!head_error_.isEmpty()) return workspace_.retry_head();
  workspace_.open({workspace_.file()->path(), {}, {}, {}, {}, {}}, true);
}

void DockSet::keep_focus() {
  QWidget* focus = QApplication::focusWidget();
  if (focus != nullptr && head_->content()->isAncestorOf(focus)) focus_before_ = focus;
}

QDockWidget* DockSet::dock(const QString& name) const {
  for (QDockWidget* dock : docks_) {
    if (dock->objectName() == name) return dock;
  }
  return nullptr;
}

void DockSet::arrange() {
  for (QDockWidget* each : docks_) {
    each->setFloating(false);
    each->show();
  }
  window_.addDockWidget(Qt::LeftDockWidgetArea, dock("heads"));
  window_.addDockWidget(Qt::TopDockWidgetArea, dock("overview"));
  for (const char* name : {"inspector", "contrast", "thresholds"}) {
    window_.addDockWidget(Qt::RightDockWidgetArea, dock(name));
  }
  window_.addDockWidget(Qt::BottomDockWidgetArea, dock("timeline"));
  window_.splitDockWidget(dock("timeline"), dock("balance"), Qt::Horizontal);
  window_.splitDockWidget(dock("balance"), dock("error"), Qt::Horizontal);
  window_.tabifyDockWidget(dock("balance"), dock("tables"));
  window_.tabifyDockWidget(dock("contrast"), dock("inspector"));
  window_.tabifyDockWidget(dock("error"), dock("curve"));
  dock("inspector")->raise();
  dock("balance")->raise();
  dock("error")->raise();
  const int width = window_.width(), height = window_.height();
  window_.resizeDocks({dock("heads"), dock("inspector")}, {width * 18 / 100, width * 23 / 100},
                      Qt::Horizontal);
  window_.resizeDocks({dock("timeline"), dock("balance"), dock("error")},
                      {width * 42 / 100, width * 28 / 100, width * 30 / 100}, Qt::Horizontal);
  window_.resizeDocks({dock("overview"), dock("timeline")}, {height * 20 / 100, height * 26 / 100},
                      Qt::Vertical);
}

void DockSet::raise(const QStringList& names) {
  for (const QString& name : names) {
    if (QDockWidget* found = dock(name)) {
      found->show();
      found->raise();
    }
  }
}

void DockSet::refresh() {
  for (const Part& part : parts_) refresh(part);
}

void DockSet::refresh(const Part& part) {
  if (show_without_file(part) || show_lack(part) || show_head_state(part) ||
      show_work_state(part) || show_staleness(part)) {
    return;
  }
  if (part.frame->state() != StateFrame::State::kReady) part.frame->set_ready();
}

bool DockSet::show_without_file(const Part& part) {
  if (workspace_.file()) return false;
  if (workspace_.opening()) {
    const int percent = opened_share_ < 0.0 ? -1 : static_cast<int>(100.0 * opened_share_);
    part.frame->set_loading(tr("Opening %1").arg(QFileInfo(workspace_.opening_path()).fileName()),
                            percent);
  } else if (!open_error_.isEmpty()) {
    part.frame->set_error(open_error_);
  } else {
    set_empty(part.frame, tr("No trace is open."), Filling::kAnyTrace);
  }
  return true;
}

bool DockSet::show_lack(const Part& part) {
  const traces::Sequence* sequence = workspace_.sequence();
  if (sequence == nullptr) {
    set_empty(part.frame, tr("This trace holds no heads."), Filling::kTiles);
  } else if ((part.needs & kTiles) != 0 && !has_tiles(workspace_)) {
    set_empty(part.frame, tr("This trace holds no tiles."), Filling::kTiles);
  } else if ((part.needs & kThresholds) != 0 && !sequence->threshold) {
    set_empty(part.frame, tr("This trace was made without thresholds."), Filling::kThresholds);
  } else {
    return false;
  }
  return true;
}

bool DockSet::show_head_state(const Part& part) {
  if ((part.needs & kHead) == 0) return false;
  if (!head_error_.isEmpty()) {
    workspace_.head() ? part.frame->set_partial(head_error_) : part.frame->set_error(head_error_);
    return true;
  }
  if (head_waits_) {
    part.frame->set_loading(tr("Loading the head"), static_cast<int>(100.0 * loaded_share_));
  }
  return head_waits_;
}

bool DockSet::show_work_state(const Part& part) {
  if ((part.needs & (kWork | kCounters)) == 0) return false;
  const auto work = workspace_.work();
  if (!work) {
    part.frame->set_loading(tr("Reading work records"), -1);
    return true;
  }
  const BalanceReport& report = work->balance;
  const bool has_tables =
      !report.counters.empty() || !report.stalls.empty() || !report.facilities.empty();
  const bool is_there = (part.needs & kCounters) != 0 ? has_tables : !work->timeline.empty();
  if (is_there) return false;
  if (!work->error.isEmpty()) {
    part.frame->set_error(work->error);
  } else if ((part.needs & kCounters) != 0) {
    set_empty(part.frame, tr("This trace holds no counters and no stall reasons."),
              Filling::kCounters);
  } else {
    set_empty(part.frame, tr("This trace holds no work records."), Filling::kWork);
  }
  return true;
}

bool DockSet::show_staleness(const Part& part) {
  if (watch_.changed()) {
    part.frame->set_stale(
        tr("%1 has changed on disk; F5 reads it again.").arg(workspace_.file()->name()));
    return true;
  }
  if ((part.needs & kMeasured) == 0 || !workspace_.thresholds().edited()) return false;
  part.frame->set_stale(
      tr("Errors, times and counts were measured under the trace's own thresholds, not those "
         "being tried."));
  return true;
}

void DockSet::set_empty(StateFrame* frame, const QString& sentence, Filling filling) {
  frame->set_empty(sentence, filling_command(filling, workspace_.file().get()));
}

}  // namespace bsfa::gui
