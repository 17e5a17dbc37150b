// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/src/chunk_codec.h"
#include "traces/src/hdf5.h"
#include "traces/src/schema.h"

namespace bsfa::traces {

/// What all datasets of one open file share.
struct FileContext {
  std::uint64_t size = 0;              ///< bytes of the file
  std::uint64_t chunk_bytes_read = 0;  ///< so far
};

/// One dataset, checked before any of it is read: that its type and extent are the expected ones,
/// that it lies in this file, went through known filters only, and that what is stored can fill it.
///
/// Errors  every function throws Fault.
class DatasetReader {
 public:
  DatasetReader(hid_t group, const std::string& name, std::string place, std::size_t rank,
                FileContext& context);

  const std::vector<hsize_t>& dims() const noexcept { return layout_.dims; }
  void expect_dims(const std::vector<hsize_t>& dims) const;

  template <typename T>
  std::vector<T> read_all() {
    return read<T>(0, grid_.planes());
  }
  /// What has index `plane` along the first of three dimensions.
  template <typename T>
  std::vector<T> read_plane(hsize_t plane) {
    return read<T>(plane, 1);
  }
  /// The only element of an array of text.
  std::string read_text();
  /// All elements of a list of text.
  std::vector<std::string> read_texts();

 private:
  template <typename T>
  std::vector<T> read(hsize_t plane, hsize_t planes) {
    expect_type(file_type<T>());
    require_stored(plane, planes);
    std::vector<T> out(planes * grid_.plane_elements());
    read_bytes(plane, planes, reinterpret_cast<std::byte*>(out.data()));
    return out;
  }

  void expect_type(hid_t type) const;
  void inspect_layout();
  void inspect_filters();
  /// That all bytes of these planes are in the file, or a stream that can inflate to them.
  void require_stored(hsize_t plane, hsize_t planes) const;
  void require_contiguous() const;
  void read_bytes(hsize_t plane, hsize_t planes, std::byte* out);
  void read_chunks(hsize_t plane, hsize_t planes, std::byte* out);
  void read_by_hdf5(hsize_t plane, hsize_t planes, std::byte* out);
  std::size_t chunk_size(const ChunkBox& box) const;
  ChunkFilters applied(std::uint32_t mask) const noexcept;

  std::string place_;
  FileContext& context_;
  Handle dataset_, type_, creation_;
  std::size_t element_size_ = 0;
  Layout layout_;
  ChunkGrid grid_{Layout{{1}, {1}}};
  bool chunked_ = false;
  bool own_filters_ = true;  ///< shuffle and deflate in that order, which decode_chunk undoes
  std::vector<H5Z_filter_t> filters_;
};

}  // namespace bsfa::traces
