// SPDX-License-Identifier: Apache-2.0
#include "traces/src/chunk_codec.h"

#include <cstring>
#include <memory>

#include <zlib.h>

#include "traces/src/hdf5.h"

namespace bsfa::traces {
namespace {

constexpr int kDeflateLevel = 1;

/// Byte b of every element comes together, as HDF5's shuffle filter puts it.
void shuffle(const std::byte* elements, std::byte* planes, std::size_t count, std::size_t size) {
  for (std::size_t b = 0; b < size; ++b) {
    for (std::size_t i = 0; i < count; ++i) planes[b * count + i] = elements[i * size + b];
  }
}

/// One row out of shuffled bytes; `stride` elements lie between the bytes of one element.
void unshuffle_row(const std::byte* planes, std::size_t stride, std::byte* row, std::size_t count,
                   std::size_t size) {
  if (size == 4) {  // almost all data is 32 bits wide, and this form becomes vector instructions
    const std::byte *b0 = planes, *b1 = b0 + stride, *b2 = b1 + stride, *b3 = b2 + stride;
    for (std::size_t i = 0; i < count; ++i) {
      row[4 * i] = b0[i];
      row[4 * i + 1] = b1[i];
      row[4 * i + 2] = b2[i];
      row[4 * i + 3] = b3[i];
    }
    return;
  }
  for (std::size_t b = 0; b < size; ++b) {
    for (std::size_t i = 0; i < count; ++i) row[i * size + b] = planes[b * stride + i];
  }
}

std::unique_ptr<std::byte[]> inflate_exactly(std::span<const std::byte> stored, std::size_t size) {
  auto out = std::make_unique_for_overwrite<std::byte[]>(size);
  uLongf written = size;
  uLong consumed = stored.size();
  const int status = ::uncompress2(reinterpret_cast<Bytef*>(out.get()), &written,
                                   reinterpret_cast<const Bytef*>(stored.data()), &consumed);
  if (status != Z_OK || written != size || consumed != stored.size()) {
    throw Fault("a compressed chunk is damaged");
  }
  return out;
}

}  // namespace

std::vector<std::byte> encode_chunk(const std::byte* plane, bool shuffled, std::size_t element_size,
                                    const ChunkGrid& grid, const ChunkBox& box) {
  const std::size_t count = grid.chunk_elements(), bytes = count * element_size;
  std::vector<std::byte> gathered(bytes);
  for (std::size_t r = 0; r < box.height; ++r) {
    const std::size_t from = (box.row + r) * grid.columns() + box.column;
    std::memcpy(gathered.data() + r * grid.chunk_columns() * element_size,
                plane + from * element_size, box.width * element_size);
  }
  if (shuffled && element_size > 1) {
    std::vector<std::byte> planes(bytes);
    shuffle(gathered.data(), planes.data(), count, element_size);
    gathered.swap(planes);
  }
  uLongf size = ::compressBound(bytes);
  std::vector<std::byte> stored(size);
  const int status =
      ::compress2(reinterpret_cast<Bytef*>(stored.data()), &size,
                  reinterpret_cast<const Bytef*>(gathered.data()), bytes, kDeflateLevel);
  if (status != Z_OK) throw std::bad_alloc();  // the only cause that compressBound leaves
  stored.resize(size);
  return stored;
}

void decode_chunk(std::span<const std::byte> stored, ChunkFilters filters, std::byte* plane,
                  std::size_t element_size, const ChunkGrid& grid, const ChunkBox& box) {
  const std::size_t count = grid.chunk_elements(), bytes = count * element_size;
  std::unique_ptr<std::byte[]> inflated;
  const std::byte* source = stored.data();
  if (filters.deflate) {
    inflated = inflate_exactly(stored, bytes);
    source = inflated.get();
  } else if (stored.size() != bytes) {
    throw Fault("a chunk has " + std::to_string(stored.size()) + " bytes instead of " +
                std::to_string(bytes));
  }
  const bool shuffled = filters.shuffle && element_size > 1;
  for (std::size_t r = 0; r < box.height; ++r) {
    const std::size_t first = r * grid.chunk_columns();
    std::byte* row = plane + ((box.row + r) * grid.columns() + box.column) * element_size;
    if (shuffled) {
      unshuffle_row(source + first, count, row, box.width, element_size);
    } else {
      std::memcpy(row, source + first * element_size, box.width * element_size);
    }
  }
}

}  // namespace bsfa::traces
