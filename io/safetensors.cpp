// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "io/bytes.h"
#include "io/loaded_file.h"
#include "io/safetensors_header.h"

namespace bsfa::io {
namespace {

constexpr std::size_t kLengthBytes = 8;

/// The JSON text, its announced length checked before anything is parsed.
std::string_view header_text(const FileBytes& file) {
  const std::string name = file.path().string();
  const auto bytes = file.bytes();
  if (bytes.empty()) throw core::InputError(name, "is empty");
  if (bytes.size() < kLengthBytes) {
    throw core::InputError(name, "is no safetensors, npy or npz file",
                           std::to_string(bytes.size()) + " bytes");
  }
  const auto length = load<std::uint64_t>(bytes, 0);
  const bool starts_like_json = bytes.size() > kLengthBytes && as_text(bytes)[kLengthBytes] == '{';
  if (!starts_like_json) throw core::InputError(name, "is no safetensors, npy or npz file");
  if (length > kMaxSafetensorsHeader) {
    throw core::InputError(name, "announces a header of " + std::to_string(length) +
                                     " bytes, more than the format's 100000000");
  }
  if (length > bytes.size() - kLengthBytes) {
    throw core::InputError(name, "is truncated: the header should have " + std::to_string(length) +
                                     " bytes, the file has " + std::to_string(bytes.size()));
  }
  return as_text(bytes).substr(kLengthBytes, length);
}

/// Every byte of the data belongs to exactly one tensor, whose size is its dtype times its shape.
void check_layout(std::vector<SafetensorsHeader::Entry>& entries, std::uint64_t data_bytes,
                  const std::string& file) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t expected = 0;
  for (const auto& entry : entries) {
    const auto refuse = [&](const std::string& cause) {
      throw core::InputError(file, cause, "tensor " + quote(entry.name));
    };
    if (entry.begin > entry.end) refuse("data_offsets descend");
    const auto size = byte_count(entry.shape, entry.dtype);
    if (!size) refuse("shape " + text_of(entry.shape) + " overflows");
    if (*size != entry.end - entry.begin) {
      refuse("shape " + text_of(entry.shape) + " of " + std::string(core::name_of(entry.dtype)) +
             " needs " + std::to_string(*size) + " bytes, data_offsets give " +
             std::to_string(entry.end - entry.begin));
    }
    if (entry.begin < expected) refuse("data_offsets overlap another tensor's");
    if (entry.begin > expected) {
      refuse("data_offsets leave a hole of " + std::to_string(entry.begin - expected) + " bytes");
    }
    if (entry.end > data_bytes) {
      refuse("data_offsets reach byte " + std::to_string(entry.end) + ", the file's data has " +
             std::to_string(data_bytes) + " (truncated?)");
    }
    expected = entry.end;
  }
  if (expected != data_bytes) {
    throw core::InputError(file, std::to_string(data_bytes - expected) +
                                     " bytes after the last tensor belong to none");
  }
}

void check_writable(const std::string& file, std::span<const TensorToWrite> tensors) {
  std::set<std::string> names;
  for (const TensorToWrite& tensor : tensors) {
    if (tensor.name == "__metadata__" || !names.insert(tensor.name).second) {
      throw core::OutputError(
          file, "the tensor name " + quote(tensor.name) + " is reserved or used twice");
    }
    if (!byte_count(tensor.shape, tensor.dtype)) {
      throw core::OutputError(
          file, "tensor " + quote(tensor.name) + " has a bad shape " + text_of(tensor.shape));
    }
  }
}

}  // namespace

std::unique_ptr<TensorFile> read_safetensors(std::shared_ptr<const FileBytes> file) {
  const std::string name = file->path().string();
  const std::string_view text = header_text(*file);
  SafetensorsHeader header = parse_safetensors_header(text, name);
  const auto data = file->bytes().subspan(kLengthBytes + text.size());
  check_layout(header.entries, data.size(), name);

  auto loaded = std::make_unique<LoadedFile>();
  loaded->file_path = file->path();
  loaded->notes = std::move(header.metadata);
  for (auto& entry : header.entries) {
    loaded->table.push_back({std::move(entry.name), entry.dtype, std::move(entry.shape),
                             data.subspan(entry.begin, entry.end - entry.begin)});
  }
  loaded->owners.push_back(std::move(file));
  return loaded;
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata) {
  check_writable(path.string(), tensors);
  const std::string header = make_safetensors_header(tensors, metadata);
  if (header.size() > kMaxSafetensorsHeader) {
    throw core::OutputError(path.string(), "the header would exceed the format's 100000000 bytes");
  }
  const std::uint64_t length = header.size();
  core::AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const TensorToWrite& tensor : tensors) {
    file.write({static_cast<const std::byte*>(tensor.data),
                static_cast<std::size_t>(*byte_count(tensor.shape, tensor.dtype))});
  }
  file.commit();
}

}  // namespace bsfa::io
