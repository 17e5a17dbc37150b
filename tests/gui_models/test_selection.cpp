// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "gui/models/selection.h"
#include "tests/gui_models/support.h"

using namespace bsfa::gui;
using test::problem_of;
using test::sequence_of;

TEST_CASE("a link says the selection and is read back as it was") {
  Selection selection;
  selection.run = "/tmp/a b/trace.h5";
  selection.layer = 4;
  selection.head = 2;
  CHECK(link_of(selection) == "/tmp/a b/trace.h5#L4/H2");
  selection.q_block = 47;
  selection.k_block = 70;
  CHECK(link_of(selection) == "/tmp/a b/trace.h5#L4/H2/Q47/K70");
  selection.sequence = 1;
  const auto link = parse_link(link_of(selection));
  REQUIRE(link.has_value());
  CHECK(link->path == selection.run);
  CHECK(link->layer == 4);
  CHECK(link->sequence == 1);
  CHECK(link->head == 2);
  CHECK(link->q_block == 47);
  CHECK(link->k_block == 70);
}

TEST_CASE("a path without a place is a link, also one with a # of its own") {
  for (const char* path : {"trace.h5", "run#3.h5", "ssh://host/a#b/t.h5", "dir#/x.h5", ""}) {
    const auto link = parse_link(path);
    REQUIRE(link.has_value());
    CHECK(link->path == path);
    CHECK_FALSE(link->layer.has_value());
  }
  const auto both = parse_link("run#3.h5#L1");
  REQUIRE(both.has_value());
  CHECK(both->path == "run#3.h5");
  CHECK(both->layer == 1);
}

TEST_CASE("what looks like a place but is none is refused") {
  for (const char* text : {"t.h5#Lx", "t.h5#L4/X2", "t.h5#L4/L5", "t.h5#L4/H", "t.h5#L4//H2",
                           "t.h5#L-1", "t.h5#L99999999999999999999", "t.h5#L4/H2/", "t.h5#L+4"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_link(text).has_value());
  }
}

TEST_CASE("a link is followed as far as the trace goes") {
  const test::Folder folder;
  auto sampled = sequence_of(problem_of(3, 4, 8), 1);
  test::write_trace(folder / "t.h5", {sampled, sequence_of(problem_of(2, 2, 4), 2)});
  const auto file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  const auto follow = [&](const char* place) {
    return resolve(*parse_link(folder / "t.h5" + QString(place)), *file);
  };
  CHECK(follow("").layer == 0);
  CHECK(follow("").q_block == -1);
  CHECK(follow("#L0/H2/Q3/K7").k_block == 7);
  CHECK(follow("#L1/H1").layer == 1);
  CHECK(follow("#L1/H9").head == 0);
  CHECK(follow("#L1/S7/H1").sequence == 0);
  CHECK(follow("#L9/H1").layer == 0);
  CHECK(follow("#L0/H2/Q99/K7").q_block == -1);
  CHECK(follow("#L0/H2/Q99/K7").k_block == -1);
  CHECK(follow("#L0/H2/Q3/K8").k_block == -1);
}

TEST_CASE("selections are gone back and forward through, and a new one drops those ahead") {
  SelectionModel model;
  std::vector<std::pair<std::int64_t, std::int64_t>> heard;
  QObject::connect(&model, &SelectionModel::changed,
                   [&](const Selection& old_one, const Selection& new_one) {
                     heard.emplace_back(old_one.head, new_one.head);
                   });
  model.select_head({{0, 0}, 1});
  model.select_head({{0, 0}, 2});
  model.select_head({{0, 0}, 2});
  REQUIRE(heard.size() == 2);
  model.back();
  CHECK(model.current().head == 1);
  CHECK(model.can_go_forward());
  model.back();
  model.back();
  CHECK(model.current().head == 0);
  CHECK_FALSE(model.can_go_back());
  model.forward();
  CHECK(model.current().head == 1);
  model.select_head({{0, 0}, 7});
  CHECK_FALSE(model.can_go_forward());
  CHECK(heard.back() == std::pair<std::int64_t, std::int64_t>{1, 7});
}

TEST_CASE("following the pointer leaves one place to come back to") {
  SelectionModel model;
  model.select_head({{0, 0}, 1});
  Selection hovering = model.current();
  for (std::int64_t n = 0; n < 50; ++n) {
    hovering.k_block = n;
    model.move_to(hovering);
  }
  model.back();
  CHECK(model.current().head == 0);
}

TEST_CASE("steps stay on the rows that the trace holds and on its K blocks") {
  auto sequence = sequence_of(problem_of(1, 8, 16), 1);
  sequence.q_blocks = {1, 4, 7};
  sequence.shape.rows = 3;
  SelectionModel model;
  model.step(sequence, 0, 0);
  CHECK(model.current().q_block == 1);
  CHECK(model.current().k_block == 0);
  model.step(sequence, 1, 3);
  CHECK(model.current().q_block == 4);
  CHECK(model.current().k_block == 3);
  model.step(sequence, 10, 100);
  CHECK(model.current().q_block == 7);
  CHECK(model.current().k_block == 15);
  model.step(sequence, -10, -100);
  CHECK(model.current().q_block == 1);
  CHECK(model.current().k_block == 0);
  sequence.q_blocks.clear();
  model.step(sequence, 1, 1);
  CHECK(model.current().q_block == 1);
}
