// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gui/window/action_registry.h"

namespace bsfa::gui {

/// A key that a view handles itself, or a way to use the mouse there.
struct Gesture {
  QString where, keys, what;
};

/// What the heatmap, the timeline and the other views do with keys and mouse, for the list.
QList<Gesture> view_gestures();

/// All shortcuts and gestures in one table, with a filter.
class ShortcutList : public QDialog {
  Q_OBJECT

 public:
  ShortcutList(const ActionRegistry& registry, QWidget* parent);
};

}  // namespace bsfa::gui
