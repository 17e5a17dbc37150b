// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/dtype.h"

namespace bsfa::io {

/// One array of a file. `bytes` is little-endian, row-major and lives as long as its TensorFile.
struct StoredTensor {
  std::string name;
  core::Dtype dtype = core::Dtype::kFloat32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  std::int64_t elements() const noexcept;
};

/// A read-only, fully validated file of named arrays.
///
/// Errors  throws core::InputError naming the file, what is wrong and where.
class TensorFile {
 public:
  virtual ~TensorFile() = default;
  virtual const std::filesystem::path& path() const = 0;
  virtual const std::vector<StoredTensor>& tensors() const = 0;
  /// safetensors' __metadata__; empty for other formats.
  virtual const std::map<std::string, std::string>& metadata() const = 0;

  /// nullptr where there is none of that name.
  const StoredTensor* find(const std::string& name) const;
  /// Throws core::InputError listing the names that are there.
  const StoredTensor& at(const std::string& name) const;
};

/// Opens by content, not by suffix: safetensors (memory-mapped), npy (one array named "data"), npz.
/// Raw bytes are not touched until they are read, except where an npz entry is compressed; only
/// such entries have their checksums verified.
std::unique_ptr<TensorFile> open_tensor_file(const std::filesystem::path& path);

/// What a writer takes: borrowed contiguous row-major data.
struct TensorToWrite {
  std::string name;
  core::Dtype dtype = core::Dtype::kFloat32;
  std::vector<std::int64_t> shape;
  const void* data = nullptr;
};

/// Writes to a temporary name beside `path`, then renames; on failure nothing is left behind.
///
/// Errors  throws core::OutputError.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata);
void write_npy(const std::filesystem::path& path, const TensorToWrite& tensor);

}  // namespace bsfa::io
