// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_problem.h"

namespace bsfa::test {
namespace {

std::int64_t up_to(core::SplitMix64& random, std::int64_t largest) {
  return 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(largest)));
}

}  // namespace

core::Problem random_problem(core::SplitMix64& random, std::int64_t longest) {
  const core::GateShape gates[] = {{128, 64}, {64, 64}, {128, 128}};
  core::Problem p;
  p.batch = up_to(random, 2);
  p.kv_heads = up_to(random, 2);
  p.heads = p.kv_heads * (std::int64_t{1} << random.below(3));
  p.kv_len = up_to(random, longest);
  p.q_len = random.below(2) == 0 ? p.kv_len : up_to(random, p.kv_len);
  p.head_dim = random.below(2) == 0 ? 64 : 128;
  p.dtype = random.below(2) == 0 ? core::Dtype::kFloat16 : core::Dtype::kBfloat16;
  p.causal = random.below(3) != 0;
  p.gate = gates[random.below(3)];
  p.scale = random.below(2) == 0 ? 0.0F : static_cast<float>(0.05 + random.uniform());
  return core::with_default_scale(p);
}

}  // namespace bsfa::test
