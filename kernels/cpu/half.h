// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Eigen 3.4 means to use F16C for fp16 but takes GCC for an old clang.
#if defined(__F16C__) && !defined(__clang__)
#define EIGEN_HAS_FP16_C
#endif
#include <Eigen/Core>

namespace bsfa::kernels::cpu {

/// to[i] = from[i], by packets: Eigen 3.4 does not vectorise casts in expressions.
template <typename From, typename To>
void convert(const From* from, To* to, std::int64_t count) {
  using namespace Eigen::internal;
  std::int64_t i = 0;
  constexpr int kSize = packet_traits<From>::size;
  if constexpr (kSize > 1 && kSize == packet_traits<To>::size) {
    using FromPacket = typename packet_traits<From>::type;
    using ToPacket = typename packet_traits<To>::type;
    for (; i + kSize <= count; i += kSize) {
      pstoreu(to + i, pcast<FromPacket, ToPacket>(ploadu<FromPacket>(from + i)));
    }
  }
  for (; i < count; ++i) to[i] = static_cast<To>(from[i]);
}

}  // namespace bsfa::kernels::cpu
