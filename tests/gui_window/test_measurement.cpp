// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "tests/gui_window/programs.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::RemoteBench;

/// A bench whose measurements end at once, with the sample open.
struct MeasureBench : RemoteBench {
  explicit MeasureBench(const char* link = "") {
    allow("go");
    open(trace + link);
    openings.clear();
  }
  Measurement& measurement() { return window->measurement(); }
};

TEST_CASE("a measurement is suggested with the trace's own input and options, for all layers") {
  MeasureBench bench;
  const MeasureRequest request = bench.request();
  CHECK(request.layers == std::vector<std::int64_t>{0, 1});
  CHECK(request.arguments.mid(0, 2) == QStringList{"--layer", "all"});
  CHECK(measures_all(request));
  CHECK(measured_layers(request) == "all 2 layers");
  for (const char* option : {"--qkv", "--thresholds", "--topk", "--out", "compare"}) {
    CHECK_FALSE(request.arguments.contains(QString(option)));
  }
}

TEST_CASE("a measured trace takes the place of the one in view, at the same tile") {
  MeasureBench bench("#L1/H2/Q5/K6");
  bench.try_k(4);
  CHECK(bench.measurement().open_trace().isEmpty());
  bench.measure();
  CHECK(bench.measurement().running());
  CHECK(bench.window->measuring_strip().isVisible());
  bench.wait_for_measurements(1);
  CHECK_FALSE(bench.measurement().open_trace().isEmpty());
  CHECK(bench.measurings == QStringList{QString()});
  CHECK(bench.selection().head_key() == HeadKey{{1, 0}, 2});
  CHECK(bench.selection().q_block == 5);
  CHECK(bench.selection().k_block == 6);
  CHECK_FALSE(bench.workspace().thresholds().edited());
  CHECK(bench.answers->questions.isEmpty());
}

TEST_CASE("nothing is shown as under way once a measurement has been opened") {
  MeasureBench bench;
  bench.measure();
  bench.wait_for_measurements(1);
  CHECK_FALSE(bench.window->opening_strip().isVisible());
  CHECK_FALSE(bench.window->measuring_strip().isVisible());
  CHECK(bench.openings == QStringList{QString()});
}

TEST_CASE("a measurement that brings no trace says so, and what is open stays") {
  MeasureBench bench;
  bsfa::test::write_text(bench.place / "next.h5", "no HDF5 at all");
  bench.measure();
  bench.wait_for_measurements(1);
  CHECK(bench.shows_message());
  CHECK(bench.window->message_bar().text().startsWith("The measurement brought no trace"));
  CHECK(bench.window->message_bar().text().contains("measured-1.h5"));
  CHECK_FALSE(bench.window->opening_strip().isVisible());
  CHECK(bench.workspace().file()->path() == bench.trace);
  CHECK(bench.measurement().latest().isEmpty());
}

TEST_CASE("reload after a measurement reads the measured trace, which is no recent file") {
  MeasureBench bench;
  bench.measure();
  bench.wait_for_measurements(1);
  const auto measured = bench.workspace().file();
  bench.press(Qt::Key_F5);
  REQUIRE(becomes([&] { return bench.workspace().file() != measured; }));
  bench.wait_for_opening();
  CHECK(bench.workspace().file()->path() == measured->path());
  CHECK(bench.settings.recent_files() == QStringList{bench.trace});
}

TEST_CASE("a measurement leaves alone what was opened meanwhile, and can be opened later") {
  MeasureBench bench;
  const QString other = bench.folder / "other.h5";
  bsfa::test::write_sample(other, 5);
  const bool closes = GENERATE(false, true);
  CAPTURE(closes);
  QFile::remove(bench.place / "go");
  bench.measure();
  if (closes) bench.trigger("file.close");
  if (!closes) bench.open(other);
  bench.allow("go");
  bench.wait_for_measurements(1);
  CHECK(bench.measurement().open_trace().isEmpty());
  CHECK((bench.workspace().file() == nullptr) == closes);
  REQUIRE(bench.shows_message());
  CHECK(bench.window->message_bar().text().contains("Open measured trace"));
  bench.trigger("trace.open_measured");
  bench.wait_for_opening();
  CHECK(bench.measurement().open_trace() == bench.measurement().latest());
  CHECK_FALSE(bench.shows_message());
}

TEST_CASE("a measurement leaves alone thresholds that were changed since it was asked for") {
  MeasureBench bench;
  bench.try_k(4);
  QFile::remove(bench.place / "go");
  bench.measure();
  bench.try_k(6);
  bench.allow("go");
  bench.wait_for_measurements(1);
  CHECK(bench.workspace().file()->path() == bench.trace);
  CHECK(bench.workspace().thresholds().edited());
  REQUIRE(bench.shows_message());
  // To open it now would lose them.
  bench.trigger("trace.open_measured");
  CHECK(bench.answers->questions.size() == 1);
  CHECK(bench.workspace().thresholds().edited());
  bench.answers->unsaved_answer = Prompts::Unsaved::kDiscard;
  bench.trigger("trace.open_measured");
  bench.wait_for_opening();
  CHECK_FALSE(bench.measurement().open_trace().isEmpty());
}

