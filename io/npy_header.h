// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/dtype.h"

namespace bsfa::io {

/// What an npy file says of itself before its data.
struct NpyHeader {
  core::Dtype dtype = core::Dtype::kFloat32;
  std::vector<std::int64_t> shape;
  std::uint64_t header_bytes = 0;  ///< magic, version, length and dictionary
  std::uint64_t data_bytes = 0;    ///< dtype times shape
};

/// A prefix of this length holds the header of any npy file that parse_npy_header accepts.
inline constexpr std::size_t kMaxNpyHeader = 65536 + 12;

/// Parses versions 1, 2 and 3 from the first bytes of a file.
///
/// Errors  throws core::InputError naming `file` and, where given, `place`: another magic or
///         version, truncated, a dictionary that is not exactly {'descr', 'fortran_order',
///         'shape'}, Fortran order, big-endian, object, structured or unsupported dtype,
///         overflowing shape.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& file,
                           const std::string& place = {});

/// A version 1 header whose length is a multiple of 64, so that data is aligned.
std::string make_npy_header(core::Dtype dtype, const std::vector<std::int64_t>& shape);

}  // namespace bsfa::io
