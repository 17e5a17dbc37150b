// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/remote_copies.h"

#include <QEventLoop>
#include <cstdio>
#include <optional>

#include <unistd.h>

#include "core/error.h"
#include "gui/window/fetch.h"

namespace bsfa::gui {
namespace {

void show_progress(const QString& what, double share) {
  if (share < 0.0) return;
  std::fprintf(stderr, "\rcopying %s: %3.0f %%", qPrintable(what), 100.0 * share);
}

/// Empty where all went well, else one line.
QString copy(const RemotePath& remote, const QString& file, const QString& name) {
  ProcessJob job;
  QEventLoop loop;
  std::optional<QString> error;
  const bool watched = ::isatty(STDERR_FILENO) == 1;
  QObject::connect(&job, &ProcessJob::finished, &job,
                   [&](ProcessJob::Outcome outcome, const QString& line) {
                     const bool done = outcome == ProcessJob::Outcome::kDone;
                     error = done ? QString() : line;
                     loop.quit();
                   });
  if (watched) {
    QObject::connect(&job, &ProcessJob::progressed, &job,
                     [&](double share, const QString&) { show_progress(name, share); });
  }
  job.start(fetch_plan(remote, file));
  if (!error) loop.exec();
  if (watched) std::fputs("\r\033[K", stderr);
  return *error;
}

}  // namespace

QString RemoteCopies::local(const QString& text) {
  if (!is_remote(text)) return text;
  const auto remote = parse_remote(text);
  if (!remote) throw core::UsageError(text.toStdString() + ": is not ssh://host/path");
  folders_.push_back(std::make_unique<QTemporaryDir>());
  const QTemporaryDir& folder = *folders_.back();
  if (!folder.isValid()) {
    throw core::OutputError(folder.path().toStdString(), folder.errorString().toStdString());
  }
  const QString file = local_name(folder.path(), *remote);
  const QString error = copy(*remote, file, text);
  if (!error.isEmpty()) throw core::InputError(text.toStdString(), error.toStdString());
  return remote->link.isEmpty() ? file : file + QLatin1Char('#') + remote->link;
}

}  // namespace bsfa::gui
