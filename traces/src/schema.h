// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <hdf5.h>

#include "traces/src/fields.h"
#include "traces/trace.h"

namespace bsfa::traces {

/// Shapes, chunks, types and paths of docs/trace-format.md, once for reader and writer.

inline constexpr hsize_t kTileChunk = 256;
inline constexpr hsize_t kCurvePoints = 64;
inline constexpr hsize_t kColumnChunk = 65536;

/// Extent and chunks of one dataset.
struct Layout {
  std::vector<hsize_t> dims, chunk;
};

inline Layout layout_of(std::vector<hsize_t> dims, const std::vector<hsize_t>& largest_chunk) {
  Layout layout{std::move(dims), {}};
  for (std::size_t i = 0; i < layout.dims.size(); ++i) {
    layout.chunk.push_back(std::max<hsize_t>(1, std::min(layout.dims[i], largest_chunk[i])));
  }
  return layout;
}

inline Layout tile_layout(std::int64_t heads, std::int64_t rows, std::int64_t columns) {
  return layout_of(
      {static_cast<hsize_t>(heads), static_cast<hsize_t>(rows), static_cast<hsize_t>(columns)},
      {1, kTileChunk, kTileChunk});
}
inline Layout tile_layout(const TileShape& s) {
  return tile_layout(s.heads, s.rows, s.k_blocks);
}
inline Layout block_layout(const TileShape& s) {
  return layout_of({static_cast<hsize_t>(s.heads), static_cast<hsize_t>(s.rows)}, {64, 1024});
}
inline Layout curve_layout(const TileShape& s) {
  return layout_of({static_cast<hsize_t>(s.heads), static_cast<hsize_t>(s.rows), kCurvePoints},
                   {1, kTileChunk, kCurvePoints});
}
inline Layout column_layout(std::size_t size) {
  return layout_of({size}, {kColumnChunk});
}

inline Layout series_layout(std::size_t series, std::size_t size) {
  return layout_of({series, size}, {1, kColumnChunk});
}

/// The file type of an element; little-endian whatever the machine.
template <typename T>
hid_t file_type();
template <>
inline hid_t file_type<float>() {
  return H5T_IEEE_F32LE;
}
template <>
inline hid_t file_type<double>() {
  return H5T_IEEE_F64LE;
}
template <>
inline hid_t file_type<std::uint8_t>() {
  return H5T_STD_U8LE;
}
template <>
inline hid_t file_type<std::int32_t>() {
  return H5T_STD_I32LE;
}
template <>
inline hid_t file_type<std::uint32_t>() {
  return H5T_STD_U32LE;
}
template <>
inline hid_t file_type<std::int64_t>() {
  return H5T_STD_I64LE;
}
template <>
inline hid_t file_type<std::uint64_t>() {
  return H5T_STD_U64LE;
}

/// Root attributes that are not for Provenance::more.
inline bool is_reserved(const std::string& name) {
  Provenance known;
  bool reserved = name == "schema_major" || name == "schema_minor" || name == "problem";
  for_each_text(known, [&](const char* text, const std::string&) { reserved |= name == text; });
  return reserved;
}

inline std::string sequence_path(std::int64_t layer, std::int64_t sequence) {
  return "/layers/" + std::to_string(layer) + "/seq/" + std::to_string(sequence);
}

inline std::string profile_path(std::int64_t layer) {
  return "/layers/" + std::to_string(layer) + "/profile";
}

}  // namespace bsfa::traces
