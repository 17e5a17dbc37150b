// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <QtCore/QCoreApplication>
#include <catch2/catch.hpp>

#include "analysis/bound.h"
#include "analysis/work_profile.h"
#include "gui/models/threshold_model.h"
#include "io/threshold_file.h"
#include "tests/gui_models/support.h"
#include "traces/writer.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::problem_of;
using test::sequence_of;
using test::wait_until;
using Kind = ThresholdChoice::Kind;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

HeadKey head(std::int64_t h, std::int64_t layer = 0) {
  return {{layer, 0}, h};
}

/// A model over a trace of two layers of three heads, with head 0 of layer 0 in view.
struct Desk {
  explicit Desk(bool curves = true, bool work = true, std::int64_t q_blocks = 40) {
    for (const std::uint64_t seed : {1U, 2U}) {
      auto s = sequence_of(problem_of(3, q_blocks, 2 * q_blocks), seed);
      if (curves) test::add_curves(s);
      if (work) s.work = test::records_of(s, 4);
      layers.push_back(std::move(s));
    }
    test::write_trace(folder / "t.h5", layers);
    file = TraceFile::open(folder / "t.h5").file;
    REQUIRE(file != nullptr);
    model.set_file(file);
    model.set_head(head(0), file->read_head(head(0)).arrays);
    REQUIRE(wait_until([&] { return !model.pending(); }));
  }
  void settle() {
    model.effect(ThresholdScope::kAll, head(0));
    REQUIRE(wait_until([&] { return !model.pending(); }));
  }

  test::Folder folder;
  std::vector<traces::Sequence> layers;
  std::shared_ptr<const TraceFile> file;
  ThresholdModel model;
};

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

TEST_CASE("speed follows the trace's cost model, and is an upper bound without one") {
  Desk with_work;
  with_work.settle();
  const SpeedEstimate predicted = with_work.model.speed(0);
  REQUIRE(predicted.factor.has_value());
  CHECK_FALSE(predicted.upper_bound);
  const auto records = with_work.file->read_work(0);
  const auto profile = analysis::profile_work(records);
  const auto expected =
      analysis::predicted_speed_up(profile.model, analysis::total_work(profile.records.ctas));
  CHECK(*predicted.factor == Approx(*expected).epsilon(0.01));
  with_work.model.set_kind(ThresholdScope::kAll, head(0), Kind::kDensity, 0.05);
  CHECK(*with_work.model.speed(0).factor > *predicted.factor);

  Desk without(true, false);
  without.settle();
  const SpeedEstimate bound = without.model.speed(0);
  REQUIRE(bound.factor.has_value());
  CHECK(bound.upper_bound);
  CHECK(*bound.factor > 1.0);
  CHECK(*bound.factor < 2.0);
}

TEST_CASE("speed counts the Q blocks that were checked, as its tiles do") {
  // One in eight blocks of each head, another one in each: the trace holds all, no head does.
  auto s = sequence_of(problem_of(8, 64, 128), 7);
  s.held.emplace(std::size_t(8 * 64), std::uint8_t{0});
  for (std::size_t h = 0; h < 8; ++h) {
    for (std::size_t m = h; m < 64; m += 8) (*s.held)[h * 64 + m] = 1;
  }
  test::add_curves(s);
  s.work = test::records_of(s, 4);
  const auto work = analysis::profile_work(*s.work);
  const auto expected =
      analysis::predicted_speed_up(work.model, analysis::total_work(work.records.ctas));
  REQUIRE(expected.has_value());
  const test::Folder folder;
  test::write_trace(folder / "t.h5", {s});
  ThresholdModel model;
  model.set_file(TraceFile::open(folder / "t.h5").file);
  model.effect(ThresholdScope::kAll, head(0));
  REQUIRE(wait_until([&] { return !model.pending(); }));
  CHECK(model.effect(ThresholdScope::kLayer, head(0)).blocks == 64);
  CHECK_FALSE(model.speed(0).upper_bound);
  CHECK(*model.speed(0).factor == Approx(*expected).epsilon(0.005));
}

TEST_CASE("heads whose curves are not there yet count neither as tiles nor as work items") {
  Desk desk;
  desk.settle();
  const double both = *desk.model.speed(0).factor;
  // Only the head in view is known: its tiles cost what its own items cost.
  Desk bare(false, true);
  bare.settle();
  REQUIRE(bare.model.speed(0).factor.has_value());
  CHECK_FALSE(bare.model.speed(0).upper_bound);
  CHECK(*bare.model.speed(0).factor == Approx(both).epsilon(0.02));
}

