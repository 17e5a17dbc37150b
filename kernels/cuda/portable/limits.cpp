// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/portable/limits.h"

#include <cstdint>
#include <initializer_list>
#include <limits>

#include "kernels/common/checks.h"

namespace bsfa::kernels::cuda {
namespace {

constexpr const char* kNoRecords = "tile statistics give no work records";

/// Rows are copied 16 bytes at a time.
bool rows_aligned(const bsfa_tensor& tensor) noexcept {
  constexpr std::uintptr_t kBytes = 16;
  constexpr std::int64_t kElements = 8;
  return reinterpret_cast<std::uintptr_t>(tensor.data) % kBytes == 0 &&
         tensor.stride[0] % kElements == 0 && tensor.stride[1] % kElements == 0 &&
         tensor.stride[2] % kElements == 0;
}

/// O is written two channels at a time.
bool pairs_aligned(const bsfa_tensor& tensor) noexcept {
  return reinterpret_cast<std::uintptr_t>(tensor.data) % 4 == 0 && tensor.stride[0] % 2 == 0 &&
         tensor.stride[1] % 2 == 0 && tensor.stride[2] % 2 == 0;
}

bool aligned(const void* pointer, std::uintptr_t bytes) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer) % bytes == 0;
}

/// A device that reads or writes a word across its boundary is lost to the process.
const char* misaligned_words(const bsfa_arguments& a) noexcept {
  for (const bsfa_tensor* tensor :
       {&a.lse, &a.tile_max, &a.thresholds, &a.lse_in, &a.tile_mass, &a.tile_mass_max}) {
    if (!aligned(tensor->data, sizeof(float))) return "fp32 tensors must be aligned to 4 bytes";
  }
  if (!aligned(a.work_items, 4) || a.work_item_size % 4 != 0) {
    return "work items must begin at multiples of 4 bytes";
  }
  if (!aligned(a.record_count, 8) || !aligned(a.records, 8) ||
      (a.records != nullptr &&
       (a.record_size % 8 != 0 || a.record_size < sizeof(bsfa_work_record)))) {
    return "work records must be whole and begin at multiples of 8 bytes";
  }
  return nullptr;
}

bool too_large(const bsfa_problem& p) noexcept {
  // Column indices, and CTAs of one launch, are 32-bit.
  constexpr std::int64_t kLongest = std::int64_t{1} << 30;
  constexpr std::int64_t kMostItems = std::numeric_limits<std::int32_t>::max();
  if (p.kv_len > kLongest || p.batch > kMostItems / p.heads) return true;
  const std::int64_t q_blocks = (p.q_len + p.gate_q_block - 1) / p.gate_q_block;
  return p.batch * p.heads > kMostItems / q_blocks || p.max_work_items > kMostItems;
}

/// What a forward pass asks of a problem; tile statistics see neither V nor O.
const char* unsupported_forward(const bsfa_problem& p) noexcept {
  if (p.v_head_dim != 0 && p.v_head_dim != p.head_dim) return "v_head_dim must equal head_dim";
  if (!one_half_dtype(p)) return "q, k, v and o must all be fp16 or all bf16";
  if (p.instrumentation > BSFA_INSTRUMENT_WARPS) return "no instrumentation beyond warps";
  if (p.instrumentation == BSFA_INSTRUMENT_WARPS &&
      (p.gate_q_block != 128 || p.gate_k_block != 64)) {
    return "records per warp only for the gate 128x64";
  }
  return nullptr;
}

const char* unsupported_statistics(const bsfa_problem& p) noexcept {
  if ((p.dtype_q != BSFA_FLOAT16 && p.dtype_q != BSFA_BFLOAT16) || p.dtype_k != p.dtype_q) {
    return "q and k must both be fp16 or both bf16";
  }
  return p.instrumentation > BSFA_INSTRUMENT_MASK ? kNoRecords : nullptr;
}

}  // namespace

const char* unsupported_problem(const bsfa_problem& p) noexcept {
  const bool statistics = p.operation == BSFA_TILE_STATISTICS;
  if (p.operation != BSFA_FORWARD && !statistics) return "only forward and tile statistics";
  if (p.head_dim != 64 && p.head_dim != 128) return "head_dim must be 64 or 128";
  if (const char* text = statistics ? unsupported_statistics(p) : unsupported_forward(p)) {
    return text;
  }
  if (!is_gate(p.gate_q_block, p.gate_k_block)) return "the gate must be 128x64, 64x64 or 128x128";
  if (p.gate_kind > BSFA_GATE_ABSOLUTE) return "only an absolute threshold can gate";
  if (p.gate_vote != BSFA_VOTE_TILE || p.gate_row_group != 0) return "only one vote per tile";
  if (p.mask_encoding != BSFA_MASK_BYTES) return "masks must be bytes";
  if (p.features != 0 || p.page_size != 0) {
    return "no sequence lengths, query positions, page tables or K ranges";
  }
  // So that scale·log2(e), and the growth of a row that it leaves alone, are finite.
  if (p.scale < 0x1p-120F || p.scale > 0x1p120F) return "scale must be 2^-120 to 2^120";
  if (too_large(p)) return "at most 2^30 tokens and 2^31 - 1 Q blocks";
  return nullptr;
}

const char* unsupported_buffers(const bsfa_problem& p, const bsfa_arguments& a) noexcept {
  if (const char* text = unsupported_arguments(a)) return text;
  const bool statistics = p.operation == BSFA_TILE_STATISTICS;
  if (!statistics && (a.tile_mass.data != nullptr || a.tile_mass_max.data != nullptr)) {
    return "tile masses only as tile statistics";
  }
  if (statistics && (a.o.data != nullptr || a.lse.data != nullptr || a.mask.data != nullptr)) {
    return "tile statistics give no o, lse or mask";
  }
  if (statistics && (a.records != nullptr || a.record_count != nullptr)) return kNoRecords;
  if (!rows_aligned(a.q) || !rows_aligned(a.k) || (!statistics && !rows_aligned(a.v))) {
    return "rows of q, k and v must begin at multiples of 16 bytes";
  }
  if (!statistics && !pairs_aligned(a.o)) return "rows of o must begin at multiples of 4 bytes";
  return misaligned_words(a);
}

}  // namespace bsfa::kernels::cuda
