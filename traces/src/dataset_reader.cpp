// SPDX-License-Identifier: Apache-2.0
#include "traces/src/dataset_reader.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "traces/src/links.h"

namespace bsfa::traces {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are read as they lie in memory");

/// Compressed chunks held in memory at a time.
constexpr hsize_t kBatch = 64;

std::string text_of(const std::vector<hsize_t>& dims) {
  std::string text = "[";
  for (const hsize_t d : dims) text += (text.size() > 1 ? "," : "") + std::to_string(d);
  return text + "]";
}

/// Bytes of an array; refused where a file of this size cannot hold them even compressed.
std::size_t plausible_bytes(const std::vector<hsize_t>& dims, std::size_t element,
                            const FileContext& context, const std::string& place) {
  const hsize_t limit = context.size * kLargestInflation;
  hsize_t bytes = element;
  for (const hsize_t d : dims) {
    if (d != 0 && bytes > limit / d) {
      throw Fault("claims a shape " + text_of(dims) + " that the file is too small for", place);
    }
    bytes *= d;
  }
  return bytes;
}

}  // namespace

DatasetReader::DatasetReader(hid_t group, const std::string& name, std::string place,
                             std::size_t rank, FileContext& context)
    : place_(std::move(place)), context_(context) {
  if (!has_link(group, name, place_)) throw Fault("is missing", place_);
  dataset_ = owned(H5Dopen2(group, name.c_str(), H5P_DEFAULT), place_);
  type_ = owned(H5Dget_type(dataset_.get()), place_);
  element_size_ = H5Tget_size(type_.get());
  const Handle space = owned(H5Dget_space(dataset_.get()), place_);
  const int found = H5Sget_simple_extent_ndims(space.get());
  if (found != static_cast<int>(rank)) {
    throw Fault("has " + std::to_string(found) + " dimensions instead of " + std::to_string(rank),
                place_);
  }
  layout_.dims.resize(rank);
  checked(H5Sget_simple_extent_dims(space.get(), layout_.dims.data(), nullptr), place_);
  plausible_bytes(layout_.dims, element_size_, context_, place_);
  creation_ = owned(H5Dget_create_plist(dataset_.get()), place_);
  inspect_layout();
  inspect_filters();
}

void DatasetReader::inspect_layout() {
  if (H5Pget_external_count(creation_.get()) != 0) throw Fault("lies in another file", place_);
  const H5D_layout_t layout = H5Pget_layout(creation_.get());
  if (layout == H5D_VIRTUAL) throw Fault("lies in another file", place_);
  chunked_ = layout == H5D_CHUNKED;
  layout_.chunk = layout_.dims;
  if (chunked_) {
    const int rank = static_cast<int>(layout_.dims.size());
    checked(H5Pget_chunk(creation_.get(), rank, layout_.chunk.data()), place_);
    plausible_bytes(layout_.chunk, element_size_, context_, place_);
  }
  grid_ = ChunkGrid(layout_);
}

void DatasetReader::inspect_filters() {
  const int count = checked(H5Pget_nfilters(creation_.get()), place_);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0, values[1] = {0};
    std::size_t value_count = 1;
    const H5Z_filter_t filter =
        checked(H5Pget_filter2(creation_.get(), static_cast<unsigned>(i), &flags, &value_count,
                               values, 0, nullptr, &config),
                place_);
    if (filter == H5Z_FILTER_SHUFFLE && values[0] != element_size_) {
      throw Fault("is shuffled for another type", place_);
    }
    if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE &&
        filter != H5Z_FILTER_FLETCHER32) {
      throw Fault("went through unknown filter " + std::to_string(filter), place_);
    }
    filters_.push_back(filter);
  }
  using Filters = std::vector<H5Z_filter_t>;
  own_filters_ = filters_.empty() || filters_ == Filters{H5Z_FILTER_SHUFFLE} ||
                 filters_ == Filters{H5Z_FILTER_DEFLATE} ||
                 filters_ == Filters{H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE};
}

void DatasetReader::expect_type(hid_t type) const {
  if (checked(H5Tequal(type_.get(), type), place_) == 0) {
    throw Fault("holds another type of number than it should", place_);
  }
}

void DatasetReader::expect_dims(const std::vector<hsize_t>& dims) const {
  if (layout_.dims != dims) {
    throw Fault("has shape " + text_of(layout_.dims) + " instead of " + text_of(dims), place_);
  }
}

std::string DatasetReader::read_text() {
  expect_dims({1});
  return std::move(read_texts().front());
}

std::vector<std::string> DatasetReader::read_texts() {
  if (H5Tget_class(type_.get()) != H5T_STRING || H5Tis_variable_str(type_.get()) != 0) {
    throw Fault("is not text of fixed length", place_);
  }
  require_stored(0, grid_.planes());
  std::string padded(grid_.planes() * grid_.plane_elements() * element_size_, '\0');
  read_bytes(0, grid_.planes(), reinterpret_cast<std::byte*>(padded.data()));
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < padded.size(); at += element_size_) {
    const std::string_view text = std::string_view(padded).substr(at, element_size_);
    texts.emplace_back(text.substr(0, text.find_last_not_of('\0') + 1));
  }
  return texts;
}

