// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "analysis/sampling.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

core::Problem problem_of(std::int64_t batch, std::int64_t heads, std::int64_t length) {
  core::Problem problem;
  problem.batch = batch;
  problem.heads = heads;
  problem.q_len = problem.kv_len = length;
  return problem;
}

}  // namespace

TEST_CASE("a sample is distinct, sorted, in range, even over heads and holds a last Q block") {
  const auto seed = GENERATE(range(0U, 20U));
  const auto count = GENERATE(1, 2, 31, 64, 100, 500);
  CAPTURE(seed, count);
  const core::Problem problem = problem_of(2, 32, 128 * 100 - 5);
  const auto items = sample_work_items(problem, count, seed);
  REQUIRE(items.size() == static_cast<std::size_t>(count));
  CHECK(std::is_sorted(items.begin(), items.end()));
  CHECK(std::set<core::WorkItem>(items.begin(), items.end()).size() == items.size());
  std::map<std::int64_t, std::int64_t> per_head;
  for (const core::WorkItem& item : items) {
    CHECK((item.batch >= 0 && item.batch < 2 && item.head >= 0 && item.head < 32));
    CHECK((item.q_block >= 0 && item.q_block < 100));
    ++per_head[item.head];
  }
  for (const auto& [head, visits] : per_head) {
    CHECK((visits == count / 32 || visits == count / 32 + 1));
  }
  CHECK(per_head.size() == static_cast<std::size_t>(std::min(count, 32)));
  CHECK(std::any_of(items.begin(), items.end(), [](auto item) { return item.q_block == 99; }));
}

TEST_CASE("a head's sample spreads over its positions") {
  const auto items = sample_work_items(problem_of(1, 4, 128 * 1000), 40, 7);
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(items[i].q_block / 100 == static_cast<std::int64_t>(i % 10));
  }
}

TEST_CASE("the same seed gives the same sample, another seed another") {
  const core::Problem problem = problem_of(1, 8, 128 * 64);
  CHECK(sample_work_items(problem, 16, 42) == sample_work_items(problem, 16, 42));
  CHECK(sample_work_items(problem, 16, 42) != sample_work_items(problem, 16, 43));
}

TEST_CASE("over many seeds every Q block has its chance") {
  const core::Problem problem = problem_of(1, 2, 128 * 8);
  std::set<core::WorkItem> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (const core::WorkItem& item : sample_work_items(problem, 3, seed)) seen.insert(item);
  }
  CHECK(seen.size() == 16);
}

TEST_CASE("all Q blocks are taken where there are no more, none where none is asked for") {
  const core::Problem problem = problem_of(2, 3, 300);
  const auto all = core::all_work_items(problem);
  CHECK(all.size() == 18);
  CHECK(sample_work_items(problem, 18, 1) == all);
  CHECK(sample_work_items(problem, 1000, 1) == all);
  CHECK(sample_work_items(problem, 17, 1).size() == 17);
  CHECK(sample_work_items(problem, 0, 1).empty());
  CHECK(sample_work_items(problem, -5, 1).empty());
}

}  // namespace bsfa::analysis
