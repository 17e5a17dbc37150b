// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/dock_set.h"

#include <QApplication>
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
      head_(new StateFrame(tr("Head"), views.head, &window)),
      heads_(add("heads", tr("Heads"), views.heads)),
      overview_(add("overview", tr("Overview"), views.overview)),
      error_(add("error", tr("Error"), views.error)),
      timeline_(add("timeline", tr("Timeline"), views.timeline)),
      balance_(add("balance", tr("Balance"), views.balance)),
      tables_(add("tables", tr("Counters and stalls"), views.tables)),
      inspector_(add("inspector", tr("Inspector"), scrolled(views.inspector))),
      contrast_(add("contrast", tr("Contrast"), scrolled(views.contrast))),
      thresholds_(add("thresholds", tr("Thresholds"), scrolled(views.thresholds))),
      curve_(add("curve", tr("Curve of k"), views.curve)) {
  window.setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowNestedDocks |
                        QMainWindow::AllowTabbedDocks);
  window.setCorner(Qt::TopLeftCorner, Qt::LeftDockWidgetArea);
  window.setCorner(Qt::TopRightCorner, Qt::RightDockWidgetArea);
  window.setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  window.setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  connect(&workspace, &Workspace::file_changed, this, &DockSet::show_file);
  connect(&workspace, &Workspace::sequence_changed, this, &DockSet::show_file);
  connect(&workspace, &Workspace::head_changed, this, &DockSet::show_head);
  connect(&workspace, &Workspace::work_changed, this, &DockSet::show_work);
  patience_.setSingleShot(true);
  patience_.setInterval(kPatienceMs);
  connect(&patience_, &QTimer::timeout, this, &DockSet::show_loading);
  connect(&workspace, &Workspace::head_loading, this, [this](double share) {
    loaded_share_ = share;
    if (head_->state() != StateFrame::State::kReady) return show_loading();
    if (!patience_.isActive()) patience_.start();
  });
  connect(&workspace, &Workspace::head_failed, this, [this](const QString& error) {
    patience_.stop();
    head_->set_error(error);
  });
  connect(head_, &StateFrame::cancelled, &workspace, &Workspace::cancel_head);
  connect(head_, &StateFrame::retried, &workspace, &Workspace::retry_head);
  connect(&workspace.thresholds(), &ThresholdModel::changed, this, &DockSet::show_staleness);
  show_file();
  show_work();
}

StateFrame* DockSet::add(const QString& name, const QString& title, QWidget* view) {
  auto* frame = new StateFrame(title, view);
  auto* dock = new QDockWidget(title, &window_);
  dock->setObjectName(name);
  dock->setWidget(frame);
  docks_ << dock;
  frames_.insert(name, frame);
  return frame;
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

void DockSet::set_empty(StateFrame* frame, const QString& sentence, Filling filling) {
  frame->set_empty(sentence, filling_command(filling, workspace_.file().get()));
}

void DockSet::show_file() {
  const QList<StateFrame*> of_tiles = {head_,     overview_,   error_, inspector_,
                                       contrast_, thresholds_, curve_};
  if (!workspace_.file()) {
    for (StateFrame* frame : of_tiles + QList{heads_, timeline_, balance_, tables_}) {
      set_empty(frame, tr("No trace is open."), Filling::kAnyTrace);
    }
    return;
  }
  heads_->set_ready();
  const bool tiles = has_tiles(workspace_);
  for (StateFrame* frame : of_tiles) {
    if (frame == head_ && tiles) continue;  // its loading says how it stands
    if (tiles) {
      frame->set_ready();
    } else {
      set_empty(frame, tr("This trace holds no tiles."), Filling::kTiles);
    }
  }
  const traces::Sequence* sequence = workspace_.sequence();
  if (tiles && sequence != nullptr && !sequence->threshold) {
    set_empty(thresholds_, tr("This trace was made without thresholds."), Filling::kThresholds);
  }
  show_staleness();
}

void DockSet::show_loading() {
  QWidget* focus = QApplication::focusWidget();
  if (focus != nullptr && head_->content()->isAncestorOf(focus)) focus_before_ = focus;
  head_->set_loading(tr("Loading the head"), static_cast<int>(100.0 * loaded_share_));
}

void DockSet::show_head() {
  patience_.stop();
  if (!workspace_.head()) return;
  head_->set_ready();
  if (focus_before_) focus_before_->setFocus();
  focus_before_.clear();
}

void DockSet::show_work() {
  if (!workspace_.file()) return;
  const auto work = workspace_.work();
  if (!work) {
    for (StateFrame* frame : {timeline_, balance_, tables_}) {
      frame->set_loading(tr("Reading work records"), -1);
    }
    return;
  }
  const BalanceReport& report = work->balance;
  if (!work->error.isEmpty() && work->timeline.empty()) {
    for (StateFrame* frame : {timeline_, balance_, tables_}) frame->set_error(work->error);
    return;
  }
  if (work->timeline.empty()) {
    set_empty(timeline_, tr("This trace holds no work records."), Filling::kWork);
    set_empty(balance_, tr("This trace holds no work records."), Filling::kWork);
  } else {
    timeline_->set_ready();
    balance_->set_ready();
  }
  if (report.counters.empty() && report.stalls.empty() && report.facilities.empty()) {
    set_empty(tables_, tr("This trace holds no counters and no stall reasons."),
              Filling::kCounters);
  } else {
    tables_->set_ready();
  }
  show_staleness();
}

void DockSet::show_staleness() {
  const bool edited = workspace_.thresholds().edited();
  for (StateFrame* frame : {error_, timeline_, balance_, tables_}) {
    const auto state = frame->state();
    if (edited && state == StateFrame::State::kReady) {
      frame->set_stale(tr("Measured under the trace's own thresholds, not those being tried."));
    } else if (!edited && state == StateFrame::State::kStale) {
      frame->set_ready();
    }
  }
}

}  // namespace bsfa::gui
