// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <limits>

#include <QtCore/QCoreApplication>
#include <catch2/catch.hpp>

#include "tests/gui_models/threshold_desk.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::Desk;
using test::head;
using test::wait_until;
using Kind = ThresholdChoice::Kind;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("without edits thresholds are the trace's own, and the head in view is exact") {
  Desk desk;
  CHECK_FALSE(desk.model.edited());
  const auto tau = desk.model.tau(head(0));
  CHECK(tau == std::vector<float>(40, 10.5F));
  const ThresholdEffect effect = desk.model.effect(head(0));
  CHECK_FALSE(effect.approximate);
  CHECK(effect.heads == 1);
  const auto& s = desk.layers[0];
  double mass = 0.0;
  for (std::size_t row = 0; row < 40; ++row) mass += double((*s.retained_mass)[row]) / 40.0;
  CHECK(*effect.retained_mass == Approx(mass).epsilon(1e-5));
  CHECK(effect.certificate_known);
  const ThresholdEffect other = desk.model.effect(head(1));
  CHECK(other.approximate);
  REQUIRE(other.certificate.has_value());
  const auto first = s.certificate->begin() + 40;
  CHECK(*other.certificate == Approx(*std::max_element(first, first + 40)).epsilon(1e-4));
}

TEST_CASE(
    "the certificate of heads out of view grows with the mass that their curves say is lost") {
  Desk desk;
  desk.settle();
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kMass, 0.99);
  const ThresholdEffect tight = desk.model.effect(head(1));
  CHECK(tight.approximate);
  REQUIRE(tight.certificate.has_value());
  CHECK(*tight.certificate >= 0.009);
  CHECK(*tight.certificate < 0.05);
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 0);
  CHECK(desk.model.effect(head(1)).certificate_known);
  CHECK_FALSE(desk.model.effect(head(1)).certificate.has_value());

  auto s = desk.layers[0];
  s.certificate.reset();
  test::write_trace(desk.folder / "bare.h5", {s});
  desk.model.set_file(TraceFile::open(desk.folder / "bare.h5").file);
  desk.settle();
  CHECK(desk.model.effect(head(1)).approximate);
  CHECK_FALSE(desk.model.effect(head(1)).certificate_known);
}

TEST_CASE("a curve of k is computed once for a head, whatever is chosen meanwhile") {
  Desk desk;
  desk.settle();
  const auto* first = desk.model.curve(ThresholdScope::kHead, head(0)).points.data();
  desk.model.set_kind(ThresholdScope::kHead, head(0), Kind::kTopK, 8);
  desk.model.set_row(head(0), 39, 11.0F);
  CHECK(desk.model.curve(ThresholdScope::kHead, head(0)).points.data() == first);
  CHECK(desk.model.curve(ThresholdScope::kLayer, head(0)).approximate);
  const auto* layer = desk.model.curve(ThresholdScope::kLayer, head(0)).points.data();
  CHECK(desk.model.curve(ThresholdScope::kLayer, head(2)).points.data() == layer);
  desk.model.set_head(head(1), desk.file->read_head(head(1)).arrays);
  REQUIRE(wait_until([&] { return !desk.model.pending(); }));
  CHECK_FALSE(desk.model.curve(ThresholdScope::kHead, head(1)).approximate);
}

TEST_CASE("choosing k keeps k tiles of each Q block of the heads in scope, and no others") {
  Desk desk;
  desk.model.set_kind(ThresholdScope::kHead, head(0), Kind::kTopK, 8);
  CHECK(desk.model.edited(head(0)));
  CHECK_FALSE(desk.model.edited(head(1)));
  std::int64_t expected = 0;
  for (std::int64_t m = 0; m < 40; ++m) expected += std::min<std::int64_t>(8, 2 * m);
  CHECK(desk.model.effect(head(0)).tiles.kept == expected);
  desk.model.set_kind(ThresholdScope::kLayer, head(0), Kind::kTopK, 8);
  CHECK(desk.model.edited(head(2)));
  CHECK_FALSE(desk.model.edited(head(0, 1)));
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kDensity, 0.5);
  CHECK(desk.model.choice(head(2, 1)).kind == Kind::kDensity);
  desk.settle();
  const ThresholdEffect all = desk.model.effect(ThresholdScope::kAll, head(0));
  CHECK(all.heads == 6);
  CHECK(*all.density == Approx(0.5).margin(0.02));
}

