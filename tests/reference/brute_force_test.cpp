// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "core/work.h"
#include "tests/reference/compare.h"
#include "tests/support/random_problem.h"

using namespace bsfa;
using namespace bsfa::test;

TEST_CASE("random problems give what brute force gives") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 20)));
  CAPTURE(seed);
  core::SplitMix64 random(seed);
  const Inputs inputs = gaussian(random_problem(random, 300), seed);
  CAPTURE(inputs.problem);
  const reference::Attention attention(inputs.problem, inputs.views());

  const auto items = core::all_work_items(inputs.problem);
  const core::WorkItem item = items[random.below(items.size())];
  const auto statistics = attention.statistics(item);
  const std::vector<std::vector<core::TileCode>> masks = {
      reference::gate(inputs.problem, statistics, nullptr),
      random_mask(inputs.problem, item, random), random_mask(inputs.problem, item, random)};
  const auto evaluation = attention.evaluate(item, masks, false);

  const auto expected = brute_force_statistics(inputs.problem, inputs.views(), item);
  require_same_statistics(inputs, statistics, expected);
  require_same_statistics(inputs, evaluation.statistics, expected);
  const auto dense = brute_force_output(inputs.problem, inputs.views(), item, masks[0]);
  require_same_output(inputs, evaluation.dense, dense);
  require_same_output(inputs, evaluation.masked[0], dense);
  for (std::size_t i = 1; i < masks.size(); ++i) {
    require_same_output(inputs, evaluation.masked[i],
                        brute_force_output(inputs.problem, inputs.views(), item, masks[i]));
  }
}
