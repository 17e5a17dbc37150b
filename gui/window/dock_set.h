// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDockWidget>
#include <QHash>
#include <QList>
#include <QMainWindow>
#include <QPointer>
#include <QTimer>

#include "gui/models/commands.h"
#include "gui/views/state_frame.h"
#include "gui/window/file_watch.h"
#include "gui/window/view_set.h"

namespace bsfa::gui {

/// The docks of a window around its views, each with a state.
///
/// Empty    no trace is open, or it lacks what the dock shows; names the command that gives that.
/// Loading  the first trace is being opened, or what the dock shows is being read.
/// Stale    the trace changed on disk, or the dock shows what was measured under other thresholds
///          than those being tried.
/// Error    the trace, the head or the work records could not be read; Retry reads them again.
class DockSet : public QObject {
  Q_OBJECT

 public:
  DockSet(QMainWindow& window, Workspace& workspace, ViewSet& views);

  /// The frame of the head in view, which is no dock but the window's centre.
  StateFrame* head_frame() const { return head_; }
  const QList<QDockWidget*>& docks() const { return docks_; }
  QDockWidget* dock(const QString& name) const;
  /// Stays known where a page has taken it out of its dock.
  StateFrame* frame(const QString& name) const { return frames_.value(name, nullptr); }

  /// As the window looks when nobody has moved anything.
  void arrange();
  /// Shows and raises these docks.
  void raise(const QStringList& names);

 private:
  /// What a dock shows, and so what its state follows from.
  enum Need { kTiles = 1, kHead = 2, kThresholds = 4, kWork = 8, kCounters = 16, kMeasured = 32 };
  struct Part {
    StateFrame* frame = nullptr;
    int needs = 0;
  };
  /// Adds a dock and the frame in it.
  void add(const QString& name, const QString& title, QWidget* view, int needs);
  void add_part(StateFrame* frame, int needs);
  void follow_opening();
  void follow_head();
  /// Brings every dock into the state that it should be in.
  void refresh();
  void refresh(const Part& part);
  /// Each says whether it has set a state.
  bool show_without_file(const Part& part);
  bool show_lack(const Part& part);
  bool show_head_state(const Part& part);
  bool show_work_state(const Part& part);
  bool show_staleness(const Part& part);
  void set_empty(StateFrame* frame, const QString& sentence, Filling filling);
  void cancel();
  void retry();
  void keep_focus();

  QMainWindow& window_;
  Workspace& workspace_;
  QList<QDockWidget*> docks_;
  QHash<QString, StateFrame*> frames_;
  QList<Part> parts_;
  FileWatch watch_;
  /// A head that comes at once shall not flicker.
  QTimer patience_;
  QPointer<QWidget> focus_before_;  ///< in the head's view, when its loading took its place
  double opened_share_ = -1.0, loaded_share_ = 0.0;
  bool head_waits_ = false;          ///< for longer than a person takes for at once
  QString open_error_, head_error_;  ///< why there is no trace, or no head
  StateFrame* head_;
};

}  // namespace bsfa::gui