TEST_CASE("undo takes back one step, a whole drag at once, and redo does it again") {
  Desk desk;
  QUndoStack& undo = desk.model.undo_stack();
  desk.model.set_offset(ThresholdScope::kHead, head(0), 0.5);
  const int drag = desk.model.new_drag();
  for (int i = 1; i <= 20; ++i)
    desk.model.set_kind(ThresholdScope::kHead, head(0), Kind::kTopK, i, drag);
  const int next = desk.model.new_drag();
  desk.model.set_kind(ThresholdScope::kLayer, head(0), Kind::kTopK, 30, next);
  CHECK(undo.count() == 3);
  undo.undo();
  CHECK(desk.model.choice(head(0)).value == 20);
  CHECK_FALSE(desk.model.edited(head(1)));
  undo.undo();
  CHECK(desk.model.choice(head(0)).kind == Kind::kStored);
  CHECK(desk.model.choice(head(0)).offset == 0.5);
  undo.undo();
  CHECK_FALSE(desk.model.edited());
  undo.redo();
  undo.redo();
  CHECK(desk.model.choice(head(0)).value == 20);
}

TEST_CASE("a drag that is given up leaves no step behind, and nothing else changes") {
  Desk desk;
  QUndoStack& undo = desk.model.undo_stack();
  desk.model.set_offset(ThresholdScope::kHead, head(0), 0.5);
  const int drag = desk.model.new_drag();
  for (const float tau : {9.0F, 9.5F, 10.5F}) desk.model.set_row(head(0), 7, tau, drag);
  CHECK(undo.count() == 2);
  desk.model.give_up(drag);
  CHECK(undo.count() == 1);
  CHECK(desk.model.choice(head(0)).rows.empty());
  CHECK(desk.model.choice(head(0)).offset == 0.5);
  desk.model.give_up(drag);
  desk.model.give_up(desk.model.new_drag());
  desk.model.give_up(0);
  CHECK(undo.count() == 1);
  CHECK(desk.model.choice(head(0)).offset == 0.5);
}

TEST_CASE("an edit that changes nothing is no step, and each edit is told once") {
  Desk desk;
  int changes = 0;
  QObject::connect(&desk.model, &ThresholdModel::changed, [&] { ++changes; });
  desk.model.set_offset(ThresholdScope::kAll, head(0), 0.0);
  CHECK(changes == 0);
  CHECK(desk.model.undo_stack().count() == 0);
  desk.model.set_offset(ThresholdScope::kAll, head(0), 1.0);
  CHECK(changes == 1);
  desk.model.reset(ThresholdScope::kAll, head(0));
  CHECK_FALSE(desk.model.edited());
}

TEST_CASE("an offset moves finite thresholds and leaves infinite ones") {
  Desk desk;
  desk.model.set_kind(ThresholdScope::kHead, head(0), Kind::kTopK, 8);
  const auto before = desk.model.tau(head(0));
  desk.model.set_offset(ThresholdScope::kHead, head(0), 0.25);
  const auto after = desk.model.tau(head(0));
  CHECK(before.front() == -kInf);
  CHECK(after.front() == -kInf);
  CHECK(after.back() == before.back() + 0.25F);
}

