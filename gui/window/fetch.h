// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/process_job.h"
#include "gui/window/shell_text.h"

namespace bsfa::gui {

/// The program that reaches other machines; tests name one of their own.
QString ssh_program();

/// Copies a remote file to a local one; its size comes first, for the progress.
ProcessPlan fetch_plan(const RemotePath& remote, const QString& output_file);

/// Where the copy lies in a folder: under the remote name, so that titles and messages make sense.
QString local_name(const QString& folder, const RemotePath& remote);

}  // namespace bsfa::gui
