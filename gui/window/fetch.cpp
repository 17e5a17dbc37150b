// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/fetch.h"

#include <QDir>
#include <QFileInfo>

#include "gui/models/commands.h"

namespace bsfa::gui {

QString ssh_program() {
  return qEnvironmentVariable("BSFA_SSH", QStringLiteral("ssh"));
}

ProcessPlan fetch_plan(const RemotePath& remote, const QString& output_file) {
  const QString file = shell_quoted(remote.path);
  // cat and not scp: how scp reads a path depends on its version, and its progress needs a
  // terminal.
  const QString script = QStringLiteral("set -e; wc -c <%1 >&2; exec cat <%1").arg(file);
  return {ssh_program(), ssh_arguments(remote.host, remote.port, script), {}, output_file};
}

QString local_name(const QString& folder, const RemotePath& remote) {
  const QString name = QFileInfo(remote.path).fileName();
  return QDir(folder).filePath(name.isEmpty() ? QStringLiteral("trace.h5") : name);
}

}  // namespace bsfa::gui
