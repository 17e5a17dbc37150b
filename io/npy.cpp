// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "io/bytes.h"
#include "io/loaded_file.h"
#include "io/npy_header.h"

namespace bsfa::io {

std::unique_ptr<TensorFile> read_npy(std::shared_ptr<const FileBytes> file) {
  const std::string name = file->path().string();
  const auto bytes = file->bytes();
  NpyHeader header = parse_npy_header(bytes, name);
  const std::uint64_t data_bytes = bytes.size() - header.header_bytes;
  if (data_bytes != header.data_bytes) {
    throw core::InputError(name, "shape " + text_of(header.shape) + " of " +
                                     std::string(core::name_of(header.dtype)) + " needs " +
                                     std::to_string(header.data_bytes) + " bytes, the file has " +
                                     std::to_string(data_bytes));
  }
  auto loaded = std::make_unique<LoadedFile>();
  loaded->file_path = file->path();
  loaded->table.push_back(
      {"data", header.dtype, std::move(header.shape), bytes.subspan(header.header_bytes)});
  loaded->owners.push_back(std::move(file));
  return loaded;
}

void write_npy(const std::filesystem::path& path, const TensorToWrite& tensor) {
  if (tensor.dtype == core::Dtype::kBfloat16) {
    throw core::OutputError(path.string(), "npy cannot hold bf16; write safetensors instead");
  }
  const auto size = byte_count(tensor.shape, tensor.dtype);
  if (!size) throw core::OutputError(path.string(), "bad shape " + text_of(tensor.shape));
  core::AtomicFile file(path);
  file.write(make_npy_header(tensor.dtype, tensor.shape));
  file.write({static_cast<const std::byte*>(tensor.data), static_cast<std::size_t>(*size)});
  file.commit();
}

}  // namespace bsfa::io
