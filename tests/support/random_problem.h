// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/problem.h"
#include "core/random.h"

namespace bsfa::test {

/// A problem of up to `longest` tokens with every other choice drawn at random, its scale set.
core::Problem random_problem(core::SplitMix64& random, std::int64_t longest);

}  // namespace bsfa::test
