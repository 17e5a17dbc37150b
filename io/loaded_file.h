// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/file_bytes.h"
#include "io/tensor_file.h"

namespace bsfa::io {

/// What every format's reader hands out: a table of tensors and whatever holds their bytes.
struct LoadedFile final : TensorFile {
  std::filesystem::path file_path;
  std::vector<StoredTensor> table;
  std::map<std::string, std::string> notes;
  std::vector<std::shared_ptr<const void>> owners;

  const std::filesystem::path& path() const override { return file_path; }
  const std::vector<StoredTensor>& tensors() const override { return table; }
  const std::map<std::string, std::string>& metadata() const override { return notes; }
};

/// The readers behind open_tensor_file. The bytes have that format's magic or, for safetensors,
/// none; everything else is checked here. All throw core::InputError.
std::unique_ptr<TensorFile> read_safetensors(std::shared_ptr<const FileBytes> file);
std::unique_ptr<TensorFile> read_npy(std::shared_ptr<const FileBytes> file);
std::unique_ptr<TensorFile> read_npz(std::shared_ptr<const FileBytes> file);

}  // namespace bsfa::io