std::size_t DatasetReader::chunk_size(const ChunkBox& box) const {
  hsize_t size = 0;
  checked(H5Dget_chunk_storage_size(dataset_.get(), grid_.offset(box).data(), &size), place_);
  const hsize_t full = grid_.chunk_elements() * element_size_;
  if (size == 0) throw Fault("a chunk is missing", place_);
  if (size > context_.size || size * kLargestInflation < full) {
    throw Fault("a chunk of " + std::to_string(size) + " bytes is damaged", place_);
  }
  return size;
}

void DatasetReader::require_contiguous() const {
  const hsize_t size = H5Dget_storage_size(dataset_.get());
  const haddr_t address = H5Dget_offset(dataset_.get());
  // Compact data has no address, and HDF5 has read it with the header.
  const bool compact = H5Pget_layout(creation_.get()) == H5D_COMPACT;
  const bool inside = compact || (address != HADDR_UNDEF && address <= context_.size &&
                                  size <= context_.size - address);
  if (size < grid_.planes() * grid_.plane_elements() * element_size_ || !inside) {
    throw Fault("is not all in the file", place_);
  }
}

void DatasetReader::require_stored(hsize_t plane, hsize_t planes) const {
  if (plane + planes > grid_.planes()) throw Fault("has no such part", place_);
  if (planes * grid_.plane_elements() == 0) return;
  if (!chunked_) return require_contiguous();
  if (!grid_.within_planes() || !own_filters_) {
    const hsize_t all = grid_.planes() * grid_.plane_elements() * element_size_;
    const hsize_t stored = H5Dget_storage_size(dataset_.get());
    if (stored > context_.size || stored * kLargestInflation < all) {
      throw Fault("is not all in the file", place_);
    }
    return;
  }
  for (hsize_t p = plane; p < plane + planes; ++p) {
    for (hsize_t i = 0; i < grid_.chunks_per_plane(); ++i) chunk_size(grid_.box(p, i));
  }
}

void DatasetReader::read_bytes(hsize_t plane, hsize_t planes, std::byte* out) {
  if (planes * grid_.plane_elements() == 0) return;
  if (chunked_ && grid_.within_planes() && own_filters_) {
    read_chunks(plane, planes, out);
  } else {
    read_by_hdf5(plane, planes, out);
  }
}

ChunkFilters DatasetReader::applied(std::uint32_t mask) const noexcept {
  ChunkFilters applied;
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    if ((mask >> i & 1U) != 0) continue;
    if (filters_[i] == H5Z_FILTER_SHUFFLE) applied.shuffle = true;
    if (filters_[i] == H5Z_FILTER_DEFLATE) applied.deflate = true;
  }
  return applied;
}

void DatasetReader::read_chunks(hsize_t plane, hsize_t planes, std::byte* out) {
  struct Stored {
    ChunkBox box;
    std::vector<std::byte> bytes;
    std::uint32_t mask = 0;
  };
  const hsize_t per_plane = grid_.chunks_per_plane(), all = planes * per_plane;
  std::vector<Stored> batch(std::min(all, kBatch));
  for (hsize_t begin = 0; begin < all; begin += batch.size()) {
    const hsize_t size = std::min<hsize_t>(batch.size(), all - begin);
    for (hsize_t i = 0; i < size; ++i) {
      Stored& stored = batch[i];
      stored.box = grid_.box(plane + (begin + i) / per_plane, (begin + i) % per_plane);
      stored.bytes.resize(chunk_size(stored.box));
      checked(H5Dread_chunk(dataset_.get(), H5P_DEFAULT, grid_.offset(stored.box).data(),
                            &stored.mask, stored.bytes.data()),
              place_);
      context_.chunk_bytes_read += stored.bytes.size();
    }
    const auto decode = [&](hsize_t i) {
      const Stored& stored = batch[i];
      std::byte* to = out + (stored.box.plane - plane) * grid_.plane_elements() * element_size_;
      decode_chunk(stored.bytes, applied(stored.mask), to, element_size_, grid_, stored.box);
    };
    try {
      // Isolated: a waiting thread must not pick up other work that wants the HDF5 lock it holds.
      tbb::this_task_arena::isolate([&] { tbb::parallel_for(hsize_t{0}, size, decode); });
    } catch (const Fault& fault) {
      throw Fault(fault.what(), place_);
    }
  }
}

void DatasetReader::read_by_hdf5(hsize_t plane, hsize_t planes, std::byte* out) {
  const Handle space = owned(H5Dget_space(dataset_.get()), place_);
  std::vector<hsize_t> start(layout_.dims.size(), 0), count = layout_.dims;
  if (count.size() == 3) {
    start[0] = plane;
    count[0] = planes;
  }
  checked(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          place_);
  const Handle memory =
      owned(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), place_);
  checked(H5Dread(dataset_.get(), type_.get(), memory.get(), space.get(), H5P_DEFAULT, out),
          place_);
  context_.chunk_bytes_read += planes * grid_.plane_elements() * element_size_;
}

}  // namespace bsfa::traces
