// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/application.h"

#include <QApplication>
#include <QSettings>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "core/error.h"
#include "gui/window/appearance.h"
#include "gui/window/compare_window.h"
#include "gui/window/exporter.h"
#include "gui/window/main_window.h"
#include "gui/window/remote_copies.h"

namespace bsfa::gui {
namespace {

bool has_display() {
  return !qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
}

/// What Qt remarks about the machine (no runtime folder, no size hints off screen) is no news to
/// whoever asked for pictures; what it calls an error is.
void say_errors_only(QtMsgType type, const QMessageLogContext&, const QString& text) {
  if (type == QtCriticalMsg || type == QtFatalMsg) std::fprintf(stderr, "%s\n", qPrintable(text));
}

/// One window shows one trace.
int run_windows(const Arguments& arguments, ViewerSettings& settings) {
  std::vector<std::unique_ptr<MainWindow>> windows;
  for (qsizetype i = 0; i < std::max<qsizetype>(1, arguments.traces.size()); ++i) {
    windows.push_back(std::make_unique<MainWindow>(settings));
    windows.back()->show();
    if (i < arguments.traces.size()) windows.back()->open(arguments.traces[i]);
  }
  return QApplication::exec();
}

int run_comparison(const Arguments& arguments) {
  RemoteCopies copies;
  const QString first = copies.local(arguments.traces[0]);
  const QString second = copies.local(arguments.traces[1]);
  CompareWindow window(nullptr);
  window.show();
  window.open(first, second);
  return QApplication::exec();
}

}  // namespace

bool needs_window(const Arguments& arguments) {
  return arguments.action != Arguments::Action::kHelp &&
         arguments.action != Arguments::Action::kVersion;
}

int print(const Arguments& arguments) {
  const QString text = arguments.action == Arguments::Action::kHelp
                           ? usage_text()
                           : QStringLiteral("bsfa-viewer " BSFA_VERSION "\n");
  const bool written = std::fputs(qPrintable(text), stdout) >= 0 && std::fflush(stdout) == 0;
  return static_cast<int>(written ? core::ExitCode::kPassed : core::ExitCode::kOutput);
}

void prepare_environment(const Arguments& arguments) {
  qputenv("HDF5_USE_FILE_LOCKING", "FALSE");
  if (arguments.action == Arguments::Action::kExport) {
    qInstallMessageHandler(say_errors_only);
    // Also where there is a display: pictures shall not depend on it.
    qputenv("QT_QPA_PLATFORM", "offscreen");
  } else if (!has_display() && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    throw core::UsageError("there is no display; --export DIR TRACE writes pictures without one");
  }
}

int run(const Arguments& arguments) {
  QCoreApplication::setOrganizationName(QStringLiteral("bsfa"));
  QCoreApplication::setApplicationName(QStringLiteral("bsfa-viewer"));
  QCoreApplication::setApplicationVersion(QStringLiteral(BSFA_VERSION));
  if (arguments.action == Arguments::Action::kExport) {
    apply_appearance(arguments.theme.value_or(QStringLiteral("dark")), 100);
    RemoteCopies copies;
    return export_trace(copies.local(arguments.traces.first()), arguments.export_folder);
  }
  QSettings store;
  ViewerSettings settings(store);
  if (arguments.theme) settings.set_theme(*arguments.theme);
  apply_appearance(settings.theme(), settings.font_percent());
  if (arguments.action == Arguments::Action::kDiff) return run_comparison(arguments);
  return run_windows(arguments, settings);
}

}  // namespace bsfa::gui
