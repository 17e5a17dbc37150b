// SPDX-License-Identifier: Apache-2.0
// What bsfa bench is made of, on a device.
#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "analysis/density_thresholds.h"
#include "analysis/timing.h"
#include "core/tile_geometry.h"
#include "kernels/host/nvml.h"
#include "kernels/host/timed_run.h"
#include "tests/kernels/tested.h"

using namespace bsfa;

namespace {

test::Inputs some_heads() {
  auto p = test::problem(1900, 2100, 128);
  p.heads = 4;
  p.kv_heads = 2;
  return test::gaussian(p, 41);
}

std::vector<float> tile_max_of(kernels::TimedProblem& problem) {
  kernels::TimedRun run(test::tested_kernel(), problem, nullptr, BSFA_INSTRUMENT_MASK);
  return run.gating().tile_max;
}

}  // namespace

TEST_CASE("a density asked for is kept to within half a tile in every Q block", "[small]") {
  const auto inputs = some_heads();
  kernels::TimedProblem problem(kernels::memory_for(test::tested_kernel()), inputs.problem,
                                inputs.views(), {});
  const std::vector<double> shares = {1.0, 0.5, 0.25, 0.125, 0.0};
  const auto tables =
      analysis::thresholds_keeping_shares(inputs.problem, tile_max_of(problem), shares);
  const core::TileGeometry geometry(inputs.problem);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    kernels::TimedRun run(test::tested_kernel(), problem, &tables[i], BSFA_INSTRUMENT_MASK);
    const auto mask = run.gating().mask;
    double worst = 0.0;
    std::int64_t blocks = 0, tiles = 0;
    for (std::int64_t row = 0; row < inputs.problem.heads * geometry.q_blocks(); ++row) {
      const auto first = mask.begin() + row * geometry.k_blocks();
      const auto kept = std::count(first, first + geometry.k_blocks(), BSFA_TILE_KEPT);
      const auto count = geometry.off_diagonal_count(row % geometry.q_blocks());
      const double off = static_cast<double>(kept) - shares[i] * static_cast<double>(count);
      worst = std::max(worst, std::abs(off));
      ++blocks;
      tiles += count;
    }
    CAPTURE(shares[i]);
    CHECK(worst <= (shares[i] == 0.0 || shares[i] == 1.0 ? 0.0 : 0.5));
    // Every Q block rounds to whole tiles by half a tile at most, and may do so the same way.
    const double rounding = 0.5 * static_cast<double>(blocks) / static_cast<double>(tiles);
    CHECK(analysis::kept_share(inputs.problem, mask) == Approx(shares[i]).margin(rounding));
  }
}

TEST_CASE(
    "variants are timed by the device's clock behind a flushed cache, and skipping is faster") {
  auto p = test::problem(8192, 8192, 128);
  p.heads = 16;
  const auto inputs = test::gaussian(p, 42);
  kernels::TimedProblem problem(kernels::memory_for(test::tested_kernel()), inputs.problem,
                                inputs.views(), {});
  CHECK(problem.flush_bytes() > 0);
  const std::vector<double> shares = {1.0, 0.0};
  const auto tables =
      analysis::thresholds_keeping_shares(inputs.problem, tile_max_of(problem), shares);
  kernels::TimedRun all(test::tested_kernel(), problem, &tables[0], BSFA_INSTRUMENT_NONE);
  kernels::TimedRun none(test::tested_kernel(), problem, &tables[1], BSFA_INSTRUMENT_NONE);
  analysis::StoppingRule rule;
  rule.min_rounds = rule.max_rounds = 5;
  double seconds = 0.0;
  const auto measured = analysis::measure_interleaved(
      2, rule, 0,
      {[&](std::size_t i) { return i == 0 ? all.time() : none.time(); },
       [&] { return seconds += 1.0; },
       {}});
  const double kept = analysis::summarize(measured.times[0]).median;
  const double skipped = analysis::summarize(measured.times[1]).median;
  CAPTURE(kept, skipped);
  CHECK(skipped > 0.0);
  CHECK(kept > skipped);
}

TEST_CASE("the management library knows the device that kernels run on", "[small]") {
  const auto memory = kernels::memory_for(test::tested_kernel());
  const kernels::Nvml nvml(memory->pci_bus_id());
  CAPTURE(memory->pci_bus_id());
  REQUIRE(nvml.refusal() == "");
  CHECK(nvml.driver() == memory->driver());
  CHECK(nvml.read().sm_clock_mhz.value_or(0) > 0);
}
