// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <catch2/catch.hpp>

#include "tests/mutants/blame.h"
#include "tests/mutants/mutant_kernel.h"

using namespace bsfa;
using namespace bsfa::test;

TEST_CASE("no mutant is left out") {
  // Shows only where a list of work items is given; mutant_ways_test.cpp does.
  std::set<Mutation> judged = {Mutation::kNone, Mutation::kLastWorkItemDropped};
  const auto add = [&judged](const auto& rows) {
    for (const BlameRow& row : rows) judged.insert(row.mutation);
  };
  add(gate_rows());
  add(arithmetic_rows());
  add(score_rows());
  add(contract_rows());
  add(equivalent_rows());
  for (const MutationInfo& info : mutations()) {
    INFO(info.name);
    CHECK(judged.count(info.mutation) == 1);
    CHECK(&info_of(info.mutation) == &info);
  }
}

TEST_CASE("a wrong gate is caught, with a mask as gating, without one as arithmetic") {
  require_blame(gate_rows(), mutant_kernel);
}

TEST_CASE("wrong softmax, accumulation or LSE is caught as arithmetic") {
  require_blame(arithmetic_rows(), mutant_kernel);
}

TEST_CASE("wrong scores are caught as gating and arithmetic") {
  require_blame(score_rows(), mutant_kernel);
}

TEST_CASE("a broken contract is caught whatever the numbers say") {
  require_blame(contract_rows(), mutant_kernel);
}

TEST_CASE("a difference that changes no result passes") {
  require_blame(equivalent_rows(), mutant_kernel);
}
