// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/action_registry.h"

namespace bsfa::gui {

class MainWindow;
class WindowCommands;

/// Puts everything that the window can do into its menus.
void add_actions(ActionRegistry& registry, MainWindow& window, WindowCommands& commands);

}  // namespace bsfa::gui
