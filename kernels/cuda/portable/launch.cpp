// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/portable/launch.h"

#include <algorithm>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace bsfa::kernels::cuda {
namespace {

/// `find` of the template that has the problem's dtype, head dimension and gate.
template <template <typename, int, int, int> typename Instances, typename Half, int kHeadDim,
          typename... Choice>
Instance find_gate(const bsfa_problem& p, Choice... choice) noexcept {
  if (p.gate_q_block == 64) return Instances<Half, kHeadDim, 64, 64>::find(choice...);
  return p.gate_k_block == 64 ? Instances<Half, kHeadDim, 128, 64>::find(choice...)
                              : Instances<Half, kHeadDim, 128, 128>::find(choice...);
}

template <template <typename, int, int, int> typename Instances, typename Half, typename... Choice>
Instance find_dim(const bsfa_problem& p, Choice... choice) noexcept {
  return p.head_dim == 64 ? find_gate<Instances, Half, 64>(p, choice...)
                          : find_gate<Instances, Half, 128>(p, choice...);
}

template <template <typename, int, int, int> typename Instances, typename... Choice>
Instance find_dtype(const bsfa_problem& p, Choice... choice) noexcept {
  return p.dtype_q == BSFA_FLOAT16 ? find_dim<Instances, __half>(p, choice...)
                                   : find_dim<Instances, __nv_bfloat16>(p, choice...);
}

DeviceTensor device_tensor(const bsfa_tensor& tensor) noexcept {
  return {tensor.data, tensor.stride[0], tensor.stride[1], tensor.stride[2]};
}

/// Heads that are worked on side by side: as many as have room for K and V in half the cache, whole
/// groups that share K and V.
std::int32_t section_of(const bsfa_problem& p, std::int64_t l2_bytes) noexcept {
  const std::int64_t group = p.heads / p.kv_heads;
  const std::int64_t kv_bytes = 4 * p.kv_len * p.head_dim;
  const std::int64_t kv_heads =
      std::clamp<std::int64_t>(l2_bytes / 2 / kv_bytes, 1, p.batch * p.kv_heads);
  return static_cast<std::int32_t>(kv_heads * group);
}

}  // namespace

Instance find_instance(const bsfa_problem& p, const bsfa_arguments& a) noexcept {
  if (p.operation == BSFA_TILE_STATISTICS) {
    const bool with_mass = a.tile_mass.data != nullptr || a.tile_mass_max.data != nullptr;
    return find_dtype<StatisticsInstances>(p, with_mass);
  }
  const bool tiles = a.mask.data != nullptr || a.tile_max.data != nullptr;
  const bool records = a.records != nullptr || a.record_count != nullptr;
  const Reports reports = tiles ? (records ? Reports::kEverything : Reports::kTiles)
                                : (records ? Reports::kRecords : Reports::kNothing);
  return find_dtype<ForwardInstances>(p, reports, p.gate_kind != BSFA_GATE_OFF);
}

std::uint32_t records_per_item(const bsfa_problem& p, const Instance& instance) noexcept {
  return p.instrumentation == BSFA_INSTRUMENT_WARPS ? 1 + instance.threads / 32 : 1;
}

std::int64_t item_count(const bsfa_problem& p) noexcept {
  return p.batch * p.heads * ((p.q_len + p.gate_q_block - 1) / p.gate_q_block);
}

Parameters parameters_of(const bsfa_problem& problem, const bsfa_arguments& a,
                         const Instance& instance, std::int64_t l2_bytes) noexcept {
  constexpr double kLog2E = 1.4426950408889634;
  const auto narrow = [](std::int64_t x) { return static_cast<std::int32_t>(x); };
  Parameters p{};
  p.q = device_tensor(a.q);
  p.k = device_tensor(a.k);
  p.v = device_tensor(a.v);
  p.o = device_tensor(a.o);
  p.lse = device_tensor(a.lse);
  if (problem.gate_kind == BSFA_GATE_ABSOLUTE) p.thresholds = device_tensor(a.thresholds);
  p.mask = device_tensor(a.mask);
  p.tile_max = device_tensor(a.tile_max);
  p.mask_tile_stride = a.mask.stride[3];
  p.tile_max_tile_stride = a.tile_max.stride[3];
  p.threshold_blocks = narrow(std::min<std::int64_t>(a.threshold_blocks, problem.kv_len));
  if (problem.max_work_items > 0) {
    p.work_items = reinterpret_cast<const unsigned char*>(a.work_items);
    p.work_item_size = a.work_item_size;
  }
  p.items = static_cast<std::uint32_t>(problem.max_work_items > 0 ? a.work_item_count
                                                                  : item_count(problem));
  p.records = reinterpret_cast<unsigned char*>(a.records);
  p.record_capacity = a.record_capacity;
  p.record_size = a.record_size;
  p.record_count = a.record_count;
  p.records_per_item = records_per_item(problem, instance);
  p.batch = narrow(problem.batch);
  p.heads = narrow(problem.heads);
  p.group = narrow(problem.heads / problem.kv_heads);
  p.q_len = narrow(problem.q_len);
  p.kv_len = narrow(problem.kv_len);
  p.q_blocks = narrow((problem.q_len + problem.gate_q_block - 1) / problem.gate_q_block);
  p.k_blocks = narrow((problem.kv_len + problem.gate_k_block - 1) / problem.gate_k_block);
  p.causal = problem.causal != 0 ? 1 : 0;
  p.section = section_of(problem, l2_bytes);
  p.scale = problem.scale;
  p.scale_log2 = static_cast<float>(static_cast<double>(problem.scale) * kLog2E);
  p.lse_in = device_tensor(a.lse_in);
  p.tile_mass = device_tensor(a.tile_mass);
  p.tile_mass_max = device_tensor(a.tile_mass_max);
  p.tile_mass_tile_stride = a.tile_mass.stride[3];
  p.tile_mass_max_tile_stride = a.tile_mass_max.stride[3];
  p.slack = 8.0F / p.scale_log2;
  return p;
}

}  // namespace bsfa::kernels::cuda
