// SPDX-License-Identifier: Apache-2.0
#include "tests/support/quantile.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>

#include "core/tile_geometry.h"
#include "core/work.h"
#include "reference/attention.h"

namespace bsfa::test {
namespace {

float quantile(std::vector<double> values, double density, Placement placement) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::sort(values.begin(), values.end(), std::greater<>());
  const auto kept =
      static_cast<std::size_t>(std::lround(density * static_cast<double>(values.size())));
  if (kept >= values.size()) return -kInfinity;
  if (kept == 0) return kInfinity;
  if (placement == Placement::kOnValue) return static_cast<float>(values[kept - 1]);
  return static_cast<float>((values[kept - 1] + values[kept]) / 2);
}

}  // namespace

core::Thresholds quantile_thresholds(const io::GeneratedAttention& data, double density,
                                     Placement placement) {
  const core::Problem& problem = data.problem;
  const core::TileGeometry geometry(problem);
  const std::int64_t blocks = geometry.position(geometry.q_blocks() - 1) / problem.gate.q_block + 1;
  std::vector<std::vector<double>> maxima(static_cast<std::size_t>(problem.heads * blocks));

  const reference::Attention attention(problem, data.inputs());
  const auto items = core::all_work_items(problem);
  std::mutex one_at_a_time;
  reference::for_each_item(problem, items, {}, [&](std::size_t, const core::WorkItem& item) {
    const auto statistics = attention.statistics(item, false);
    const std::int64_t cell = item.head * blocks + geometry.threshold_index(item.q_block, blocks);
    const std::lock_guard lock(one_at_a_time);
    for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
      const double value = statistics.tile_max[static_cast<std::size_t>(n)];
      if (geometry.place(item.q_block, n) == core::TilePlace::kOffDiagonal &&
          std::isfinite(value)) {
        maxima[static_cast<std::size_t>(cell)].push_back(value);
      }
    }
  });

  core::Thresholds thresholds{problem.heads, blocks, problem.gate, {}};
  for (const auto& values : maxima) thresholds.tau.push_back(quantile(values, density, placement));
  return thresholds;
}

}  // namespace bsfa::test
