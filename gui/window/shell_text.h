// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

namespace bsfa::gui {

/// A file on another machine: ssh://[user@]host[:port]/path.
struct RemotePath {
  QString host;  ///< with the user, as ssh takes it
  int port = 0;  ///< 0: ssh's own choice
  QString path;  ///< absolute
  QString link;  ///< what follows #, without it
};

/// Whether it is meant as a remote path, right or wrong.
bool is_remote(const QString& text);
/// None where there is no host, no path, or one that ssh would take for an option.
std::optional<RemotePath> parse_remote(const QString& text);

/// Arguments for ssh that run a POSIX script over there; it never asks for a password.
QStringList ssh_arguments(const QString& host, int port, const QString& script);

}  // namespace bsfa::gui
