// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/mutation.h"

namespace bsfa::test {

/// What lies behind bsfa_plan in a library of mutants.
struct MutantPlan {
  bsfa_problem problem;
  Mutation mutation;

  static MutantPlan& of(bsfa_plan* plan) { return *reinterpret_cast<MutantPlan*>(plan); }
  static const MutantPlan& of(const bsfa_plan* plan) {
    return *reinterpret_cast<const MutantPlan*>(plan);
  }
};

bsfa_status refuse(bsfa_status status, const char* text, char* error, std::size_t error_size);

/// A struct of any version of the interface as ours: absent fields read as zero, fields that we do
/// not know must be zero.
template <typename Struct>
bool read(const Struct* given, Struct* own) {
  *own = Struct{};
  std::memcpy(static_cast<void*>(own), given, std::min<std::size_t>(given->size, sizeof(Struct)));
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  return std::all_of(bytes + std::min<std::size_t>(given->size, sizeof(Struct)),
                     bytes + given->size, [](unsigned char byte) { return byte == 0; });
}

/// Work items of a run; the last one may be dropped by mistake.
std::int64_t item_count(const MutantPlan& plan, const bsfa_arguments& arguments);

/// Whether this run visits tiles in reverse. Counted over all plans of the process, since a caller
/// may well make one plan for each run.
bool next_run_is_reversed(const MutantPlan& plan);

/// Where a library of mutants differs from another.
struct MutantBackend {
  bsfa_memory_space memory_space;
  std::uint64_t (*workspace_bytes)(const bsfa_problem& problem);
  /// `arguments` has been read, `reverse` and the count of items decided.
  bsfa_status (*run)(const MutantPlan& plan, const bsfa_arguments& arguments, bool reverse,
                     std::int64_t items, char* error, std::size_t error_size);
};

/// A table of kernels, one for each mutation, that a backend computes.
template <const MutantBackend& kBackend>
class MutantTables {
 public:
  MutantTables();
  MutantTables(const MutantTables&) = delete;
  MutantTables& operator=(const MutantTables&) = delete;

  const bsfa_library& library() const { return library_; }
  const bsfa_kernel& kernel(Mutation mutation) const {
    return kernels_[static_cast<std::size_t>(mutation)];
  }

 private:
  static bsfa_status describe(const bsfa_plan* plan, bsfa_plan_info* info, char*, std::size_t) {
    const bsfa_problem& problem = MutantPlan::of(plan).problem;
    bsfa_plan_info own{};
    own.size = info->size;
    own.version = BSFA_ABI_VERSION;
    own.workspace_bytes = kBackend.workspace_bytes(problem);
    own.workspace_alignment = 256;
    own.compute_q_block = problem.gate_q_block;
    own.compute_k_block = problem.gate_k_block;
    own.threads_per_cta = 1;
    own.ctas = 1;
    std::memcpy(static_cast<void*>(info), &own, std::min<std::size_t>(info->size, sizeof own));
    return BSFA_OK;
  }

  static bsfa_status enqueue(bsfa_plan* plan, const bsfa_arguments* arguments, char* error,
                             std::size_t error_size) {
    const MutantPlan& own_plan = MutantPlan::of(plan);
    bsfa_arguments own;
    if (!read(arguments, &own)) {
      return refuse(BSFA_UNSUPPORTED, "an unknown field is set", error, error_size);
    }
    return kBackend.run(own_plan, own, next_run_is_reversed(own_plan), item_count(own_plan, own),
                        error, error_size);
  }

  std::vector<bsfa_kernel> kernels_;
  std::vector<const bsfa_kernel*> pointers_;
  bsfa_library library_{};
};

/// A kernel's table with everything but describe and enqueue, which are the backend's.
bsfa_kernel mutant_table_of(const MutationInfo& info);

template <const MutantBackend& kBackend>
MutantTables<kBackend>::MutantTables() {
  for (const MutationInfo& info : mutations()) {
    kernels_.push_back(mutant_table_of(info));
    kernels_.back().memory_space = kBackend.memory_space;
    kernels_.back().describe = describe;
    kernels_.back().enqueue = enqueue;
  }
  for (const bsfa_kernel& kernel : kernels_) pointers_.push_back(&kernel);
  library_.size = sizeof library_;
  library_.version = BSFA_ABI_VERSION;
  library_.name = "mutants";
  library_.build = "1";
  library_.kernel_count = static_cast<std::uint32_t>(pointers_.size());
  library_.kernels = pointers_.data();
}

}  // namespace bsfa::test
