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
#include "gui/window/view_set.h"

namespace bsfa::gui {

/// The docks of a window around its views, each with a state: empty and which command fills it,
/// loading, stale, failed.
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
  StateFrame* add(const QString& name, const QString& title, QWidget* view);
  void show_file();
  void show_head();
  void show_loading();
  void show_work();
  void show_staleness();
  void set_empty(StateFrame* frame, const QString& sentence, Filling filling);

  QMainWindow& window_;
  Workspace& workspace_;
  QList<QDockWidget*> docks_;
  QHash<QString, StateFrame*> frames_;
  /// A head that comes at once shall not flicker.
  QTimer patience_;
  QPointer<QWidget> focus_before_;  ///< in the head's view, when its loading took its place
  double loaded_share_ = 0.0;
  StateFrame *head_, *heads_, *overview_, *error_, *timeline_, *balance_, *tables_, *inspector_,
      *contrast_, *thresholds_, *curve_;
};

}  // namespace bsfa::gui
