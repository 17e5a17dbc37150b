// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtGui/QGuiApplication>

#include "tests/support/main.h"

int bsfa_before_tests() {
  static int argc = 1;
  static char name[] = "bsfa-test-gui-models";
  static char* argv[] = {name, nullptr};
  qputenv("QT_QPA_PLATFORM", "offscreen");
  // Lives as long as the process: Catch2 runs its tests after this returns.
  static const QGuiApplication* application = new QGuiApplication(argc, argv);
  return application == nullptr ? 1 : 0;
}
