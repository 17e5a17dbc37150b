// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.h"
#include "io/tensor_file.h"

namespace bsfa::io {

/// The JSON header of a safetensors file. Offsets count from the end of the header.
struct SafetensorsHeader {
  struct Entry {
    std::string name;
    core::Dtype dtype = core::Dtype::kFloat32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;
  };
  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;
};

/// The format's own limit on the header.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// Parses and checks the structure, not yet the offsets. Never nests deeper than the format does.
///
/// Errors  throws core::InputError naming `file` and the tensor: broken JSON, a key twice, missing
///         or unknown, an unknown dtype, a value of the wrong kind, a dimension beyond 63 bits.
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& file);

/// The header text for tensors stored one after the other, padded so that data starts at a multiple
/// of 8 bytes.
std::string make_safetensors_header(std::span<const TensorToWrite> tensors,
                                    const std::map<std::string, std::string>& metadata);

}  // namespace bsfa::io
