// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <cstdio>
#include <exception>
#include <string>

#include "bench/viewer/figures.h"
#include "bench/viewer/large_trace.h"

namespace {

int usage() {
  std::fputs(
      "bsfa-bench-viewer write FILE    writes a trace of 2 layers of 32 heads of 1024 x 2048 "
      "tiles\n"
      "bsfa-bench-viewer FILE          measures the viewer on it, without a display\n"
      "bsfa-bench-viewer check FILE    the same; fails where a figure is above what it may be\n",
      stderr);
  return 2;
}

int measure(int argc, char** argv, const std::string& file, bool check) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("HDF5_USE_FILE_LOCKING", "FALSE");
  const QApplication application(argc, argv);
  bool within = true;
  bsfa::bench::measure_viewer(file, [&](const bsfa::bench::Figure& figure) {
    std::printf("%-54s %9.1f %-4s of %6.0f%s\n", figure.name.c_str(), figure.value,
                figure.unit.c_str(), figure.budget, figure.within() ? "" : "  TOO MUCH");
    std::fflush(stdout);
    within = within && figure.within();
  });
  return within || !check ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "", second = argc > 2 ? argv[2] : "";
  if (first.empty() || argc > 3) return usage();
  try {
    if (first == "write" && argc == 3) {
      bsfa::bench::write_large_trace(second, {});
      return 0;
    }
    if (first == "check" && argc == 3) return measure(argc, argv, second, true);
    if (argc == 2) return measure(argc, argv, first, false);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bsfa-bench-viewer: %s\n", error.what());
    return 1;
  }
  return usage();
}