TEST_CASE("a measurement of one layer of several says which, and keeps what is tried on others") {
  MeasureBench bench;
  bench.try_k(4);
  MeasureRequest request = bench.request();
  request.arguments = without_option(request.arguments, "--layer") + QStringList{"--layer", "1"};
  bench.measurement().start(request);
  CHECK(bench.window->measuring_strip().text().contains("layer 1"));
  bench.wait_for_measurements(1);
  CHECK(bench.workspace().file()->path() == bench.trace);
  CHECK(bench.workspace().thresholds().edited());
  CHECK(bench.window->message_bar().text().startsWith("Measured layer 1 alone"));
}

TEST_CASE("measured points pair the k of heads with the error of the same heads") {
  MeasureBench bench("#L1/H2");
  const HeadKey own{{1, 0}, 2}, other{{1, 0}, 0};
  bench.try_k(4, ThresholdScope::kHead);
  bench.measure();
  bench.wait_for_measurements(1);
  const auto points = [&](ThresholdScope scope, HeadKey key) {
    return bench.measurement().points(scope, key);
  };
  const auto error_of = [&](HeadKey key) {
    const auto& heads = bench.workspace().heads();
    return heads.heads()[static_cast<std::size_t>(heads.row_of(key))].method;
  };
  REQUIRE(points(ThresholdScope::kHead, own).size() == 1);
  CHECK(points(ThresholdScope::kHead, own)[0].k == 4.0);
  CHECK(points(ThresholdScope::kHead, own)[0].method_error == error_of(own));
  // The others kept thresholds that no k chose.
  CHECK(points(ThresholdScope::kHead, other).empty());
  CHECK(points(ThresholdScope::kLayer, own).empty());
  CHECK(points(ThresholdScope::kAll, own).empty());

  bench.try_k(6, ThresholdScope::kLayer);
  bench.measure();
  bench.wait_for_measurements(2);
  REQUIRE(points(ThresholdScope::kLayer, own).size() == 1);
  CHECK(points(ThresholdScope::kLayer, own)[0].k == 6.0);
  double largest = 0.0;
  for (std::int64_t head = 0; head < 3; ++head) {
    largest = std::max(largest, error_of({{1, 0}, head}).value_or(0.0));
  }
  CHECK(points(ThresholdScope::kLayer, own)[0].method_error == largest);
  CHECK(points(ThresholdScope::kHead, own).size() == 2);
  CHECK(points(ThresholdScope::kAll, own).empty());
}

TEST_CASE("thresholds moved by hand or by an offset are no k") {
  MeasureBench bench("#L1/H2");
  const HeadKey key = bench.workspace().head_key();
  ThresholdModel& model = bench.workspace().thresholds();
  bench.try_k(4, ThresholdScope::kHead);
  GENERATE(0, 1) == 0 ? model.set_offset(ThresholdScope::kHead, key, 0.5)
                      : model.set_row(key, 7, 1.0F);
  bench.measure();
  bench.wait_for_measurements(1);
  CHECK(bench.measurement().points(ThresholdScope::kHead, key).empty());
}

TEST_CASE("a measurement that fails or is cancelled leaves the trace in view as it is") {
  MeasureBench bench;
  bsfa::test::write_text(bench.place / "fail", "bsfa: out of memory\n");
  bench.measure();
  bench.wait_for_measurements(1);
  CHECK(bench.measurings.last() == QString("bsfa: out of memory"));
  CHECK(bench.window->message_bar().text() == QString("bsfa: out of memory"));
  CHECK(bench.workspace().file()->path() == bench.trace);

  QFile::remove(bench.place / "go");
  bench.measure();
  REQUIRE(becomes([&] { return bench.window->measuring_strip().isVisible(); }));
  QTest::mouseClick(&bench.window->measuring_strip().cancel_button(), Qt::LeftButton);
  bench.wait_for_measurements(2);
  CHECK(bench.measurings.last().isEmpty());
  CHECK_FALSE(bench.window->measuring_strip().isVisible());
  CHECK(bench.workspace().file()->path() == bench.trace);
}

TEST_CASE("a measured trace is offered for saving before the window closes") {
  MeasureBench bench;
  bench.measure();
  bench.wait_for_measurements(1);
  bench.window->close();
  CHECK(bench.window->isVisible());
  CHECK(bench.answers->questions.size() == 1);
  bench.answers->save = bench.folder / "kept.h5";
  bench.answers->unsaved_answer = Prompts::Unsaved::kSave;
  bench.window->close();
  CHECK_FALSE(bench.window->isVisible());
  CHECK(TraceFile::open(bench.folder / "kept.h5").file != nullptr);
}

}  // namespace
}  // namespace bsfa::gui
