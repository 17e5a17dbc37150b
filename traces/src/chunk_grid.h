// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <hdf5.h>

#include "traces/src/schema.h"

namespace bsfa::traces {

/// Part of an array that one chunk holds; at the edges less than a whole chunk.
struct ChunkBox {
  hsize_t plane = 0, row = 0, column = 0;
  hsize_t height = 0, width = 0;
};

/// A dataset of rank 1 to 3 seen as planes of rows and columns whose chunks lie within one plane.
class ChunkGrid {
 public:
  explicit ChunkGrid(const Layout& layout) noexcept {
    const std::size_t pad = 3 - layout.dims.size();
    for (std::size_t i = pad; i < 3; ++i) {
      dims_[i] = layout.dims[i - pad];
      chunk_[i] = layout.chunk[i - pad];
    }
    skip_ = pad;
  }

  hsize_t planes() const noexcept { return dims_[0]; }
  hsize_t columns() const noexcept { return dims_[2]; }
  hsize_t plane_elements() const noexcept { return dims_[1] * dims_[2]; }
  hsize_t chunk_rows() const noexcept { return chunk_[1]; }
  hsize_t chunk_columns() const noexcept { return chunk_[2]; }
  hsize_t chunk_elements() const noexcept { return chunk_[0] * chunk_[1] * chunk_[2]; }
  bool within_planes() const noexcept { return chunk_[0] == 1; }

  hsize_t chunks_per_plane() const noexcept { return down() * across(); }
  ChunkBox box(hsize_t plane, hsize_t index) const noexcept {
    const hsize_t row = index / across() * chunk_[1], column = index % across() * chunk_[2];
    return {plane, row, column, std::min(chunk_[1], dims_[1] - row),
            std::min(chunk_[2], dims_[2] - column)};
  }
  /// The box's corner in the dataset's own rank, as HDF5 wants it.
  std::array<hsize_t, 3> offset(const ChunkBox& box) const noexcept {
    const std::array<hsize_t, 3> corner{box.plane, box.row, box.column};
    std::array<hsize_t, 3> out{};
    std::copy(corner.begin() + static_cast<std::ptrdiff_t>(skip_), corner.end(), out.begin());
    return out;
  }

 private:
  hsize_t down() const noexcept { return (dims_[1] + chunk_[1] - 1) / chunk_[1]; }
  hsize_t across() const noexcept { return (dims_[2] + chunk_[2] - 1) / chunk_[2]; }

  std::array<hsize_t, 3> dims_{1, 1, 1}, chunk_{1, 1, 1};
  std::size_t skip_ = 0;
};

}  // namespace bsfa::traces
