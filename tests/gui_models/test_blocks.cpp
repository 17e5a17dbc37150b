// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <QtGui/QStandardItemModel>
#include <catch2/catch.hpp>

#include "gui/models/block_table.h"
#include "tests/gui_models/support.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::head_of;
using test::problem_of;
using test::sequence_of;

namespace {

constexpr float kNanValue = std::numeric_limits<float>::quiet_NaN();

/// Three heads of four rows without any error.
traces::Sequence clean() {
  auto s = sequence_of(problem_of(3, 4, 8), 1);
  s.error_arithmetic->assign(12, 0.1F);
  s.error_method->assign(12, 0.0F);
  return s;
}

}  // namespace

TEST_CASE("the worst blocks are ranked over all heads, NaN first and zeros left out") {
  auto s = clean();
  *s.error_method = {0, 0.5F, 0, 0, 0, 0, kNanValue, 0, 0.25F, 0, 0, 0.75F};
  const auto worst = worst_blocks(s, BlockError::kMethod, 3);
  CHECK(worst == std::vector<BlockPlace>{{1, 2}, {2, 3}, {0, 1}});
  CHECK(worst_blocks(s, BlockError::kMethod, 100).size() == 4);
  CHECK(worst_blocks(s, BlockError::kGating, 5).empty());
}

TEST_CASE("a violation outranks any number of ties") {
  auto s = clean();
  (*s.gating_ties)[0] = 900;
  (*s.gating_violations)[5] = 1;
  CHECK(worst_blocks(s, BlockError::kGating, 2) == std::vector<BlockPlace>{{1, 1}, {0, 0}});
}

TEST_CASE("faults are stepped through forward and backward, around the ends") {
  auto s = clean();
  (*s.gating_violations)[1] = 2;
  (*s.error_arithmetic)[6] = 1.5F;
  (*s.error_arithmetic)[11] = kNanValue;
  const auto next = [&](std::int64_t head, std::int64_t q) {
    return next_fault(s, {head, q}, false);
  };
  const auto previous = [&](std::int64_t head, std::int64_t q) {
    return next_fault(s, {head, q}, true);
  };
  CHECK(next(0, -1) == BlockPlace{0, 1});
  CHECK(next(0, 0) == BlockPlace{0, 1});
  CHECK(next(0, 1) == BlockPlace{1, 2});
  CHECK(next(1, 2) == BlockPlace{2, 3});
  CHECK(next(2, 3) == BlockPlace{0, 1});
  CHECK(previous(0, 1) == BlockPlace{2, 3});
  CHECK(previous(1, 0) == BlockPlace{0, 1});
  s.held.emplace(12, std::uint8_t{1});
  (*s.held)[11] = 0;
  CHECK(next(1, 2) == BlockPlace{0, 1});
  CHECK_FALSE(next_fault(clean(), {0, 0}, false).has_value());
  traces::Sequence empty;
  CHECK_FALSE(next_fault(empty, {0, 0}, false).has_value());
}

TEST_CASE("steps from a block that the trace does not hold find the next that it does") {
  auto s = clean();
  s.q_blocks = {1, 3, 5, 7};
  (*s.gating_violations)[2] = 1;
  CHECK(next_fault(s, {0, 4}, false) == BlockPlace{0, 5});
  CHECK(next_fault(s, {0, 6}, true) == BlockPlace{0, 5});
}

TEST_CASE("an error strip has one value a row, NaN where nothing is known") {
  auto s = clean();
  s.held.emplace(12, std::uint8_t{1});
  (*s.held)[5] = 0;
  const auto strip = error_strip(s, 1, BlockError::kArithmetic);
  REQUIRE(strip.size() == 4);
  CHECK(strip[0] == 0.1F);
  CHECK(std::isnan(strip[1]));
  s.error_method.reset();
  CHECK(std::isnan(error_strip(s, 0, BlockError::kMethod)[0]));
  CHECK(error_strip(s, 3, BlockError::kMethod).empty());
}

