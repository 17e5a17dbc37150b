// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/mutant_library.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "tests/mutants/plain_attention.h"

namespace {

struct MutantPlan {
  bsfa_problem problem;
  bsfa::test::Mutation mutation;
};

MutantPlan* plan_of(bsfa_plan* plan) {
  return reinterpret_cast<MutantPlan*>(plan);
}

bsfa_status refuse(bsfa_status status, const char* text, char* error, size_t error_size) {
  if (error != nullptr) std::snprintf(error, error_size, "%s", text);
  return status;
}

/// A struct of any version of the interface as ours: absent fields read as zero, fields that we do
/// not know must be zero.
template <typename Struct>
bool read(const Struct* given, Struct* own) {
  *own = Struct{};
  std::memcpy(static_cast<void*>(own), given, std::min<size_t>(given->size, sizeof(Struct)));
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  return std::all_of(bytes + std::min<size_t>(given->size, sizeof(Struct)), bytes + given->size,
                     [](unsigned char byte) { return byte == 0; });
}

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

bsfa_status supports(const bsfa_kernel*, const bsfa_problem* problem, char* error, size_t size) {
  bsfa_problem own;
  if (!read(problem, &own)) return refuse(BSFA_UNSUPPORTED, "an unknown field is set", error, size);
  const char* limit = limit_of(own);
  return limit == nullptr ? BSFA_OK : refuse(BSFA_UNSUPPORTED, limit, error, size);
}

bsfa_status make_plan(const bsfa_kernel* kernel, const bsfa_problem* problem, bsfa_plan** plan,
                      char* error, size_t size) {
  const bsfa_status status = supports(kernel, problem, error, size);
  if (status != BSFA_OK) return status;
  auto* own = new (std::nothrow) MutantPlan{};
  if (own == nullptr) return refuse(BSFA_OUT_OF_MEMORY, "no memory for a plan", error, size);
  read(problem, &own->problem);
  own->mutation = static_cast<const bsfa::test::MutationInfo*>(kernel->state)->mutation;
  *plan = reinterpret_cast<bsfa_plan*>(own);
  return BSFA_OK;
}

bsfa_status describe(const bsfa_plan* plan, bsfa_plan_info* info, char*, size_t) {
  const auto& problem = reinterpret_cast<const MutantPlan*>(plan)->problem;
  bsfa_plan_info own{};
  own.size = info->size;
  own.version = BSFA_ABI_VERSION;
  own.workspace_alignment = 1;
  own.compute_q_block = problem.gate_q_block;
  own.compute_k_block = problem.gate_k_block;
  own.threads_per_cta = 1;
  own.ctas = 1;
  std::memcpy(static_cast<void*>(info), &own, std::min<size_t>(info->size, sizeof own));
  return BSFA_OK;
}

std::vector<bsfa_work_item> items_of(const bsfa_problem& p, const bsfa_arguments& arguments) {
  std::vector<bsfa_work_item> items;
  if (arguments.work_items != nullptr) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(arguments.work_items);
    for (int64_t i = 0; i < arguments.work_item_count; ++i) {
      std::memcpy(&items.emplace_back(), bytes + static_cast<size_t>(i) * arguments.work_item_size,
                  std::min<size_t>(arguments.work_item_size, sizeof(bsfa_work_item)));
    }
    return items;
  }
  const int64_t q_blocks = (p.q_len + p.gate_q_block - 1) / p.gate_q_block;
  for (int64_t i = 0; i < p.batch * p.heads * q_blocks; ++i) {
    items.push_back({static_cast<int32_t>(i / q_blocks / p.heads),
                     static_cast<int32_t>(i / q_blocks % p.heads),
                     static_cast<int32_t>(i % q_blocks), 0, 0});
  }
  return items;
}

void run(MutantPlan& plan, const bsfa_arguments& arguments) {
  using bsfa::test::Mutation;
  std::vector<bsfa_work_item> items = items_of(plan.problem, arguments);
  if (plan.mutation == Mutation::kLastWorkItemDropped) items.pop_back();
  // Runs are counted over all plans, since a caller may well make one plan for each.
  static int runs = 0;
  const bool reverse = plan.mutation == Mutation::kOrderChangesBetweenRuns && ++runs % 2 == 0;
  const auto attention =
      std::make_unique<bsfa::test::PlainAttention>(plan.problem, arguments, plan.mutation, reverse);
  for (const bsfa_work_item& item : items) attention->compute(item.batch, item.head, item.q_block);
}

bsfa_status enqueue(bsfa_plan* plan, const bsfa_arguments* arguments, char* error, size_t size) {
  bsfa_arguments own;
  if (!read(arguments, &own)) {
    return refuse(BSFA_UNSUPPORTED, "an unknown field is set", error, size);
  }
  try {
    run(*plan_of(plan), own);
  } catch (const std::bad_alloc&) {
    return refuse(BSFA_OUT_OF_MEMORY, "no memory for tiles", error, size);
  }
  return BSFA_OK;
}

void destroy(bsfa_plan* plan) {
  delete plan_of(plan);
}

bsfa_kernel table_of(const bsfa::test::MutationInfo& info) {
  bsfa_kernel table{};
  table.size = sizeof table;
  table.version = BSFA_ABI_VERSION;
  table.name = info.name;
  table.description = info.description;
  table.memory_space = BSFA_HOST;
  table.instrumentation = BSFA_INSTRUMENT_MASK;
  table.state = const_cast<bsfa::test::MutationInfo*>(&info);
  table.supports = supports;
  table.plan = make_plan;
  table.describe = describe;
  table.enqueue = enqueue;
  table.destroy = destroy;
  return table;
}

struct Tables {
  std::vector<bsfa_kernel> kernels;
  std::vector<const bsfa_kernel*> pointers;
  bsfa_library library{};

  Tables() {
    for (const auto& info : bsfa::test::mutations()) kernels.push_back(table_of(info));
    for (const auto& kernel : kernels) pointers.push_back(&kernel);
    library.size = sizeof library;
    library.version = BSFA_ABI_VERSION;
    library.name = "mutants";
    library.build = "1";
    library.kernel_count = static_cast<uint32_t>(pointers.size());
    library.kernels = pointers.data();
  }
};

const Tables& tables() {
  static const Tables instance;
  return instance;
}

}  // namespace

namespace bsfa::test {

const bsfa_library& mutant_library() {
  return tables().library;
}

const bsfa_kernel& mutant_table(Mutation mutation) {
  return tables().kernels[static_cast<std::size_t>(mutation)];
}

}  // namespace bsfa::test
