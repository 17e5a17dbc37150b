// SPDX-License-Identifier: Apache-2.0
#include "analysis/sampling.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/random.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

std::int64_t below(core::SplitMix64& random, std::int64_t bound) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound)));
}

/// `count` dealt out to `places` as evenly as it goes; chance says who gets one more.
std::vector<std::int64_t> deal(std::int64_t count, std::int64_t places, core::SplitMix64& random) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(places));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t i = order.size(); i > 1; --i) {
    const auto other = static_cast<std::size_t>(below(random, static_cast<std::int64_t>(i)));
    std::swap(order[i - 1], order[other]);
  }
  std::vector<std::int64_t> dealt(order.size(), count / places);
  for (std::int64_t i = 0; i < count % places; ++i) {
    ++dealt[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])];
  }
  return dealt;
}

}  // namespace

std::vector<core::WorkItem> sample_work_items(const core::Problem& problem, std::int64_t count,
                                              std::uint64_t seed) {
  const std::int64_t q_blocks = core::TileGeometry(problem).q_blocks();
  if (count >= problem.batch * problem.heads * q_blocks) return core::all_work_items(problem);
  if (count <= 0) return {};

  core::SplitMix64 random(seed);
  std::vector<core::WorkItem> items;
  std::vector<std::size_t> last_strata;
  const std::vector<std::int64_t> per_head = deal(count, problem.heads, random);
  for (std::int64_t head = 0; head < problem.heads; ++head) {
    const auto share = per_head[static_cast<std::size_t>(head)];
    const std::vector<std::int64_t> per_batch = deal(share, problem.batch, random);
    for (std::int64_t batch = 0; batch < problem.batch; ++batch) {
      // One Q block out of each of `strata` equal stretches: distinct, and early and late alike.
      const std::int64_t strata = per_batch[static_cast<std::size_t>(batch)];
      for (std::int64_t s = 0; s < strata; ++s) {
        const std::int64_t begin = s * q_blocks / strata;
        const std::int64_t end = (s + 1) * q_blocks / strata;
        items.push_back({batch, head, begin + below(random, end - begin)});
        if (s + 1 == strata) last_strata.push_back(items.size() - 1);
      }
    }
  }
  const std::int64_t chosen = below(random, static_cast<std::int64_t>(last_strata.size()));
  items[last_strata[static_cast<std::size_t>(chosen)]].q_block = q_blocks - 1;
  std::sort(items.begin(), items.end());
  return items;
}

}  // namespace bsfa::analysis
