// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/half.h"

// Matrices with one row per query are cut into strips of a few rows, each strip stored column by
// column:
//
//   strip 0: [column 0: kStripRows values][column 1: ...] ...   strip 1: ...
//
// A product then reads its left operand in one run of memory and keeps a block of results in
// registers, so that nothing is packed, and what is done per row is done for vectors of rows.
namespace bsfa::kernels::cpu {

using Packet = Eigen::internal::packet_traits<float>::type;
inline constexpr std::int64_t kPacketSize = Eigen::internal::packet_traits<float>::size;
inline constexpr std::int64_t kStripPackets = 4;
inline constexpr std::int64_t kStripRows = kStripPackets * kPacketSize;
static_assert(64 % kStripRows == 0, "Q blocks of 64 rows are whole strips");

/// Columns of a product that are computed together: with kStripPackets rows of accumulators they
/// fill 12 of 16 registers, or 24 of 32.
inline constexpr std::int64_t kProductColumns =
    EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 6 : 3;

/// The right operand of a product: element (k, c) at data[k * step + c * column].
struct RightOperand {
  const float* data;
  std::int64_t step, column;
};

/// `kColumns` columns of a strip's product, from column 0 of `right` on: result = left * right, or
/// result += left * right.
template <bool kAdd, std::int64_t kColumns>
void multiply_columns(const float* left, RightOperand right, std::int64_t depth, float* result) {
  using namespace Eigen::internal;
  constexpr auto kCount = static_cast<std::size_t>(kColumns);
  Packet sum[kCount][kStripPackets];
  for (std::int64_t c = 0; c < kColumns; ++c) {
    for (std::int64_t p = 0; p < kStripPackets; ++p) {
      const float* from = result + c * kStripRows + p * kPacketSize;
      sum[c][p] = kAdd ? pload<Packet>(from) : pset1<Packet>(0.0F);
    }
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    Packet factor[kCount];
    for (std::int64_t c = 0; c < kColumns; ++c)
      factor[c] = pset1<Packet>(right.data[c * right.column]);
    for (std::int64_t p = 0; p < kStripPackets; ++p) {
      const Packet rows = pload<Packet>(left + p * kPacketSize);
      for (std::int64_t c = 0; c < kColumns; ++c) sum[c][p] = pmadd(rows, factor[c], sum[c][p]);
    }
    left += kStripRows;
    right.data += right.step;
  }
  for (std::int64_t c = 0; c < kColumns; ++c) {
    for (std::int64_t p = 0; p < kStripPackets; ++p) {
      pstore(result + c * kStripRows + p * kPacketSize, sum[c][p]);
    }
  }
}

template <bool kAdd, std::int64_t kColumns>
void multiply_rest(const float* left, RightOperand right, std::int64_t depth, std::int64_t columns,
                   float* result) {
  if constexpr (kColumns > 0) {
    if (columns == kColumns) return multiply_columns<kAdd, kColumns>(left, right, depth, result);
    multiply_rest<kAdd, kColumns - 1>(left, right, depth, columns, result);
  }
}

/// A strip times a matrix: result [kStripRows, columns] = or += left [kStripRows, depth] * right
/// [depth, columns].
template <bool kAdd>
void multiply(const float* left, RightOperand right, std::int64_t depth, std::int64_t columns,
              float* result) {
  for (; columns >= kProductColumns; columns -= kProductColumns) {
    multiply_columns<kAdd, kProductColumns>(left, right, depth, result);
    right.data += kProductColumns * right.column;
    result += kProductColumns * kStripRows;
  }
  multiply_rest<kAdd, kProductColumns - 1>(left, right, depth, columns, result);
}

/// The larger one, or NaN if either is.
inline Packet max_or_nan(const Packet& a, const Packet& b) {
  return Eigen::internal::pmax<Eigen::PropagateNaN, Packet>(a, b);
}

/// exp(x) for x <= 0 with a relative error below (1 + |x|) · 2^-23; exactly 1 for 0, exactly 0 for
/// -inf and where the result would be below 2^-126, NaN for NaN.
///
/// 2^f on [-1/2, 1/2] is 1 + f·p(f) with the p of degree 5 whose largest relative error is least:
/// 2^-28.9 before rounding.
template <typename Floats>
Floats exponential(const Floats& x) {
  using namespace Eigen::internal;
  using Integers = typename unpacket_traits<Floats>::integer_packet;
  constexpr float kLog2E = 0x1.715476p+0F;
  constexpr float kP[] = {0x1.62e43p-1F,  0x1.ebfbdcp-3F,  0x1.c6aee8p-5F,
                          0x1.3b2d4cp-7F, 0x1.5f3e54p-10F, 0x1.41fbbcp-13F};
  constexpr int kFractionBits = 23;
  const Floats y = pmul(x, pset1<Floats>(kLog2E));
  const Floats whole = print(y);
  const Floats f = psub(y, whole);
  Floats power = pset1<Floats>(kP[5]);
  for (int i = 4; i >= 0; --i) power = pmadd(power, f, pset1<Floats>(kP[i]));
  power = pmadd(power, f, pset1<Floats>(1.0F));
  const Integers exponent = plogical_shift_left<kFractionBits>(pcast<Floats, Integers>(whole));
  const Floats scaled =
      preinterpret<Floats, Integers>(padd(preinterpret<Integers, Floats>(power), exponent));
  return pandnot(scaled, pcmp_lt(y, pset1<Floats>(-126.0F)));
}

}  // namespace bsfa::kernels::cpu
