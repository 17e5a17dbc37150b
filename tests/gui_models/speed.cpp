// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <catch2/catch.hpp>

#include "gui/models/block_table.h"
#include "gui/models/head_tuner.h"
#include "gui/models/heat_raster.h"
#include "gui/models/trace_file.h"
#include "tests/gui_models/support.h"

// Budgets are those of an idle machine; what is asserted is three times them, of the best of a few
// calls, since a machine that builds and tests is not idle.

using namespace bsfa::gui;
using test::head_of;
using test::problem_of;
using test::sequence_of;

TEST_CASE("1440 x 900 pixels of 1024 x 2048 tiles are drawn within a frame") {
  const HeadArrays head = head_of(sequence_of(problem_of(1, 1024, 2048), 5), 0);
  const TileField field = make_field(head, Field::kTileMass, MaskSource::kKernel);
  const HeatStyle style = heat_style(Field::kTileMass, true);
  const bool log = GENERATE(false, true);
  for (const QRectF& view : {QRectF(0, 0, 2048, 1024), QRectF(100.3, 400.7, 700.1, 300.9),
                             QRectF(3.3, 500.7, 12.5, 9.5), QRectF(-500, -300, 4000, 2000)}) {
    const double ms = test::best_ms([&] {
      render_heat(field, {view, {1440, 900}, {0.0, 0.01, log}}, style);
    });
    INFO("render of " << view.width() << " x " << view.height() << " tiles, log " << log << ": "
                      << ms << " ms");
    CHECK(ms < 3 * 16.0);
  }
}

TEST_CASE("a field of 1024 x 2048 tiles with its levels is made well within a switch of heads") {
  const HeadArrays head = head_of(sequence_of(problem_of(1, 1024, 2048), 5), 0);
  for (const Field shown : kFields) {
    const double ms = test::best_ms([&] { make_field(head, shown, MaskSource::kKernel); });
    INFO("make_field " << key_of(shown).toStdString() << ": " << ms << " ms");
    CHECK(ms < 3 * 30.0);
  }
}

TEST_CASE("a head of 1024 x 2048 tiles is there within a switch of heads") {
  const test::Folder folder;
  test::write_trace(folder / "t.h5", {sequence_of(problem_of(1, 1024, 2048), 1)});
  const auto file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  const double ms = test::best_ms([&] { file->read_head({{0, 0}, 0}); });
  INFO("reading a head took " << ms << " ms");
  CHECK(ms < 3 * 60.0);
}

TEST_CASE("thresholds of a head of 1024 x 2048 tiles are followed within a frame or two") {
  const auto head =
      std::make_shared<HeadArrays>(head_of(sequence_of(problem_of(1, 1024, 2048), 5), 0));
  const double sorting = test::best_ms([&] { HeadTuner::make(head); }, 3);
  INFO("sorting " << sorting << " ms");
  CHECK(sorting < 3 * 100.0);
  const auto tuner = HeadTuner::make(head);
  REQUIRE(tuner.has_value());
  double density = 0.1;
  const double dragging = test::best_ms([&] {
    density += 0.01;
    std::vector<float> tau;
    for (std::int64_t row = 0; row < tuner->rows(); ++row)
      tau.push_back(tuner->tau_for_density(row, density));
    const auto effect = tuner->evaluate(tau);
    REQUIRE(effect.tiles.kept > 0);
    make_field(*head, Field::kTileMax, MaskSource::kThresholds, tau);
  });
  INFO("one step of a drag " << dragging << " ms");
  CHECK(dragging < 3 * 30.0);
}

TEST_CASE("thresholds of 32 heads of 1024 x 2048 tiles are followed from their curves") {
  auto s = sequence_of(problem_of(1, 1024, 2048), 5);
  test::add_curves(s);
  const CurveTuner curve(s.problem, s.q_blocks, {}, *s.curve_threshold, *s.curve_mass);
  const double ms = test::best_ms([&] {
    for (int head = 0; head < 32; ++head) {
      std::vector<float> tau;
      for (std::int64_t row = 0; row < curve.rows(); ++row)
        tau.push_back(curve.tau_for_mass(row, 0.5 + 0.01 * head));
      REQUIRE(curve.evaluate(tau).tiles.kept > 0);
    }
  });
  INFO("32 heads " << ms << " ms");
  CHECK(ms < 3 * 300.0);
}

TEST_CASE("the worst tiles of a head of 1024 x 2048 are found while a window is shown") {
  const HeadArrays head = head_of(sequence_of(problem_of(1, 1024, 2048), 5), 0);
  const std::size_t count = GENERATE(std::size_t{50}, std::size_t{4096});
  const double ms = test::best_ms([&] { REQUIRE(worst_tiles(head, count).size() == count); }, 3);
  INFO("worst " << count << " of a head took " << ms << " ms");
  CHECK(ms < 3 * 30.0);
}
