// SPDX-License-Identifier: Apache-2.0
#include "reference/ordered_product.h"

#include <cstddef>
#include <cstring>

namespace bsfa::reference {
namespace {

constexpr std::int64_t kLanes = 8;
constexpr std::int64_t kVectors = kRowGroup / kLanes;
using Lanes [[gnu::vector_size(32)]] = float;
static_assert(sizeof(Lanes) == kLanes * sizeof(float));

Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

/// One group of rows and kColumns columns, held in registers over the whole depth.
template <std::size_t kColumns>
void add_group(const float* a, RightFactor b, std::int64_t rows, std::int64_t depth, float* c) {
  constexpr auto kCount = static_cast<std::int64_t>(kColumns);
  Lanes sums[kColumns][kVectors];
  for (std::int64_t j = 0; j < kCount; ++j) {
    for (std::int64_t i = 0; i < kVectors; ++i) sums[j][i] = load(c + j * rows + i * kLanes);
  }
  for (std::int64_t k = 0; k < depth; ++k, a += rows, b.data += b.step) {
    Lanes left[kVectors];
    for (std::int64_t i = 0; i < kVectors; ++i) left[i] = load(a + i * kLanes);
    for (std::int64_t j = 0; j < kCount; ++j) {
      const float right = b.data[j * b.column_stride];
      for (std::int64_t i = 0; i < kVectors; ++i) sums[j][i] += left[i] * right;
    }
  }
  for (std::int64_t j = 0; j < kCount; ++j) {
    for (std::int64_t i = 0; i < kVectors; ++i) {
      std::memcpy(c + j * rows + i * kLanes, &sums[j][i], sizeof(Lanes));
    }
  }
}

template <std::size_t kColumns>
void add_columns(const float* a, RightFactor b, std::int64_t rows, std::int64_t depth, float* c) {
  for (std::int64_t r = 0; r < rows; r += kRowGroup) {
    add_group<kColumns>(a + r, b, rows, depth, c + r);
  }
}

}  // namespace

void add_ordered_product(const float* a, RightFactor b, std::int64_t rows, std::int64_t columns,
                         std::int64_t depth, float* c) {
  constexpr std::int64_t kGroup =
      4;  // 4 columns of 2 vectors: eight sums hide the latency of an FMA
  std::int64_t j = 0;
  for (; j + kGroup <= columns; j += kGroup) {
    add_columns<kGroup>(a, {b.data + j * b.column_stride, b.step, b.column_stride}, rows, depth,
                        c + j * rows);
  }
  for (; j < columns; ++j) {
    add_columns<1>(a, {b.data + j * b.column_stride, b.step, b.column_stride}, rows, depth,
                   c + j * rows);
  }
}

}  // namespace bsfa::reference
