// SPDX-License-Identifier: Apache-2.0
#include "traces/src/dataset_writer.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "traces/src/chunk_codec.h"

namespace bsfa::traces {
namespace {

static_assert(std::endian::native == std::endian::little,
              "arrays are written as they lie in memory");

/// Chunks held in memory between compressing and writing.
constexpr hsize_t kBatch = 64;

/// Bytes of one place in a number are alike, those of one place in texts are not.
bool is_shuffled(hid_t type) {
  return H5Tget_class(type) != H5T_STRING;
}

Handle create_dataset(hid_t group, const std::string& name, hid_t type, const Layout& layout,
                      bool empty) {
  const int rank = static_cast<int>(layout.dims.size());
  const Handle space = owned(H5Screate_simple(rank, layout.dims.data(), nullptr), name);
  const Handle creation = owned(H5Pcreate(H5P_DATASET_CREATE), name);
  checked(H5Pset_obj_track_times(creation.get(), false), name);  // same content, same bytes
  if (!empty) {
    checked(H5Pset_chunk(creation.get(), rank, layout.chunk.data()), name);
    if (is_shuffled(type)) checked(H5Pset_shuffle(creation.get()), name);
    checked(H5Pset_deflate(creation.get(), 1), name);
    checked(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER), name);
  }
  return owned(
      H5Dcreate2(group, name.c_str(), type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      name);
}

}  // namespace

void set_group_properties(hid_t creation, const std::string& place) {
  // Enough for any group of a trace: what it holds stays in its header, which is read at once.
  constexpr unsigned kInHeader = 64;
  checked(H5Pset_obj_track_times(creation, false), place);  // same content, same bytes
  checked(H5Pset_link_phase_change(creation, kInHeader, 0), place);
  checked(H5Pset_attr_phase_change(creation, kInHeader, 0), place);
}

Handle require_group(hid_t parent, const std::string& name) {
  if (checked(H5Lexists(parent, name.c_str(), H5P_DEFAULT), name) > 0) {
    return owned(H5Gopen2(parent, name.c_str(), H5P_DEFAULT), name);
  }
  const Handle creation = owned(H5Pcreate(H5P_GROUP_CREATE), name);
  set_group_properties(creation.get(), name);
  return owned(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), name);
}

void write_array(hid_t group, const std::string& name, hid_t type, const Layout& layout,
                 const void* data) {
  const bool empty = std::find(layout.dims.begin(), layout.dims.end(), 0U) != layout.dims.end();
  const Handle dataset = create_dataset(group, name, type, layout, empty);
  if (empty) return;
  const ChunkGrid grid(layout);
  const std::size_t element = H5Tget_size(type);
  const bool shuffled = is_shuffled(type);
  const hsize_t per_plane = grid.chunks_per_plane(), all = grid.planes() * per_plane;
  const auto* bytes = static_cast<const std::byte*>(data);
  std::vector<std::vector<std::byte>> batch(std::min(all, kBatch));
  for (hsize_t begin = 0; begin < all; begin += batch.size()) {
    const hsize_t size = std::min<hsize_t>(batch.size(), all - begin);
    // Isolated: a waiting thread must not pick up other work that wants the HDF5 lock it holds.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(hsize_t{0}, size, [&](hsize_t i) {
        const ChunkBox box = grid.box((begin + i) / per_plane, (begin + i) % per_plane);
        batch[i] = encode_chunk(bytes + box.plane * grid.plane_elements() * element, shuffled,
                                element, grid, box);
      });
    });
    for (hsize_t i = 0; i < size; ++i) {
      const ChunkBox box = grid.box((begin + i) / per_plane, (begin + i) % per_plane);
      checked(H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, 0, grid.offset(box).data(),
                             batch[i].size(), batch[i].data()),
              name);
    }
  }
}

}  // namespace bsfa::traces
