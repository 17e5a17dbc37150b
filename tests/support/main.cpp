// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_RUNNER
#include "tests/support/main.h"

#include <catch2/catch.hpp>

extern "C" __attribute__((weak)) int bsfa_before_tests() {
  return 0;
}

int main(int argc, char* argv[]) {
  Catch::Session session;
  const int mistaken = session.applyCommandLine(argc, argv);
  if (mistaken != 0) return mistaken;
  // A build machine lists tests that it cannot run.
  const Catch::ConfigData& asked = session.configData();
  const bool lists = asked.showHelp || asked.listTests || asked.listTestNamesOnly ||
                     asked.listTags || asked.listReporters;
  const int refused = lists ? 0 : bsfa_before_tests();
  return refused != 0 ? refused : session.run();
}
