// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/checks.h"

#include <cmath>

namespace bsfa::kernels {
namespace {

bool rows_contiguous(const bsfa_tensor& tensor) noexcept {
  return tensor.stride[3] == 0 || tensor.stride[3] == 1;
}

}  // namespace

const char* invalid_problem(const bsfa_problem& p) noexcept {
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

const char* unsupported_arguments(const bsfa_arguments& a) noexcept {
  if (a.descale_q != nullptr || a.descale_k != nullptr || a.descale_v != nullptr) {
    return "no descale factors";
  }
  if (a.cu_seqlens_q != nullptr || a.cu_seqlens_k != nullptr || a.used_q != nullptr ||
      a.used_k != nullptr || a.q_positions != nullptr || a.page_table != nullptr) {
    return "no sequence lengths, query positions or page tables";
  }
  if (a.grad_q.data != nullptr || a.grad_k.data != nullptr || a.grad_v.data != nullptr) {
    return "no gradients";
  }
  return nullptr;
}

const char* invalid_arguments(const bsfa_problem& problem, const bsfa_arguments& a) noexcept {
  const bool forward = problem.operation == BSFA_FORWARD;
  if (a.q.data == nullptr || a.k.data == nullptr || (forward && a.v.data == nullptr)) {
    return "q, k or v is missing";
  }
  if (!rows_contiguous(a.q) || !rows_contiguous(a.k) || !rows_contiguous(a.v) ||
      !rows_contiguous(a.o)) {
    return "the last dimension of q, k, v and o must be contiguous";
  }
  if (problem.gate_kind == BSFA_GATE_ABSOLUTE && forward &&
      (a.thresholds.data == nullptr || a.threshold_blocks < 1)) {
    return "thresholds are missing";
  }
  if (problem.gate_kind == BSFA_GATE_MASK && a.mask_in.data == nullptr) {
    return "mask_in is missing";
  }
  if (forward && (a.mask.data != nullptr || a.tile_max.data != nullptr) &&
      problem.instrumentation < BSFA_INSTRUMENT_MASK) {
    return "mask and tile_max need a plan with BSFA_INSTRUMENT_MASK";
  }
  if ((a.tile_mass.data != nullptr || a.tile_mass_max.data != nullptr) &&
      a.lse_in.data == nullptr) {
    return "tile_mass and tile_mass_max need lse_in";
  }
  if ((a.records != nullptr || a.record_count != nullptr) &&
      problem.instrumentation < BSFA_INSTRUMENT_WORK) {
    return "work records need a plan with BSFA_INSTRUMENT_WORK";
  }
  if (a.records != nullptr && a.record_size == 0) return "record_size is 0";
  if (problem.max_work_items == 0) {
    return a.work_items != nullptr ? "the plan was made without a work list" : nullptr;
  }
  if (a.work_items == nullptr || a.work_item_count < 0 ||
      a.work_item_count > problem.max_work_items || a.work_item_size < sizeof(bsfa_work_item)) {
    return "the work list is missing, too long or of too small items";
  }
  return nullptr;
}

bool is_gate(std::int32_t q_block, std::int32_t k_block) noexcept {
  return (q_block == 128 && (k_block == 64 || k_block == 128)) || (q_block == 64 && k_block == 64);
}

bool one_half_dtype(const bsfa_problem& p) noexcept {
  return (p.dtype_q == BSFA_FLOAT16 || p.dtype_q == BSFA_BFLOAT16) && p.dtype_k == p.dtype_q &&
         p.dtype_v == p.dtype_q && p.dtype_o == p.dtype_q;
}

}  // namespace bsfa::kernels
