// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/limits.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/common/versioned_struct.h"

namespace bsfa::kernels::cpu {
namespace {

constexpr std::uintptr_t kWorkspaceAlignment = 64;

/// Why the kernel does not do this, nullptr where it does.
const char* unsupported(const bsfa_problem& p) {
  const bool half = p.dtype_q == BSFA_FLOAT16 || p.dtype_q == BSFA_BFLOAT16;
  const bool square = p.gate_q_block == 64 && p.gate_k_block == 64;
  const bool tall = p.gate_q_block == 128 && (p.gate_k_block == 64 || p.gate_k_block == 128);
  if (p.operation != BSFA_FORWARD) return "only the forward operation";
  if (p.head_dim != 64 && p.head_dim != 128) return "head_dim must be 64 or 128";
  if (p.v_head_dim != 0 && p.v_head_dim != p.head_dim) return "v_head_dim must equal head_dim";
  if (!half || p.dtype_k != p.dtype_q || p.dtype_v != p.dtype_q || p.dtype_o != p.dtype_q) {
    return "q, k, v and o must all be fp16 or all bf16";
  }
  if (!square && !tall) return "the gate must be 128x64, 64x64 or 128x128";
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

const char* invalid(const bsfa_problem& p) {
  constexpr std::int64_t kLongest = std::int64_t{1} << 31;
  if (p.batch < 1 || p.heads < 1 || p.kv_heads < 1 || p.batch > kLongest || p.heads > kLongest) {
    return "batch, heads and kv_heads must be 1 to 2^31";
  }
  if (p.heads % p.kv_heads != 0) return "heads must be a multiple of kv_heads";
  if (p.q_len < 1 || p.q_len > p.kv_len || p.kv_len > kLongest) {
    return "lengths must satisfy 1 <= q_len <= kv_len <= 2^31";
  }
  if (!std::isfinite(p.scale) || p.scale <= 0.0F) return "scale must be finite and positive";
  if (p.max_work_items < 0 || p.max_workers < 0) return "a count is negative";
  return nullptr;
}

bool rows_contiguous(const bsfa_tensor& tensor) {
  return tensor.stride[3] == 0 || tensor.stride[3] == 1;
}

const char* invalid_items(const Launch& launch) {
  const auto& [problem, arguments] = launch;
  if (problem.max_work_items == 0) {
    return arguments.work_items != nullptr ? "the plan was made without a work list" : nullptr;
  }
  if (arguments.work_items == nullptr || arguments.work_item_count < 0 ||
      arguments.work_item_count > problem.max_work_items ||
      arguments.work_item_size < sizeof(bsfa_work_item)) {
    return "the work list is missing, too long or of too small items";
  }
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
  if (a.q.data == nullptr || a.k.data == nullptr || a.v.data == nullptr) {
    return "q, k or v is missing";
  }
  if (!rows_contiguous(a.q) || !rows_contiguous(a.k) || !rows_contiguous(a.v) ||
      !rows_contiguous(a.o)) {
    return "the last dimension of q, k, v and o must be contiguous";
  }
  if (problem.gate_kind == BSFA_GATE_ABSOLUTE &&
      (a.thresholds.data == nullptr || a.threshold_blocks < 1)) {
    return "thresholds are missing";
  }
  if (problem.gate_kind == BSFA_GATE_MASK && a.mask_in.data == nullptr) {
    return "mask_in is missing";
  }
  if (a.workspace == nullptr ||
      reinterpret_cast<std::uintptr_t>(a.workspace) % kWorkspaceAlignment != 0) {
    return "the workspace is missing or misaligned";
  }
  if ((a.mask.data != nullptr || a.tile_max.data != nullptr) &&
      problem.instrumentation < BSFA_INSTRUMENT_MASK) {
    return "mask and tile_max need a plan with BSFA_INSTRUMENT_MASK";
  }
  if (a.records != nullptr && a.record_size == 0) return "record_size is 0";
  return invalid_items(launch);
}

const char* unsupported(const bsfa_arguments& a) {
  if (a.tile_mass.data != nullptr || a.tile_mass_max.data != nullptr) return "no tile masses";
  if (a.descale_q != nullptr || a.descale_k != nullptr || a.descale_v != nullptr) {
    return "no descale factors";
  }
  if (a.cu_seqlens_q != nullptr || a.cu_seqlens_k != nullptr || a.used_q != nullptr ||
      a.used_k != nullptr || a.q_positions != nullptr || a.page_table != nullptr) {
    return "no sequence lengths, query positions or page tables";
  }
  return nullptr;
}

}  // namespace

bsfa_status check_problem(const bsfa_problem& problem, char* error, std::size_t size) noexcept {
  if (const char* text = unsupported(problem)) return answer(BSFA_UNSUPPORTED, text, error, size);
  if (const char* text = invalid(problem)) return answer(BSFA_INVALID_ARGUMENT, text, error, size);
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
