// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>

#include "tests/kernels/fake_kernel.h"
#include "tests/support/half_bits.h"

namespace bsfa::test {

/// A kernel whose tile statistics say where they looked, so that a test sees whether it was led to
/// the right heads: tile_max is the first channel of the block's first row of Q plus 64 times that
/// of the tile's first row of K; tile_mass is the LSE of that row, tile_mass_max its negative.
struct FakeStatistics {
  static inline std::function<void(const bsfa_problem&)> seen;  ///< called by every run
  static inline std::function<bool(const bsfa_work_item&)> leaves_out;
  static inline bsfa_status answer = BSFA_OK;

  static float value(std::uint16_t q, std::uint16_t k) {
    return static_cast<float>(half_value(q, core::Dtype::kFloat16) +
                              64.0 * half_value(k, core::Dtype::kFloat16));
  }

  static kernels::Kernel kernel() {
    seen = {};
    leaves_out = {};
    answer = BSFA_OK;
    return fake_kernel([](bsfa_kernel& k) {
      k.memory_space = BSFA_CUDA_DEVICE;
      k.supports = [](const bsfa_kernel*, const bsfa_problem*, char*, std::size_t) {
        return BSFA_OK;
      };
      k.plan = [](const bsfa_kernel*, const bsfa_problem* p, bsfa_plan** plan, char*, std::size_t) {
        *plan = reinterpret_cast<bsfa_plan*>(new bsfa_problem(*p));
        return BSFA_OK;
      };
      k.describe = [](const bsfa_plan*, bsfa_plan_info* info, char*, std::size_t) {
        *info = {};
        info->size = sizeof(*info);
        info->workspace_alignment = 1;
        return BSFA_OK;
      };
      k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* error, std::size_t size) {
        if (answer != BSFA_OK) std::strncpy(error, "out of order", size);
        if (answer == BSFA_OK) run(*reinterpret_cast<bsfa_problem*>(plan), *a);
        return answer;
      };
      k.destroy = [](bsfa_plan* plan) { delete reinterpret_cast<bsfa_problem*>(plan); };
    });
  }

 private:
  static void run(const bsfa_problem& p, const bsfa_arguments& a) {
    if (seen) seen(p);
    if (p.max_work_items > 0) {
      std::for_each_n(a.work_items, a.work_item_count,
                      [&](const bsfa_work_item& item) { write(p, a, item); });
      return;
    }
    for (std::int32_t h = 0; h < p.heads; ++h) {
      for (std::int32_t m = 0; m * p.gate_q_block < p.q_len; ++m) write(p, a, {0, h, m, 0, 0});
    }
  }
  static void write(const bsfa_problem& p, const bsfa_arguments& a, const bsfa_work_item& item) {
    if (leaves_out && leaves_out(item)) return;
    const std::int64_t row = std::int64_t{item.q_block} * p.gate_q_block;
    const std::int64_t kv_head = item.head / (p.heads / p.kv_heads);
    const auto at = [](const bsfa_tensor& t, std::int64_t h, std::int64_t r) {
      return h * t.stride[1] + r * t.stride[2];
    };
    const auto* q = static_cast<const std::uint16_t*>(a.q.data) + at(a.q, item.head, row);
    for (std::int64_t n = 0; n * p.gate_k_block < p.kv_len; ++n) {
      const auto* k =
          static_cast<const std::uint16_t*>(a.k.data) + at(a.k, kv_head, n * p.gate_k_block);
      const auto put = [&](const bsfa_tensor& t, float x) {
        static_cast<float*>(t.data)[at(t, item.head, item.q_block) + n * t.stride[3]] = x;
      };
      put(a.tile_max, value(*q, *k));
      if (a.tile_mass.data == nullptr) continue;
      const float lse = static_cast<const float*>(a.lse_in.data)[at(a.lse_in, item.head, row)];
      put(a.tile_mass, lse);
      put(a.tile_mass_max, -lse);
    }
  }
};

}  // namespace bsfa::test
