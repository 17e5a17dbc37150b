// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include "gui/window/workspace.h"

namespace bsfa::gui {

/// Names of the pictures that an export writes, without their folder.
QStringList exported_names();

/// Draws the five pages of an open workspace into a folder, which is made if need be. Waits for
/// what is still being loaded; windows stay alive meanwhile. Nothing is written unless all pages
/// could be drawn.
///
/// Each picture says in its text fields what it shows: "Selection" is a link, "Density" and so on
/// are figures of the selected head in full precision.
///
/// Errors  returns one line, empty where all were written.
QString export_workspace(Workspace& workspace, const QString& folder);

/// Opens a link and exports it; what --export does. Returns the exit code, having said on standard
/// error what went wrong.
int export_trace(const QString& link, const QString& folder);

}  // namespace bsfa::gui
