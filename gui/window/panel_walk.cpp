// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/panel_walk.h"

#include <QApplication>

namespace bsfa::gui {
namespace {

/// A panel, and the dock that it is in; the centre is in none.
struct Panel {
  StateFrame* frame;
  QDockWidget* dock;
};

QList<Panel> open_panels(const DockSet& docks) {
  QList<Panel> panels;
  if (docks.head_frame()->isVisible()) panels << Panel{docks.head_frame(), nullptr};
  for (QDockWidget* dock : docks.docks()) {
    // One behind a tab is not hidden.
    if (!dock->isHidden()) panels << Panel{docks.frame(dock->objectName()), dock};
  }
  return panels;
}

}  // namespace

void focus_into(StateFrame& frame) {
  for (QWidget* at = frame.nextInFocusChain(); at != &frame; at = at->nextInFocusChain()) {
    const bool takes_keys = (at->focusPolicy() & Qt::TabFocus) == Qt::TabFocus && at->isEnabled();
    if (takes_keys && frame.isAncestorOf(at) && at->isVisibleTo(&frame))
      return at->setFocus(Qt::ShortcutFocusReason);
  }
  frame.setFocus(Qt::ShortcutFocusReason);
}

void step_panel(DockSet& docks, int by) {
  const QList<Panel> panels = open_panels(docks);
  if (panels.isEmpty()) return;
  const QWidget* focus = QApplication::focusWidget();
  qsizetype now = by > 0 ? -1 : panels.size();
  for (qsizetype i = 0; i < panels.size(); ++i) {
    const StateFrame* frame = panels[i].frame;
    if (focus != nullptr && (frame == focus || frame->isAncestorOf(focus))) now = i;
  }
  const Panel& next = panels[(now + by + panels.size()) % panels.size()];
  if (next.dock != nullptr) next.dock->raise();
  focus_into(*next.frame);
}

}  // namespace bsfa::gui
