// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>

#include "tests/support/main.h"

extern "C" int bsfa_before_tests() {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  static int argc = 1;
  static char name[] = "bsfa-test-gui-window";
  static char* argv[] = {name, nullptr};
  // Lives as long as the process: widgets of a failed test may outlive the session.
  static auto* application = new QApplication(argc, argv);
  return application == nullptr ? 1 : 0;
}
