// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

namespace bsfa::gui {

/// What the command line asks of the viewer.
struct Arguments {
  enum class Action { kOpen, kDiff, kExport, kHelp, kVersion };
  Action action = Action::kOpen;
  QStringList traces;            ///< files, ssh://host/path, each perhaps with a #link to a tile
  QString export_folder;         ///< where kExport writes its pictures
  std::optional<QString> theme;  ///< "light", "dark" or "system"; none: as it was last
};

/// Reads the arguments after the program's name.
///
/// Errors  throws core::UsageError: an unknown option, a missing or superfluous file.
Arguments parse_arguments(const QStringList& arguments);

/// What --help prints.
QString usage_text();

}  // namespace bsfa::gui