TEST_CASE("worst tiles: masks that disagree before masses that are lost") {
  auto s = clean();
  HeadArrays head = head_of(s, 0);
  for (auto& code : *head.mask_kernel) code = code == 1 ? 2 : code;
  *head.mask_reference = *head.mask_kernel;
  (*head.mask_kernel)[head.index(3, 0)] = (*head.mask_reference)[head.index(3, 0)] = 1;
  (*head.tile_mass)[head.index(3, 0)] = 0.9F;
  (*head.mask_kernel)[head.index(2, 1)] = 1;
  const auto worst = worst_tiles(head, 10);
  REQUIRE(worst.size() == 2);
  CHECK(worst[0].q_block == 2);
  CHECK(worst[0].k_block == 1);
  CHECK(worst[0].disagreement == Disagreement::kKernelSkips);
  CHECK(worst[1].lost_mass == 0.9F);
  CHECK(worst_tiles(head, 1).size() == 1);
  CHECK(disagreeing_tiles(head, 2) == std::vector<std::int64_t>{1});
  CHECK(disagreeing_tiles(head, 0).empty());
  CHECK(disagreeing_tiles(head, 99).empty());
  head.mask_kernel.reset();
  head.mask_reference.reset();
  head.tile_mass.reset();
  CHECK(worst_tiles(head, 10).empty());
}

TEST_CASE("the worst few of a large head are those that sorting all of it gives") {
  const HeadArrays head = head_of(sequence_of(problem_of(1, 60, 120), 4), 0);
  const auto few = worst_tiles(head, 10);
  const auto all = worst_tiles(head, 100000);
  REQUIRE(few.size() == 10);
  REQUIRE(all.size() > 500);
  for (std::size_t i = 0; i < 10; ++i) CHECK(few[i].lost_mass == all[i].lost_mass);
}

TEST_CASE("the block table holds all heads or one, and says where each row is") {
  const test::Folder folder;
  auto s = clean();
  s.held.emplace(12, std::uint8_t{1});
  (*s.held)[5] = 0;
  test::write_trace(folder / "t.h5", {s});
  const std::shared_ptr<const TraceFile> file = TraceFile::open(folder / "t.h5").file;
  BlockTableModel table;
  CHECK(table.rowCount() == 0);
  table.set_sequence(file, {0, 0});
  CHECK(table.rowCount() == 12);
  CHECK(table.place_at(5) == BlockPlace{1, 1});
  CHECK(table.row_of({1, 1}) == 5);
  CHECK(table.row_of({9, 1}) == -1);
  CHECK(table.index(5, BlockTableModel::kMethod).data().toString() == "not checked");
  CHECK_FALSE(table.index(5, BlockTableModel::kMethod).data(kValueRole).isValid());
  CHECK(table.index(1, BlockTableModel::kTokens).data().toString() == "128–255");
  table.set_sequence(file, {0, 0}, 2);
  CHECK(table.rowCount() == 4);
  CHECK(table.place_at(0) == BlockPlace{2, 0});
  table.set_sequence(file, {0, 0}, 3);
  CHECK(table.rowCount() == 0);
  table.set_sequence(file, {7, 0});
  CHECK(table.rowCount() == 0);
  table.set_sequence(nullptr, {0, 0});
  CHECK(table.rowCount() == 0);
}

TEST_CASE("a table copies as text that a spreadsheet takes, whatever its cells hold") {
  QStandardItemModel model(2, 2);
  model.setHorizontalHeaderLabels({"name", "what, \"really\""});
  model.setItem(0, 0, new QStandardItem("a\tb\nc"));
  model.setItem(0, 1, new QStandardItem("x,y"));
  auto* number = new QStandardItem("0.33");
  number->setData(1.0 / 3.0, kValueRole);
  model.setItem(1, 0, number);
  model.setItem(1, 1, new QStandardItem("–"));
  CHECK(to_tsv(model) == "name\twhat, \"really\"\na b c\tx,y\n0.33333333333333331\t\n");
  CHECK(to_csv(model) ==
        "name,\"what, \"\"really\"\"\"\r\n\"a\tb\nc\",\"x,y\"\r\n0.33333333333333331,\r\n");
  CHECK(to_tsv(model, {model.index(1, 0), model.index(1, 1)}) ==
        "name\twhat, \"really\"\n0.33333333333333331\t\n");
}
