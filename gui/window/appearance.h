// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "gui/views/theme.h"

namespace bsfa::gui {

/// The theme of a name; "system" is whichever the desktop's own palette is nearer to.
ThemeKind theme_named(const QString& name);

/// Theme and font size of the whole program. The font grows from what the desktop asked for.
void apply_appearance(const QString& theme, int font_percent);

}  // namespace bsfa::gui
