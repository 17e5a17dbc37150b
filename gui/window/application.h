// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/arguments.h"

namespace bsfa::gui {

/// Whether Qt has to be started at all: help and version do without.
bool needs_window(const Arguments& arguments);
/// Prints help or version; returns the exit code.
int print(const Arguments& arguments);

/// Sets what has to be set before Qt and HDF5 start: no file locks, since traces are only read and
/// may lie where nobody can lock; without a display an export draws off screen.
///
/// Errors  throws core::UsageError where a window is wanted and there is no display.
void prepare_environment(const Arguments& arguments);

/// Opens windows, or exports, until the end; returns the exit code. There is a QApplication.
int run(const Arguments& arguments);

}  // namespace bsfa::gui
