// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <numeric>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "core/tile_geometry.h"
#include "core/work.h"
#include "tests/reference/compare.h"
#include "tests/support/half_bits.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

core::Problem long_problem() {
  core::Problem p;
  p.heads = 2;
  p.kv_heads = 1;
  p.q_len = 640;
  p.kv_len = 700;
  p.head_dim = 64;
  return p;
}

template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  return a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

bool same_bits(const core::BlockOutput& a, const core::BlockOutput& b) {
  return same_bits(a.o, b.o) && same_bits(a.lse, b.lse) && same_bits(a.low, b.low) &&
         same_bits(a.retained_mass, b.retained_mass);
}

std::vector<core::BlockEvaluation> evaluate_all(const Inputs& inputs, int threads) {
  const reference::Attention attention(inputs.problem, inputs.views());
  const auto items = core::all_work_items(inputs.problem);
  std::vector<core::BlockEvaluation> results(items.size());
  core::RunControl control;
  control.threads = threads;
  reference::for_each_item(
      inputs.problem, items, control, [&](std::size_t i, const core::WorkItem& item) {
        const auto thresholds = core::Thresholds::constant(2, inputs.problem.gate, 3.5F);
        const auto mask =
            reference::gate(inputs.problem, attention.statistics(item, false), &thresholds);
        results[i] = attention.evaluate(item, {&mask, 1}, true);
      });
  return results;
}

}  // namespace

TEST_CASE("results do not depend on the number of threads, bit for bit") {
  Inputs inputs = gaussian(long_problem(), 17);
  inputs.k[5 * 64] = half_bits(std::nan(""), inputs.problem.dtype);
  const auto alone = evaluate_all(inputs, 1);
  std::int64_t skipped = 0;
  std::int64_t kept = 0;
  for (const auto& e : alone) {
    const auto& mask = e.masked[0].mask;
    skipped += std::count(mask.begin(), mask.end(), core::TileCode::kSkipped);
    kept += std::count(mask.begin(), mask.end(), core::TileCode::kKept);
  }
  REQUIRE(skipped > 0);
  REQUIRE(kept > 0);
  for (const int threads : {2, 5, 0}) {
    const auto together = evaluate_all(inputs, threads);
    REQUIRE(together.size() == alone.size());
    for (std::size_t i = 0; i < alone.size(); ++i) {
      CAPTURE(threads, i);
      REQUIRE(same_bits(alone[i].dense, together[i].dense));
      REQUIRE(same_bits(alone[i].masked[0], together[i].masked[0]));
      REQUIRE(same_bits(alone[i].statistics.tile_mass, together[i].statistics.tile_mass));
    }
  }
}

TEST_CASE("every item is visited once, the costliest first, with progress up to the total") {
  const core::Problem p = core::with_default_scale(long_problem());
  const auto items = core::all_work_items(p);
  const core::TileGeometry geometry(p);
  std::vector<std::int64_t> tiles;
  std::vector<int> visits(items.size());
  std::vector<std::int64_t> progress;
  core::RunControl control;
  control.threads = 1;
  control.on_progress = [&](std::int64_t done, std::int64_t total) {
    REQUIRE(total == static_cast<std::int64_t>(items.size()));
    progress.push_back(done);
  };
  reference::for_each_item(p, items, control, [&](std::size_t i, const core::WorkItem& item) {
    REQUIRE(item == items[i]);
    ++visits[i];
    tiles.push_back(geometry.visible_k_blocks(item.q_block));
  });
  REQUIRE(std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }));
  REQUIRE(std::is_sorted(tiles.rbegin(), tiles.rend()));
  std::vector<std::int64_t> expected(items.size());
  std::iota(expected.begin(), expected.end(), 1);
  REQUIRE(progress == expected);
}

TEST_CASE("progress comes one call at a time and in order from many threads") {
  const core::Problem p = core::with_default_scale(long_problem());
  const std::vector<core::WorkItem> items(500);
  std::atomic<int> inside{0};
  std::int64_t last = 0;
  bool ordered = true;
  core::RunControl control;
  control.on_progress = [&](std::int64_t done, std::int64_t) {
    ordered = ordered && ++inside == 1 && done == last + 1;
    last = done;
    --inside;
  };
  reference::for_each_item(p, items, control, [](std::size_t, const core::WorkItem&) {});
  REQUIRE(ordered);
  REQUIRE(last == 500);
}

TEST_CASE("a request to stop is obeyed before the next item, and said") {
  const core::Problem p = core::with_default_scale(long_problem());
  const std::vector<core::WorkItem> items(100);
  std::atomic<bool> cancel{false};
  std::atomic<int> visits{0};
  core::RunControl control;
  control.cancel = &cancel;
  const auto visit = [&](std::size_t, const core::WorkItem&) {
    if (++visits == 10) cancel = true;
  };
  REQUIRE_THROWS_AS(reference::for_each_item(p, items, control, visit), core::Interrupted);
  REQUIRE(visits < 100);
}

TEST_CASE("the first exception stops the work and reaches the caller unchanged") {
  const core::Problem p = core::with_default_scale(long_problem());
  const std::vector<core::WorkItem> items(1000);
  const int threads = GENERATE(1, 2);
  std::atomic<int> visits{0};
  core::RunControl control;
  control.threads = threads;
  const auto visit = [&](std::size_t, const core::WorkItem&) {
    if (++visits == 3) throw std::out_of_range("the third");
  };
  REQUIRE_THROWS_WITH(reference::for_each_item(p, items, control, visit), "the third");
  REQUIRE(visits < 1000);
}

TEST_CASE("an empty list of items is no work") {
  const core::Problem p = core::with_default_scale(long_problem());
  int visits = 0;
  reference::for_each_item(p, {}, {}, [&](std::size_t, const core::WorkItem&) { ++visits; });
  REQUIRE(visits == 0);
}
