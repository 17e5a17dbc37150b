// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <limits>

#include <catch2/catch.hpp>

#include "gui/window/exporter.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using gui::test::problem_of;
using gui::test::sequence_of;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Damage {
  const char* name;
  std::vector<traces::Sequence> (*layers)();
  const char* said;  ///< by the window about what is missing; empty: nothing is
};

std::vector<traces::Sequence> no_tiles() {
  traces::Sequence bare = sequence_of(problem_of(2, 4, 8), 1);
  for (auto* array : {&bare.tile_max, &bare.tile_mass, &bare.tile_mass_max}) array->reset();
  bare.mask_kernel.reset();
  bare.mask_reference.reset();
  return {bare};
}

std::vector<traces::Sequence> no_errors() {
  traces::Sequence bare = sequence_of(problem_of(2, 4, 8), 1);
  for (auto* array : {&bare.error_arithmetic, &bare.error_method, &bare.retained_mass}) {
    array->reset();
  }
  return {bare};
}

std::vector<traces::Sequence> only_nan() {
  traces::Sequence nan = sequence_of(problem_of(2, 4, 8), 1);
  for (auto* array : {&nan.tile_max, &nan.tile_mass, &nan.tile_mass_max, &nan.threshold,
                      &nan.error_arithmetic, &nan.error_method, &nan.retained_mass}) {
    for (float& value : **array) value = kNan;
  }
  return {nan};
}

std::vector<traces::Sequence> no_rows() {
  traces::Sequence empty;
  empty.problem = problem_of(2, 4, 8);
  empty.shape = {2, 0, 8};
  return {empty};
}

const std::vector<Damage> kDamages{
    {"no tiles", no_tiles, "tile_max"},
    {"no errors", no_errors, "error_arithmetic"},
    {"only NaN", only_nan, ""},
    {"no Q block", no_rows, "no Q block"},
    {"no layer", [] { return std::vector<traces::Sequence>(); }, "no layer"},
    {"one tile", [] { return std::vector{sequence_of(problem_of(1, 1, 1), 1)}; }, ""},
    {"ten thousand heads", [] { return std::vector{sequence_of(problem_of(10000, 1, 2), 1)}; }, ""},
};

/// Whatever the window shows of a trace that lacks things: every head and dock once.
void walk(bsfa::test::Bench& bench) {
  for (const int key : {Qt::Key_Down, Qt::Key_Right, Qt::Key_N, Qt::Key_1, Qt::Key_2, Qt::Key_7}) {
    bench.press(key);
  }
  CHECK_FALSE(bench.window->grab().isNull());
}

TEST_CASE("a trace that lacks things opens in the window, which says what is missing") {
  const Damage& damage = kDamages[GENERATE(range(std::size_t{0}, std::size_t{7}))];
  CAPTURE(damage.name);
  bsfa::test::Bench bench;
  const QString trace = bench.folder / "damaged.h5";
  gui::test::write_trace(trace, damage.layers());
  bench.open(trace);
  REQUIRE(bench.workspace().file());
  CHECK(bench.workspace().file()->path() == trace);
  walk(bench);
  const QString said = bench.window->message_bar().text();
  CAPTURE(said.toStdString());
  const QString notes = bench.workspace().file()->notes().join(QLatin1Char('\n'));
  CHECK(notes.contains(QString::fromLatin1(damage.said)));
  if (*damage.said != '\0') CHECK(bench.window->message_bar().isVisible());
}

TEST_CASE("a trace that lacks things is exported with what is there") {
  const Damage& damage = kDamages[GENERATE(range(std::size_t{0}, std::size_t{7}))];
  CAPTURE(damage.name);
  const gui::test::Folder folder;
  gui::test::write_trace(folder / "damaged.h5", damage.layers());
  REQUIRE(export_trace(folder / "damaged.h5", folder / "out") == 0);
  CHECK(QDir(folder / "out").entryList(QDir::Files).size() == exported_names().size());
}

}  // namespace
}  // namespace bsfa::gui
