// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/traces/support.h"
#include "traces/reader.h"

namespace bsfa::traces::test {
namespace {

/// tile_max of 131072 tokens and 32 heads; every mantissa bit is noise, so nothing compresses less.
Sequence long_sequence() {
  constexpr std::int64_t kTokens = 131072, kHeads = 32;
  Sequence s;
  s.problem = problem_of(kHeads, 1, 1);
  s.problem.q_len = s.problem.kv_len = kTokens;
  s.shape = {kHeads, kTokens / 128, kTokens / 64};
  for (std::int64_t m = 0; m < s.shape.rows; ++m) s.q_blocks.push_back(m);
  core::SplitMix64 random(1);
  s.tile_max.emplace(static_cast<std::size_t>(s.shape.tiles()));
  for (float& score : *s.tile_max) score = static_cast<float>(16.0 * random.uniform() - 12.0);
  return s;
}

TEST_CASE("one head of 1024 by 2048 tiles out of 32 opens within its budget") {
  constexpr std::chrono::milliseconds kBudget{40};
  constexpr int kBusyMachine = 3;  // tests run beside one another; the benchmark has no such excuse
  const Folder folder;
  write_trace(folder / "t.h5", long_sequence());
  std::vector<std::chrono::nanoseconds> times;
  for (std::int64_t run = 0; run < 15; ++run) {
    const auto start = std::chrono::steady_clock::now();
    const TraceReader reader(folder / "t.h5");
    const auto head = reader.head(0, 0, TileField::kTileMax, 2 * run);
    times.push_back(std::chrono::steady_clock::now() - start);
    REQUIRE(head->size() == 1024 * 2048);
    CHECK(reader.chunk_bytes_read() < 1024 * 2048 * 4 + 20'000);
  }
  std::nth_element(times.begin(), times.begin() + 7, times.end());
  const auto median = std::chrono::duration_cast<std::chrono::microseconds>(times[7]);
  CAPTURE(median.count());
  CHECK(median < kBusyMachine * kBudget);
}

}  // namespace
}  // namespace bsfa::traces::test
