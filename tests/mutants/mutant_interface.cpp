// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/mutant_interface.h"

#include <cstdio>
#include <new>

namespace bsfa::test {
namespace {

/// What is not supported about a problem; null where all is.
const char* limit_of(const bsfa_problem& p) {
  if (p.operation != BSFA_FORWARD) return "only the forward operation";
  if (p.head_dim != 64 && p.head_dim != 128) return "head dimension must be 64 or 128";
  if (p.v_head_dim != 0 && p.v_head_dim != p.head_dim) return "V must be as wide as Q";
  if (p.dtype_q != BSFA_FLOAT16 && p.dtype_q != BSFA_BFLOAT16) return "only fp16 and bf16";
  if (p.dtype_k != p.dtype_q || p.dtype_v != p.dtype_q || p.dtype_o != p.dtype_q) {
    return "Q, K, V and O must have one dtype";
  }
  if (p.gate_kind != BSFA_GATE_OFF && p.gate_kind != BSFA_GATE_ABSOLUTE) {
    return "gate must be off or absolute";
  }
  if (p.gate_vote != BSFA_VOTE_TILE || p.mask_encoding != BSFA_MASK_BYTES) {
    return "one decision for a tile, a byte for each";
  }
  if (p.gate_q_block > 128 || (p.gate_k_block != 64 && p.gate_k_block != 128)) {
    return "gate must be 128x64, 64x64 or 128x128";
  }
  if (p.features != 0) return "plain batched attention only";
  if (p.instrumentation > BSFA_INSTRUMENT_MASK) return "no work records";
  return nullptr;
}

bsfa_status supports(const bsfa_kernel*, const bsfa_problem* problem, char* error,
                     std::size_t size) {
  bsfa_problem own;
  if (!read(problem, &own)) return refuse(BSFA_UNSUPPORTED, "an unknown field is set", error, size);
  const char* limit = limit_of(own);
  return limit == nullptr ? BSFA_OK : refuse(BSFA_UNSUPPORTED, limit, error, size);
}

bsfa_status make_plan(const bsfa_kernel* kernel, const bsfa_problem* problem, bsfa_plan** plan,
                      char* error, std::size_t size) {
  const bsfa_status status = supports(kernel, problem, error, size);
  if (status != BSFA_OK) return status;
  auto* own = new (std::nothrow) MutantPlan{};
  if (own == nullptr) return refuse(BSFA_OUT_OF_MEMORY, "no memory for a plan", error, size);
  read(problem, &own->problem);
  own->mutation = static_cast<const MutationInfo*>(kernel->state)->mutation;
  *plan = reinterpret_cast<bsfa_plan*>(own);
  return BSFA_OK;
}

void destroy(bsfa_plan* plan) {
  delete &MutantPlan::of(plan);
}

}  // namespace

bsfa_status refuse(bsfa_status status, const char* text, char* error, std::size_t error_size) {
  if (error != nullptr) std::snprintf(error, error_size, "%s", text);
  return status;
}

std::int64_t item_count(const MutantPlan& plan, const bsfa_arguments& arguments) {
  const bsfa_problem& p = plan.problem;
  const std::int64_t q_blocks = (p.q_len + p.gate_q_block - 1) / p.gate_q_block;
  const std::int64_t items =
      arguments.work_items != nullptr ? arguments.work_item_count : p.batch * p.heads * q_blocks;
  return plan.mutation == Mutation::kLastWorkItemDropped ? items - 1 : items;
}

bool next_run_is_reversed(const MutantPlan& plan) {
  static int runs = 0;
  return plan.mutation == Mutation::kOrderChangesBetweenRuns && ++runs % 2 == 0;
}

bsfa_kernel mutant_table_of(const MutationInfo& info) {
  bsfa_kernel table{};
  table.size = sizeof table;
  table.version = BSFA_ABI_VERSION;
  table.name = info.name;
  table.description = info.description;
  table.instrumentation = BSFA_INSTRUMENT_MASK;
  table.state = const_cast<MutationInfo*>(&info);
  table.supports = supports;
  table.plan = make_plan;
  table.destroy = destroy;
  return table;
}

}  // namespace bsfa::test
