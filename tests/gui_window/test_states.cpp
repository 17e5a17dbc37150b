// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QLabel>
#include <QPushButton>

#include <catch2/catch.hpp>

#include "gui/views/timeline_view.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::test {
namespace {

using gui::StateFrame;
using State = StateFrame::State;

/// A window over a trace that fills every dock.
struct Full : Bench {
  Full() {
    QFile::remove(trace);
    REQUIRE(QFile::copy(
        QStringLiteral(BSFA_SOURCE_DIR) + QStringLiteral("/traces/recorded/h200-sample.h5"),
        trace));
    QFile::setPermissions(trace, QFile::ReadOwner | QFile::WriteOwner);
  }
  /// The frames of all docks, and the window's centre.
  QList<StateFrame*> frames() {
    QList<StateFrame*> all = {window->docks().head_frame()};
    for (QDockWidget* dock : window->docks().docks())
      all << window->docks().frame(dock->objectName());
    return all;
  }
  /// Names of the docks that are in another state.
  QString others(State state) {
    QStringList names;
    for (StateFrame* frame : frames()) {
      if (frame->state() != state)
        names << frame->accessibleName() + QStringLiteral(": ") + frame->accessibleDescription();
    }
    return names.join(QStringLiteral("; "));
  }
};

QPushButton* button(const QWidget& in, const QString& text) {
  for (QPushButton* one : in.findChildren<QPushButton*>()) {
    if (one->text() == text) return one;
  }
  return nullptr;
}

TEST_CASE("every dock without a trace is empty and names the command that would fill it") {
  Full bench;
  CHECK(bench.others(State::kEmpty).toStdString().empty());
  for (StateFrame* frame : bench.frames()) {
    const auto labels = frame->findChildren<QLabel*>();
    CHECK(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
      return label->text().startsWith(QStringLiteral("bsfa compare"));
    }));
  }
}

TEST_CASE("every dock says that its trace is being opened, and can cancel that") {
  Full bench;
  HeldPool pool;
  bench.window->open(bench.trace);
  CHECK(bench.others(State::kLoading).toStdString().empty());
  emit bench.frames().last()->cancelled();
  CHECK(becomes([&] { return bench.others(State::kEmpty).isEmpty(); }));
  bench.window->open(bench.trace);
  pool.release();
  CHECK(becomes([&] { return bench.others(State::kReady).isEmpty(); }));
  CHECK(bench.others(State::kReady).toStdString().empty());
}

TEST_CASE("every dock says why a trace could not be opened, and tries again") {
  Full bench;
  const QString hidden = bench.folder / "hidden.h5";
  REQUIRE(QFile::rename(bench.trace, hidden));
  bench.open(bench.trace);
  CHECK(bench.others(State::kError).toStdString().empty());
  for (StateFrame* frame : bench.frames())
    CHECK(frame->accessibleDescription().contains(QStringLiteral("sample.h5")));
  REQUIRE(QFile::rename(hidden, bench.trace));
  button(*bench.window->docks().frame("balance"), QStringLiteral("Retry"))->click();
  CHECK(becomes([&] { return bench.others(State::kReady).isEmpty(); }));
}

TEST_CASE("every dock is out of date once the trace has changed on disk, until it is read again") {
  Full bench;
  bench.open(bench.trace);
  CHECK(bench.others(State::kReady).toStdString().empty());
  const QString next = bench.folder / "next.h5";
  write_sample(next);
  QFile::remove(bench.trace);
  REQUIRE(QFile::rename(next, bench.trace));
  CHECK(becomes([&] { return bench.others(State::kStale).isEmpty(); }));
  CHECK(bench.others(State::kStale).toStdString().empty());
  bench.trigger("file.reload");
  CHECK(becomes([&] {
    return bench.window->docks().frame("timeline")->state() == State::kReady &&
           bench.window->docks().frame("tables")->state() == State::kEmpty;
  }));
}

TEST_CASE("docks that show what was measured are out of date while other thresholds are tried") {
  Full bench;
  bench.open(bench.trace);
  gui::ThresholdModel& model = bench.workspace().thresholds();
  model.set_kind(gui::ThresholdScope::kAll, bench.workspace().head_key(),
                 gui::ThresholdChoice::Kind::kTopK, 5.0);
  for (const char* name :
       {"heads", "overview", "error", "timeline", "balance", "tables", "inspector"}) {
    CAPTURE(name);
    CHECK(bench.window->docks().frame(name)->state() == State::kStale);
  }
  for (const char* name : {"thresholds", "curve", "contrast"}) {
    CAPTURE(name);
    CHECK(bench.window->docks().frame(name)->state() == State::kReady);
  }
  model.undo_stack().undo();
  CHECK(bench.others(State::kReady).toStdString().empty());
}

TEST_CASE("a head that is being read, or cannot be, is missed where it is shown and nowhere else") {
  Full bench;
  bench.open(bench.trace);
  const QList<StateFrame*> shown = {bench.window->docks().head_frame(),
                                    bench.window->docks().frame("inspector"),
                                    bench.window->docks().frame("contrast")};
  const auto all_are = [&](State state) {
    return std::all_of(shown.begin(), shown.end(),
                       [&](const StateFrame* frame) { return frame->state() == state; });
  };
  emit bench.workspace().head_loading(0.3);
  CHECK(all_are(State::kReady));  // what comes at once does not flicker
  CHECK(becomes([&] { return all_are(State::kLoading); }));
  CHECK(bench.window->docks().frame("timeline")->state() == State::kReady);
  emit bench.workspace().head_failed(QStringLiteral("t.h5: cut off"));
  CHECK(all_are(State::kPartial));
  CHECK(bench.window->docks().frame("error")->state() == State::kReady);
  button(*shown[1], QStringLiteral("Retry"))->click();
  CHECK(becomes([&] { return bench.others(State::kReady).isEmpty(); }));
}

TEST_CASE("a click on a bar's item and on a work item select head and Q block in every view") {
  Full bench;
  bench.open(bench.trace);
  gui::TimelineView& timeline = *bench.window->views().timeline;
  const auto& model = bench.workspace().work()->timeline;
  const auto box = timeline.item_rect({2, 0});
  REQUIRE(box.has_value());
  QTest::mouseClick(&timeline, Qt::LeftButton, {}, box->center().toPoint());
  const core::WorkRecord& record = model.records()[model.lanes()[2].items[0].record];
  CHECK(bench.selection().head == record.head);
  CHECK(bench.selection().q_block == record.q_block);
  const gui::WorkPlace place = bench.workspace().work()->balance.groups[0].members[5].longest;
  emit bench.window->views().balance->item_chosen(place);
  CHECK(bench.selection().head == place.head);
  CHECK(bench.selection().q_block == place.q_block);
  CHECK(bench.selection().unit == place.unit);
}

}  // namespace
}  // namespace bsfa::test
