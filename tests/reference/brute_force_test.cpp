// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "core/work.h"
#include "tests/reference/compare.h"

using namespace bsfa;
using namespace bsfa::tests;

TEST_CASE("random problems give what brute force gives") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 24)));
  CAPTURE(seed);
  core::SplitMix64 random(seed);
  const Case c = gaussian_case(random_problem(random, 300), seed, 1.0 + 2.0 * random.uniform());
  CAPTURE(c.problem);
  const reference::Attention attention(c.problem, c.inputs());

  const auto items = core::all_work_items(c.problem);
  const core::WorkItem item = items[random.below(items.size())];
  const auto statistics = attention.statistics(item);
  const std::vector<std::vector<core::TileCode>> masks = {
      reference::gate(c.problem, statistics, nullptr), random_mask(c.problem, item, random),
      random_mask(c.problem, item, random)};
  const auto evaluation = attention.evaluate(item, masks, false);

  require_same_statistics(c, statistics, brute_force_statistics(c.problem, c.inputs(), item));
  require_same_statistics(c, evaluation.statistics,
                          brute_force_statistics(c.problem, c.inputs(), item));
  require_same_output(c, evaluation.dense,
                      brute_force_output(c.problem, c.inputs(), item, masks[0]));
  for (std::size_t i = 0; i < masks.size(); ++i) {
    require_same_output(c, evaluation.masked[i],
                        brute_force_output(c.problem, c.inputs(), item, masks[i]));
  }
}
