// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/cp_async.cuh"

// Rows of kDim halves in shared memory, in chunks of 16 bytes. Chunk c of row r lies at place
// c ^ (r % 8), so that the eight rows of an 8x8 matrix fall on different banks. Tiles begin at
// multiples of 1024 bytes: bits 4 to 6 of an address are then the low bits of its chunk alone.
namespace bsfa::kernels::cuda {

template <int kDim>
inline constexpr int kRowBytes = 2 * kDim;

/// Copies of rows to a tile by kThreads threads. Eight neighbouring threads take 128 bytes of a
/// row.
template <int kDim, int kThreads>
struct TileLoader {
  static constexpr int kRowsAtOnce = kThreads / 8;
  static_assert(kDim % 64 == 0 && kThreads % 64 == 0, "a thread keeps its place in the swizzle");

  int row, chunk;

  explicit __device__ __forceinline__ TileLoader(int thread) : row(thread / 8), chunk(thread % 8) {}

  /// This thread's place in a tile, and in a matrix whose rows are `stride` bytes apart.
  __device__ __forceinline__ std::uint32_t place() const {
    return static_cast<std::uint32_t>(row * kRowBytes<kDim> + ((chunk ^ (row & 7)) << 4));
  }
  __device__ __forceinline__ std::int64_t offset(std::int64_t stride) const {
    return row * stride + chunk * 16;
  }

  /// `kRows` rows that all exist. `from` is the thread's own place in the first of them.
  template <int kRows>
  __device__ __forceinline__ void load(std::uint32_t tile, const unsigned char* from,
                                       std::int64_t stride) const {
#pragma unroll
    for (int r = 0; r < kRows; r += kRowsAtOnce) {
#pragma unroll
      for (int part = 0; part < kDim / 64; ++part) {
        ptx::cp_async_16(tile + place() + r * kRowBytes<kDim> + part * 128, from + part * 128);
      }
      from += kRowsAtOnce * stride;
    }
  }

  /// Rows first .. first + kRows of a matrix of `rows` rows; those beyond its end become zeros.
  template <int kRows>
  __device__ __forceinline__ void load_ragged(std::uint32_t tile, const unsigned char* matrix,
                                              std::int64_t stride, int first, int rows) const {
#pragma unroll
    for (int r = 0; r < kRows; r += kRowsAtOnce) {
      const bool exists = first + r + row < rows;
      const unsigned char* from = matrix + (exists ? (first + r) * stride + offset(stride) : 0);
#pragma unroll
      for (int part = 0; part < kDim / 64; ++part) {
        ptx::cp_async_16(tile + place() + r * kRowBytes<kDim> + part * 128, from + part * 128,
                         exists);
      }
    }
  }
};

/// Where a lane reads the fragments of 16x16 blocks, each of four 8x8 matrices.
template <int kDim>
struct Fragments {
  /// Rows 0-7, then 8-15 of one chunk, then of the next: operand A, and operand B transposed.
  static __device__ __forceinline__ std::uint32_t rows_first(int lane) {
    const auto low = static_cast<std::uint32_t>(lane & 7), bit3 = (lane >> 3) & 1U;
    return (low + bit3 * 8) * kRowBytes<kDim> +
           ((low ^ static_cast<std::uint32_t>(lane >> 4)) << 4);
  }
  /// Both chunks of rows 0-7, then of rows 8-15: operand B.
  static __device__ __forceinline__ std::uint32_t chunks_first(int lane) {
    const auto low = static_cast<std::uint32_t>(lane & 7), bit4 = (lane >> 4) & 1U;
    return (low + bit4 * 8) * kRowBytes<kDim> + ((low ^ ((lane >> 3) & 1U)) << 4);
  }
  /// From the address of block (0, 0) to that of the block at `row` (a multiple of 8) and chunks
  /// 2·pair and 2·pair + 1.
  static __device__ __forceinline__ std::uint32_t at(std::uint32_t address, int row, int pair) {
    const auto chunk = static_cast<std::uint32_t>(pair) * 32;
    return (address ^ (chunk & 0x70)) + (chunk & ~0x7FU) + row * kRowBytes<kDim>;
  }
};

}  // namespace bsfa::kernels::cuda
