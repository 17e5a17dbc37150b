// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QLabel>

#include <catch2/catch.hpp>

#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using State = StateFrame::State;

/// What is left of head 0 of a trace; head 1 is whole.
enum class Left { kPart, kNothing };

bool has_left(const QString& path, Left left) {
  const auto file = TraceFile::open(path).file;
  if (file == nullptr || file->sequences().empty()) return false;
  const auto head = [&](std::int64_t index) { return file->read_head({{0, 0}, index}, {}, {}); };
  const TraceFile::Head damaged = head(0), whole = head(1);
  if (damaged.error.isEmpty() || !whole.error.isEmpty() || !damaged.arrays) return false;
  const bool some = damaged.arrays->tile_max || damaged.arrays->mask_kernel;
  return some == (left == Left::kPart);
}

/// A trace with bytes turned over. Which hold what is the format's affair: tried until it fits.
void write_damaged(const gui::test::Folder& folder, const QString& path, Left left) {
  traces::Sequence tiles = gui::test::sequence_of(gui::test::problem_of(2, 24, 48), 3);
  if (left == Left::kNothing) {
    for (auto* array : {&tiles.tile_mass, &tiles.tile_mass_max}) array->reset();
    tiles.mask_kernel.reset();
    tiles.mask_reference.reset();
  }
  const QString whole = folder / "whole.h5";
  gui::test::write_trace(whole, {tiles});
  QFile file(whole);
  REQUIRE(file.open(QIODevice::ReadOnly));
  const QByteArray bytes = file.readAll();
  for (qsizetype at = 256; at + 8 < bytes.size(); at += 97) {
    QByteArray damaged = bytes;
    for (qsizetype i = at; i < at + 8; ++i) damaged[i] = static_cast<char>(~damaged[i]);
    QFile out(path);
    REQUIRE((out.open(QIODevice::WriteOnly) && out.write(damaged) == damaged.size()));
    out.close();
    if (has_left(path, left)) return;
  }
  FAIL("no damage leaves that");
}

TEST_CASE("a damaged head says so whenever it comes into view, with what is left of it") {
  const Left left = GENERATE(Left::kPart, Left::kNothing);
  CAPTURE(static_cast<int>(left));
  bsfa::test::Bench bench;
  write_damaged(bench.folder, bench.trace, left);
  bench.open(bench.trace + "#L0/H0");
  StateFrame& frame = *bench.window->docks().head_frame();
  const State expected = left == Left::kPart ? State::kPartial : State::kError;
  // The first time it is read; the second time its parts are in memory.
  for (int times = 0; times < 2; ++times) {
    CAPTURE(times);
    CHECK(becomes([&] { return frame.state() == expected; }));
    CHECK(frame.accessibleDescription().contains("sample.h5"));
    CHECK(frame.content()->isVisible() == (left == Left::kPart));
    CHECK((bench.workspace().head() != nullptr) == (left == Left::kPart));
    CHECK(bench.window->docks().frame("inspector")->state() == expected);
    CHECK(bench.window->docks().frame("timeline")->state() != State::kError);
    bench.workspace().selection().select_head({{0, 0}, 1});
    CHECK(becomes([&] { return frame.state() == State::kReady; }));
    bench.workspace().selection().select_head({{0, 0}, 0});
  }
}

}  // namespace
}  // namespace bsfa::gui