TEST_CASE("a kernel that splits a Q block into several work items is charged for each") {
  auto s = sequence_of(problem_of(2, 48, 96), 7);
  test::add_curves(s);
  std::vector<core::WorkRecord> halves;
  for (const auto& whole : test::records_of(s, 4)) {
    for (std::uint32_t pass = 0; pass < 2; ++pass) {
      auto half = whole;
      half.pass = pass;
      half.tiles_seen = pass == 0 ? whole.tiles_seen / 2 : whole.tiles_seen - whole.tiles_seen / 2;
      half.tiles_kept = pass == 0 ? whole.tiles_kept / 3 : whole.tiles_kept - whole.tiles_kept / 3;
      half.tiles_kept = std::min(half.tiles_kept, half.tiles_seen);
      half.end_ns = half.start_ns + 20000 + 100 * half.tiles_seen + 90 * half.tiles_kept;
      halves.push_back(half);
    }
  }
  s.work = halves;
  const auto work = analysis::profile_work(halves);
  const auto expected =
      analysis::predicted_speed_up(work.model, analysis::total_work(work.records.ctas));
  const test::Folder folder;
  test::write_trace(folder / "t.h5", {s});
  ThresholdModel model;
  model.set_file(TraceFile::open(folder / "t.h5").file);
  model.effect(ThresholdScope::kAll, head(0));
  REQUIRE(wait_until([&] { return !model.pending(); }));
  CHECK(*model.speed(0).factor == Approx(*expected).epsilon(0.01));
}

TEST_CASE(
    "measured speed is that of the profile, at the k of as many tiles, until others are tried") {
  auto s = sequence_of(problem_of(2, 48, 96), 7);
  test::add_curves(s);
  traces::Profile profile;
  profile.facilities.resize(1);
  profile.facilities[0].name = "time";
  profile.times = {{"none", {100.0, 101.0, 99.0}}, {"dense", {140.0, 141.4, 138.6}}};
  const test::Folder folder;
  {
    traces::TraceWriter writer((folder / "t.h5").toStdString());
    writer.add(0, 0, s);
    writer.add(1, 0, s);
    writer.add_profile(0, profile);
    writer.commit({}, {"{}"});
  }
  const auto file = TraceFile::open(folder / "t.h5").file;
  ThresholdModel model;
  model.set_file(file);
  model.set_head(head(0), file->read_head(head(0)).arrays);
  model.effect(ThresholdScope::kAll, head(0));
  REQUIRE(wait_until([&] { return !model.pending(); }));
  REQUIRE(model.measured_speed(0).has_value());
  CHECK(*model.measured_speed(0) == Approx(1.4));
  CHECK_FALSE(model.measured_speed(1).has_value());
  for (const auto scope : {ThresholdScope::kHead, ThresholdScope::kLayer}) {
    const auto& curve = model.curve(scope, head(0));
    REQUIRE(curve.measured.has_value());
    CHECK(curve.measured->speed == Approx(1.4));
    // That k keeps as much as the trace's thresholds do.
    const double density = *model.effect(scope, head(0)).density;
    model.set_kind(scope, head(0), Kind::kTopK, std::round(curve.measured->k));
    CHECK(*model.effect(scope, head(0)).density == Approx(density).margin(0.02));
    CHECK_FALSE(model.measured_speed(0).has_value());
    model.undo_stack().undo();
  }
  CHECK_FALSE(model.curve(ThresholdScope::kHead, head(0, 1)).measured.has_value());
  model.set_kind(ThresholdScope::kHead, head(0, 1), Kind::kTopK, 4);
  CHECK(model.measured_speed(0).has_value());

  profile.times = {{"none", {100.0}}, {"dense", {}}};
  CHECK_FALSE(measured_speed(profile).has_value());
  profile.times.clear();
  CHECK_FALSE(measured_speed(profile).has_value());
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

TEST_CASE("a saved table holds for all layers what calibration on this input would give") {
  Desk desk;
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 6);
  const QString path = desk.folder / "tau.safetensors";
  REQUIRE(desk.model.save(path).isEmpty());
  const auto table = io::read_thresholds(path.toStdString());
  CHECK(table.k_values == std::vector<std::int64_t>{6});
  CHECK(table.layers == std::vector<std::int64_t>{0, 1});
  CHECK(table.heads == 3);
  CHECK(table.samples == std::vector<std::string>{"in.safetensors"});
  for (std::size_t layer = 0; layer < 2; ++layer) {
    for (std::int64_t h = 0; h < 3; ++h) {
      const auto tuner =
          HeadTuner::make(std::make_shared<HeadArrays>(test::head_of(desk.layers[layer], h)));
      for (std::int64_t m = 0; m < 40; ++m)
        CHECK(table.values[table.index(0, layer, h, m)] == tuner->tau_keeping(m, 6));
    }
  }
}

