// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <filesystem>

#include <catch2/catch.hpp>

#include "io/threshold_file.h"
#include "tests/gui_models/threshold_desk.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::Desk;
using test::head;
using test::problem_of;
using test::sequence_of;
using test::wait_until;
using Kind = ThresholdChoice::Kind;

TEST_CASE("a saved table holds for all layers what calibration on this input would give") {
  Desk desk;
  desk.model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 6);
  const QString path = desk.folder / "tau.safetensors";
  REQUIRE(save_thresholds(desk.model.plan(), path).isEmpty());
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
  REQUIRE(save_thresholds(desk.model.plan(), desk.folder / "waited.safetensors").isEmpty());
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
  CHECK(save_thresholds(model.plan(), folder / "x.safetensors").contains("no trace"));
  model.set_file(TraceFile::open(folder / "t.h5").file);
  CHECK(save_thresholds(model.plan(), folder / "x.safetensors").contains("other heads"));
  auto bare = sequence_of(problem_of(1, 4, 8), 1);
  bare.tile_max.reset();
  test::write_trace(folder / "bare.h5", {bare});
  model.set_file(TraceFile::open(folder / "bare.h5").file);
  model.set_kind(ThresholdScope::kAll, head(0), Kind::kTopK, 2);
  CHECK(save_thresholds(model.plan(), folder / "x.safetensors").contains("no tile_max"));
  model.reset(ThresholdScope::kAll, head(0));
  CHECK(save_thresholds(model.plan(), folder / "no-such-folder/x.safetensors")
            .contains("no-such-folder"));
  CHECK_FALSE(std::filesystem::exists((folder / "x.safetensors").toStdString()));
}
