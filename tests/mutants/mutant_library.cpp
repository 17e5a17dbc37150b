// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/mutant_library.h"

#include <memory>
#include <new>

#include "tests/mutants/mutant_interface.h"
#include "tests/mutants/plain_attention.h"
#include "tests/mutants/plain_items.h"

namespace bsfa::test {

extern template class PlainAttention<HostTeam>;

namespace {

bsfa_status run(const MutantPlan& plan, const bsfa_arguments& arguments, bool reverse,
                std::int64_t items, char* error, std::size_t error_size) {
  const std::unique_ptr<PlainTiles> tiles(new (std::nothrow) PlainTiles);
  if (tiles == nullptr) return refuse(BSFA_OUT_OF_MEMORY, "no memory for tiles", error, error_size);
  PlainAttention<HostTeam> attention(plan.problem, arguments, plan.mutation, reverse, *tiles);
  for (std::int64_t i = 0; i < items; ++i) {
    const bsfa_work_item item = plain_item(plan.problem, arguments, i);
    attention.compute(item.batch, item.head, item.q_block);
  }
  return BSFA_OK;
}

std::uint64_t no_workspace(const bsfa_problem&) {
  return 0;
}

constexpr MutantBackend kHostBackend = {BSFA_HOST, no_workspace, run};

const MutantTables<kHostBackend>& tables() {
  static const MutantTables<kHostBackend> instance;
  return instance;
}

}  // namespace

const bsfa_library& mutant_library() {
  return tables().library();
}

const bsfa_kernel& mutant_table(Mutation mutation) {
  return tables().kernel(mutation);
}

}  // namespace bsfa::test