TEST_CASE("a table is saved in the background, with progress, while events are handled") {
  Desk desk(true, false, 160);
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kMass, 0.9);
  REQUIRE(desk.model.save(desk.folder / "waited.safetensors").isEmpty());
  const QString path = desk.folder / "tau.safetensors";
  std::optional<QString> saved;
  std::vector<double> shares;
  LoadJob* job = save_in_background(&desk.model, desk.model.plan(), path,
                                    [&](const QString& error) { saved = error; });
  QObject::connect(job, &LoadJob::progressed, [&](double share) { shares.push_back(share); });
  // What is edited meanwhile is not in it.
  desk.model.reset(ThresholdScope::kAll, head(0));
  CHECK_FALSE(saved.has_value());
  REQUIRE(wait_until([&] { return saved.has_value(); }));
  CHECK(saved->toStdString().empty());
  CHECK(shares.size() == 6);
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(io::read_thresholds(path.toStdString()).values ==
        io::read_thresholds((desk.folder / "waited.safetensors").toStdString()).values);
}

TEST_CASE("saving that is cancelled writes nothing, and errors of it are told") {
  Desk desk;
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 6);
  int told = 0;
  const QString path = desk.folder / "tau.safetensors";
  LoadJob* job =
      save_in_background(&desk.model, desk.model.plan(), path, [&](const QString&) { ++told; });
  bool ended = false;
  QObject::connect(job, &LoadJob::progressed, job, [job] { job->cancel(); });
  QObject::connect(job, &LoadJob::ended, [&](bool delivered) { ended = !delivered; });
  REQUIRE(wait_until([&] { return ended || told > 0; }));
  REQUIRE(wait_until([&] { return LoadJob::pool()->activeThreadCount() == 0; }));
  if (ended) CHECK(told == 0);

  QString error;
  save_in_background(&desk.model, desk.model.plan(), desk.folder / "no-such-folder/x.safetensors",
                     [&](const QString& text) { error = text; });
  REQUIRE(wait_until([&] { return !error.isEmpty(); }));
  CHECK(error.contains("no-such-folder"));
}

TEST_CASE("one edited head leaves the stored thresholds of the others in the table") {
  Desk desk;
  desk.model.set_offset(ThresholdScope::kHead, head(1), -1.0);
  QString error;
  const auto table = make_table(desk.model.plan(), &error);
  REQUIRE(table.has_value());
  CHECK(table->values[table->index(0, 0, 0, 7)] == 10.5F);
  CHECK(table->values[table->index(0, 0, 1, 7)] == 9.5F);
  CHECK(table->values[table->index(0, 1, 1, 7)] == 10.5F);
}

TEST_CASE("positions that a trace does not hold repeat the one before, unchecked ones too") {
  auto s = sequence_of(problem_of(1, 8, 16), 1);
  s.q_blocks = {2, 3, 6};
  s.shape.rows = 3;
  for (auto* array : {&s.tile_max, &s.tile_mass, &s.tile_mass_max}) (*array)->resize(3 * 16);
  for (auto* array : {&s.mask_kernel, &s.mask_reference}) (*array)->resize(3 * 16);
  for (auto* array : {&s.error_arithmetic, &s.error_method, &s.retained_mass, &s.retained_mass_min,
                      &s.certificate}) {
    (*array)->resize(3);
  }
  s.gating_ties->resize(3);
  s.gating_violations->resize(3);
  s.threshold = {1.0F, std::nanf(""), 3.0F};
  s.held = {1, 0, 1};
  const test::Folder folder;
  test::write_trace(folder / "t.h5", {s});
  const std::shared_ptr<const TraceFile> file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  QString error;
  const auto table = make_table({file, {}}, &error);
  REQUIRE(table.has_value());
  CHECK(table->values == std::vector<float>{1, 1, 1, 1, 1, 1, 3, 3});
}

TEST_CASE("a table that cannot be made says why, and nothing is written") {
  const test::Folder folder;
  test::write_trace(folder / "t.h5",
                    {sequence_of(problem_of(2, 4, 8), 1), sequence_of(problem_of(3, 4, 8), 1)});
  ThresholdModel model;
  CHECK(model.save(folder / "x.safetensors").contains("no trace"));
  model.set_file(TraceFile::open(folder / "t.h5").file);
  CHECK(model.save(folder / "x.safetensors").contains("other heads"));
  auto bare = sequence_of(problem_of(1, 4, 8), 1);
  bare.tile_max.reset();
  test::write_trace(folder / "bare.h5", {bare});
  model.set_file(TraceFile::open(folder / "bare.h5").file);
  model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 2);
  CHECK(model.save(folder / "x.safetensors").contains("no tile_max"));
  model.reset(ThresholdScope::kAll, head(0));
  CHECK(model.save(folder / "no-such-folder/x.safetensors").contains("no-such-folder"));
  CHECK_FALSE(std::filesystem::exists((folder / "x.safetensors").toStdString()));
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
