// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "profiler/host/stall_table.h"

using namespace bsfa;
using profiler::StallTable;

TEST_CASE("samples of one line and reason are added up, the most first") {
  StallTable table;
  const StallTable::Place a{"f()", "a.cuh", 3}, b{"f()", "a.cuh", 4};
  table.add(a, "x_issue_stalled_wait", 5);
  table.add(b, "x_issue_stalled_wait", 7);
  table.add(a, "x_issue_stalled_wait", 6);
  table.add(a, "x_issue_stalled_barrier", 1);
  table.add(a, "x_sample_count", 1000);
  table.add(a, "x_issue_stalled_drain", 0);
  const auto lines = table.lines(19);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].line == 3);
  CHECK(lines[0].samples == 11);
  CHECK(lines[1].line == 4);
  CHECK(lines[1].samples == 7);
  CHECK(lines[2].reason == "x_issue_stalled_barrier");
}

TEST_CASE("whether a reason's count includes the samples without an issue is told from the total") {
  StallTable table;
  const StallTable::Place place{"f()", "a.cuh", 3};
  table.add(place, "x_issue_stalled_wait", 10);
  table.add(place, "x_issue_stalled_wait_not_issued", 6);
  table.add(place, "x_issue_stalled_drain_not_issued", 2);
  const auto apart = table.lines(18);
  REQUIRE(apart.size() == 2);
  CHECK(apart[0].reason == "x_issue_stalled_wait");
  CHECK(apart[0].samples == 16);
  CHECK(apart[1].reason == "x_issue_stalled_drain");
  CHECK(apart[1].samples == 2);
  CHECK(table.lines(17).front().samples == 16);
  const auto included = table.lines(11);
  CHECK(included[0].samples == 10);
  CHECK(included[1].samples == 2);
  CHECK(StallTable().lines(0).empty());
}
