// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "traces/src/chunk_grid.h"

namespace bsfa::traces {

/// Which of HDF5's shuffle and deflate filters a stored chunk went through, in that order.
struct ChunkFilters {
  bool shuffle = false;
  bool deflate = false;
};

/// A chunk as HDF5's deflate filter at level 1 would store it, after shuffle if `shuffled`. What a
/// chunk at an edge has beyond the array is zero.
///
/// Threads  any; HDF5 is not called, so chunks can be encoded in parallel.
std::vector<std::byte> encode_chunk(const std::byte* plane, bool shuffled, std::size_t element_size,
                                    const ChunkGrid& grid, const ChunkBox& box);

/// Undoes the filters and copies the box into its place in `plane`.
///
/// Errors   throws Fault where the stored bytes are damaged or of the wrong size.
/// Threads  any, for boxes that do not overlap.
void decode_chunk(std::span<const std::byte> stored, ChunkFilters filters, std::byte* plane,
                  std::size_t element_size, const ChunkGrid& grid, const ChunkBox& box);

/// No deflate stream grows by more than this when it is undone; a chunk that claims more is
/// damaged.
inline constexpr std::size_t kLargestInflation = 1032;

}  // namespace bsfa::traces
