// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/limits.h"

#include <cstdint>
#include <cstring>

#include "kernels/common/checks.h"
#include "kernels/common/versioned_struct.h"

namespace bsfa::kernels::cpu {
namespace {

constexpr std::uintptr_t kWorkspaceAlignment = 64;

/// Why the kernel does not do this, nullptr where it does.
const char* unsupported(const bsfa_problem& p) {
  if (p.operation != BSFA_FORWARD) return "only the forward operation";
  if (p.head_dim != 64 && p.head_dim != 128) return "head_dim must be 64 or 128";
  if (p.v_head_dim != 0 && p.v_head_dim != p.head_dim) return "v_head_dim must equal head_dim";
  if (!one_half_dtype(p)) return "q, k, v and o must all be fp16 or all bf16";
  if (!is_gate(p.gate_q_block, p.gate_k_block)) return "the gate must be 128x64, 64x64 or 128x128";
  if (p.gate_kind == BSFA_GATE_RELATIVE || p.gate_kind > BSFA_GATE_MASK) {
    return "only an absolute threshold or a given mask can gate";
  }
  if (p.gate_vote != BSFA_VOTE_TILE || p.gate_row_group != 0) return "only one vote per tile";
  if (p.mask_encoding != BSFA_MASK_BYTES) return "masks must be bytes";
  if (p.instrumentation > BSFA_INSTRUMENT_WORK) return "no records per warp";
  if (p.features != 0 || p.page_size != 0) {
    return "no sequence lengths, query positions, page tables or K ranges";
  }
  return nullptr;
}

const char* unsupported(const bsfa_arguments& a) {
  if (a.tile_mass.data != nullptr || a.tile_mass_max.data != nullptr) return "no tile masses";
  return unsupported_arguments(a);
}

const char* invalid_items(const Launch& launch) {
  const auto& [problem, arguments] = launch;
  if (problem.max_work_items == 0) return nullptr;
  const auto* bytes = reinterpret_cast<const unsigned char*>(arguments.work_items);
  for (std::int64_t i = 0; i < arguments.work_item_count; ++i) {
    bsfa_work_item item;
    std::memcpy(&item, bytes + static_cast<std::uint64_t>(i) * arguments.work_item_size,
                sizeof(item));
    if (item.batch < 0 || item.batch >= problem.batch || item.head < 0 ||
        item.head >= problem.heads || item.q_block < 0 || item.q_block >= launch.q_blocks()) {
      return "a work item lies outside the problem";
    }
    if (item.k_block_begin != 0 || item.k_block_end != 0) return "no K ranges in work items";
  }
  return nullptr;
}

const char* invalid(const Launch& launch) {
  const auto& [problem, a] = launch;
  if (const char* text = invalid_arguments(problem, a)) return text;
  if (a.workspace == nullptr ||
      reinterpret_cast<std::uintptr_t>(a.workspace) % kWorkspaceAlignment != 0) {
    return "the workspace is missing or misaligned";
  }
  return invalid_items(launch);
}

}  // namespace

bsfa_status check_problem(const bsfa_problem& problem, char* error, std::size_t size) noexcept {
  if (const char* text = unsupported(problem)) return answer(BSFA_UNSUPPORTED, text, error, size);
  if (const char* text = invalid_problem(problem))
    return answer(BSFA_INVALID_ARGUMENT, text, error, size);
  return BSFA_OK;
}

bsfa_status check_arguments(const Launch& launch, char* error, std::size_t size) noexcept {
  if (const char* text = unsupported(launch.arguments)) {
    return answer(BSFA_UNSUPPORTED, text, error, size);
  }
  if (const char* text = invalid(launch)) return answer(BSFA_INVALID_ARGUMENT, text, error, size);
  return BSFA_OK;
}

}  // namespace bsfa::kernels::cpu
