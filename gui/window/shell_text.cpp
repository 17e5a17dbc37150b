// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/shell_text.h"

#include <QStringList>

#include "gui/models/commands.h"

namespace bsfa::gui {
namespace {

const QString kScheme = QStringLiteral("ssh://");

}  // namespace

bool is_remote(const QString& text) {
  return text.startsWith(kScheme, Qt::CaseInsensitive);
}

std::optional<RemotePath> parse_remote(const QString& text) {
  if (!is_remote(text)) return std::nullopt;
  RemotePath remote;
  QString rest = text.mid(kScheme.size());
  const qsizetype hash = rest.lastIndexOf(QLatin1Char('#'));
  // As in links to local files: other names may have a # too.
  if (hash >= 0 && rest.mid(hash + 1).startsWith(QLatin1Char('L'))) {
    remote.link = rest.mid(hash + 1);
    rest.truncate(hash);
  }
  const qsizetype slash = rest.indexOf(QLatin1Char('/'));
  if (slash <= 0 || slash + 1 == rest.size()) return std::nullopt;
  remote.path = rest.mid(slash);
  remote.host = rest.left(slash);
  const qsizetype colon = remote.host.lastIndexOf(QLatin1Char(':'));
  if (colon >= 0) {
    bool is_number = false;
    remote.port = remote.host.mid(colon + 1).toInt(&is_number);
    if (!is_number || remote.port < 1 || remote.port > 65535) return std::nullopt;
    remote.host.truncate(colon);
  }
  if (remote.host.isEmpty() || remote.host.startsWith(QLatin1Char('-'))) return std::nullopt;
  return remote;
}

QStringList ssh_arguments(const QString& host, int port, const QString& script) {
  QStringList arguments = {QStringLiteral("-T"), QStringLiteral("-o"),
                           QStringLiteral("BatchMode=yes"), QStringLiteral("-o"),
                           QStringLiteral("ConnectTimeout=15")};
  if (port > 0) arguments << QStringLiteral("-p") << QString::number(port);
  // The login shell over there need not be a POSIX one; it only has to start one.
  arguments << QStringLiteral("--") << host << QStringLiteral("exec sh -c ") + shell_quoted(script);
  return arguments;
}

}  // namespace bsfa::gui
