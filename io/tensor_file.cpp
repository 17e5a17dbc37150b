// SPDX-License-Identifier: Apache-2.0
#include "io/tensor_file.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "io/bytes.h"
#include "io/loaded_file.h"

namespace bsfa::io {
namespace {

std::string names_of(const std::vector<StoredTensor>& tensors) {
  constexpr std::size_t kMostNames = 12;
  if (tensors.empty()) return "it holds none";
  std::string text = "it holds ";
  for (std::size_t i = 0; i < std::min(tensors.size(), kMostNames); ++i) {
    if (i > 0) text += ", ";
    text += quote(tensors[i].name);
  }
  if (tensors.size() > kMostNames) {
    text += " and " + std::to_string(tensors.size() - kMostNames) + " more";
  }
  return text;
}

}  // namespace

std::int64_t StoredTensor::elements() const noexcept {
  return static_cast<std::int64_t>(bytes.size() / core::size_of(dtype));
}

const StoredTensor* TensorFile::find(const std::string& name) const {
  const auto found = std::find_if(tensors().begin(), tensors().end(),
                                  [&](const StoredTensor& t) { return t.name == name; });
  return found == tensors().end() ? nullptr : &*found;
}

const StoredTensor& TensorFile::at(const std::string& name) const {
  const StoredTensor* tensor = find(name);
  if (tensor != nullptr) return *tensor;
  throw core::InputError(path().string(), "no tensor " + quote(name), names_of(tensors()));
}

std::unique_ptr<TensorFile> open_tensor_file(const std::filesystem::path& path) {
  auto file = FileBytes::map(path);
  if (starts_with(file->bytes(), "\x93NUMPY")) return read_npy(std::move(file));
  if (starts_with(file->bytes(), "PK")) return read_npz(std::move(file));
  return read_safetensors(std::move(file));
}

}  // namespace bsfa::io
