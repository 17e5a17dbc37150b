// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/dock_set.h"

namespace bsfa::gui {

/// Gives the focus to the first widget of a frame that takes keys, else to the frame itself.
void focus_into(StateFrame& frame);

/// Goes from the panel with the focus to the next or previous one that is not closed, the centre
/// among them. One behind a tab is raised: nothing else reaches it without a mouse.
void step_panel(DockSet& docks, int by);

}  // namespace bsfa::gui