TEST_CASE("a dragged row has the threshold it was dragged to, whatever the offset") {
  Desk desk;
  desk.model.set_offset(ThresholdScope::kHead, head(0), 0.5);
  desk.model.set_row(head(0), 39, 11.0F);
  const auto tau = desk.model.tau(head(0));
  CHECK(tau[39] == 11.0F);
  CHECK(tau[38] == 11.0F);
  desk.model.set_row(head(0), 39, 9.0F);
  CHECK(desk.model.tau(head(0))[39] == 9.0F);
  CHECK(desk.model.tau(head(0))[38] == 11.0F);
  desk.model.set_kind(ThresholdScope::kHead, head(0), Kind::kStored, 0.0);
  CHECK(desk.model.tau(head(0))[39] == 11.0F);
}

TEST_CASE("the certificate is u over 1 - u of the worst row, and none once u reaches 1") {
  Desk desk;
  desk.model.set_kind(ThresholdScope::kHead, head(0), Kind::kMass, 0.999);
  const ThresholdEffect tight = desk.model.effect(head(0));
  REQUIRE(tight.certificate.has_value());
  CHECK(*tight.certificate < 0.01);
  desk.model.set_kind(ThresholdScope::kHead, head(0), Kind::kTopK, 0);
  const ThresholdEffect loose = desk.model.effect(head(0));
  CHECK(loose.certificate_known);
  CHECK_FALSE(loose.certificate.has_value());
}

TEST_CASE("without curves other heads are unknown, and the one in view is not") {
  Desk desk(false, false);
  desk.settle();
  CHECK(desk.model.effect(head(0)).heads == 1);
  CHECK(desk.model.effect(head(1)).unknown_heads == 1);
  CHECK_FALSE(desk.model.effect(head(1)).density.has_value());
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 4);
  CHECK(desk.model.tau(head(1)).empty());
  CHECK(desk.model.tau(head(0)).size() == 40);
}

TEST_CASE("the curve of k rises in density and mass up to all tiles") {
  Desk desk;
  for (const auto scope : {ThresholdScope::kHead, ThresholdScope::kLayer}) {
    const auto curve = desk.model.curve(scope, head(0));
    REQUIRE(curve.points.size() > 5);
    CHECK(curve.approximate == (scope == ThresholdScope::kLayer));
    CHECK_FALSE(curve.upper_bound);
    for (std::size_t i = 1; i < curve.points.size(); ++i) {
      CHECK(curve.points[i].k > curve.points[i - 1].k);
      CHECK(curve.points[i].density >= curve.points[i - 1].density);
      CHECK(curve.points[i].retained_mass >= curve.points[i - 1].retained_mass - 1e-6);
    }
    CHECK(curve.points.back().density == Approx(1.0));
    CHECK(curve.points.back().retained_mass == Approx(1.0).margin(1e-3));
  }
}

TEST_CASE("a model without a trace, or with one that has nothing, answers with nothing") {
  ThresholdModel model;
  CHECK(model.tau(head(0)).empty());
  CHECK(model.effect(ThresholdScope::kAll, head(0)).heads == 0);
  CHECK_FALSE(model.speed(0).factor.has_value());
  CHECK(model.curve(ThresholdScope::kHead, head(0)).points.empty());
  model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 3);
  CHECK_FALSE(model.edited());
  model.set_head(head(0), nullptr);
  Desk desk;
  desk.model.set_file(nullptr);
  CHECK(desk.model.effect(ThresholdScope::kAll, head(0)).heads == 0);
  CHECK(desk.model.undo_stack().count() == 0);
}

TEST_CASE("a model that goes while heads are sorted and curves are read never crashes") {
  Desk desk(true, true, 60);
  const auto arrays = desk.file->read_head(head(1)).arrays;
  for (int i = 0; i < 50; ++i) {
    ThresholdModel model;
    model.set_file(desk.file);
    model.set_head(head(1), arrays);
    model.effect(ThresholdScope::kAll, head(1));
    if (i % 3 == 0) QCoreApplication::processEvents();
    if (i % 3 == 1) model.set_file(desk.file);
  }
  CHECK(wait_until([&] { return LoadJob::pool()->activeThreadCount() == 0; }));
}
