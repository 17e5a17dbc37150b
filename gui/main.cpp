// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <cstdio>

#include "core/error.h"
#include "gui/window/application.h"
#include "gui/window/arguments.h"

int main(int argc, char* argv[]) {
  using namespace bsfa;
  QStringList words;
  for (int i = 1; i < argc; ++i) words << QString::fromLocal8Bit(argv[i]);
  try {
    const gui::Arguments arguments = gui::parse_arguments(words);
    if (!gui::needs_window(arguments)) return gui::print(arguments);
    gui::prepare_environment(arguments);
    const QApplication application(argc, argv);
    return gui::run(arguments);
  } catch (const core::Error& error) {
    std::fprintf(stderr, "bsfa-viewer: %s\n", error.what());
    return static_cast<int>(error.exit_code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bsfa-viewer: %s\n", error.what());
    return static_cast<int>(core::ExitCode::kDevice);
  }
}
