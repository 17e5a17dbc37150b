// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/compare/output_under_test.h"
#include "core/error.h"
#include "core/mask.h"
#include "core/tile_geometry.h"
#include "io/half.h"

namespace bsfa::cli {
namespace {

using Shape = std::array<std::int64_t, 4>;

/// The file, and the arrays that could not be used where they lie.
struct Owned {
  std::shared_ptr<const io::TensorFile> file;
  std::vector<std::shared_ptr<const void>> copies;
};

std::string path_of(const Owned& owned) {
  return owned.file->path().string();
}

/// layers.L.NAME, or NAME; an npy file has a single array.
const io::StoredTensor* find(const io::TensorFile& file, std::int64_t layer,
                             const std::string& name) {
  if (const auto* numbered = file.find(fmt::format("layers.{}.{}", layer, name))) return numbered;
  if (const auto* plain = file.find(name)) return plain;
  return name == "o" ? file.find("data") : nullptr;
}

/// Missing leading dimensions are 1.
void require_shape(const Owned& owned, const io::StoredTensor& tensor,
                   std::span<const std::int64_t> expected) {
  std::vector<std::int64_t> shape = tensor.shape;
  while (shape.size() < expected.size()) shape.insert(shape.begin(), 1);
  if (!std::equal(shape.begin(), shape.end(), expected.begin(), expected.end())) {
    throw core::InputError(path_of(owned),
                           fmt::format("shape [{}] should be [{}]", fmt::join(tensor.shape, ","),
                                       fmt::join(expected, ",")),
                           tensor.name);
  }
}

/// The values as T, copied only where the file holds them unaligned.
template <typename T>
const T* values(Owned& owned, const io::StoredTensor& tensor) {
  const void* data = tensor.bytes.data();
  if (reinterpret_cast<std::uintptr_t>(data) % alignof(T) == 0) return static_cast<const T*>(data);
  auto copy = std::make_shared<std::vector<T>>(tensor.bytes.size() / sizeof(T));
  std::memcpy(copy->data(), data, tensor.bytes.size());
  owned.copies.push_back(copy);
  return copy->data();
}

/// fp32 values as the kernel's dtype, refused where rounding would change one.
const std::uint16_t* narrowed(Owned& owned, const io::StoredTensor& tensor, core::Dtype dtype) {
  const float* from = values<float>(owned, tensor);
  const auto size = static_cast<std::size_t>(tensor.elements());
  auto copy = std::make_shared<std::vector<std::uint16_t>>(size);
  io::to_half_bits(std::span(from, size), *copy, dtype);
  for (std::size_t i = 0; i < size; ++i) {
    const float back = io::from_half_bits((*copy)[i], dtype);
    if (back == from[i] || (std::isnan(back) && std::isnan(from[i]))) continue;
    throw core::InputError(
        path_of(owned),
        fmt::format("fp32 value {} is no {} value: save the output in the kernel's own dtype",
                    from[i], core::name_of(dtype)),
        fmt::format("{}, element {}", tensor.name, i));
  }
  owned.copies.push_back(copy);
  return copy->data();
}

core::TensorView output_view(Owned& owned, const io::StoredTensor& tensor, const core::Problem& p) {
  const Shape shape{p.batch, p.heads, p.q_len, p.head_dim};
  require_shape(owned, tensor, shape);
  if (tensor.dtype == p.dtype) {
    return core::TensorView::contiguous(values<std::uint16_t>(owned, tensor), p.dtype, shape);
  }
  if (tensor.dtype == core::Dtype::kFloat32) {
    return core::TensorView::contiguous(narrowed(owned, tensor, p.dtype), p.dtype, shape);
  }
  throw core::InputError(path_of(owned),
                         fmt::format("dtype {} should be {} or fp32", core::name_of(tensor.dtype),
                                     core::name_of(p.dtype)),
                         tensor.name);
}

const float* floats(Owned& owned, const io::StoredTensor* tensor,
                    std::span<const std::int64_t> shape) {
  if (tensor == nullptr) return nullptr;
  require_shape(owned, *tensor, shape);
  if (tensor->dtype != core::Dtype::kFloat32) {
    throw core::InputError(path_of(owned),
                           fmt::format("dtype {} should be fp32", core::name_of(tensor->dtype)),
                           tensor->name);
  }
  return values<float>(owned, *tensor);
}

core::TileCode code_of(bool takes_part, core::TilePlace place) {
  if (takes_part)
    return place == core::TilePlace::kDiagonal ? core::TileCode::kDiagonal : core::TileCode::kKept;
  return place == core::TilePlace::kOutside ? core::TileCode::kOutside : core::TileCode::kSkipped;
}

/// A bool mask as codes; one that contradicts the geometry stays a contradiction.
const std::uint8_t* codes_of_bool(Owned& owned, const io::StoredTensor& tensor,
                                  const core::Problem& p) {
  const core::TileGeometry geometry(p);
  auto codes = std::make_shared<std::vector<std::uint8_t>>(tensor.bytes.size());
  const auto columns = static_cast<std::size_t>(geometry.k_blocks());
  const auto rows = static_cast<std::size_t>(geometry.q_blocks());
  for (std::size_t i = 0; i < codes->size(); ++i) {
    const auto m = static_cast<std::int64_t>(i / columns % rows);
    const auto n = static_cast<std::int64_t>(i % columns);
    (*codes)[i] =
        static_cast<std::uint8_t>(code_of(tensor.bytes[i] != std::byte{0}, geometry.place(m, n)));
  }
  owned.copies.push_back(codes);
  return codes->data();
}

const std::uint8_t* mask(Owned& owned, const io::StoredTensor* tensor, const core::Problem& p,
                         const Shape& tiles) {
  if (tensor == nullptr) return nullptr;
  require_shape(owned, *tensor, tiles);
  if (tensor->dtype == core::Dtype::kUint8) return values<std::uint8_t>(owned, *tensor);
  if (tensor->dtype == core::Dtype::kBool) return codes_of_bool(owned, *tensor, p);
  throw core::InputError(path_of(owned),
                         fmt::format("dtype {} should be u8 or bool", core::name_of(tensor->dtype)),
                         tensor->name);
}

}  // namespace

OutputUnderTest saved_output(const std::shared_ptr<const io::TensorFile>& file, std::int64_t layer,
                             const core::Problem& p) {
  auto owned = std::make_shared<Owned>(Owned{file, {}});
  const core::TileGeometry geometry(p);
  const Shape tiles{p.batch, p.heads, geometry.q_blocks(), geometry.k_blocks()};
  const auto* o = find(*file, layer, "o");
  if (o == nullptr) {
    throw core::InputError(file->path().string(),
                           fmt::format("holds no tensor o or layers.{}.o", layer));
  }
  OutputUnderTest out;
  out.label.name = file->path().string();
  out.label.origin = "saved output";
  out.view.o = output_view(*owned, *o, p);
  out.view.lse = floats(*owned, find(*file, layer, "lse"), std::array{p.batch, p.heads, p.q_len});
  out.view.tile_max = floats(*owned, find(*file, layer, "tile_max"), tiles);
  out.view.mask = mask(*owned, find(*file, layer, "mask"), p, tiles);
  out.owner = std::move(owned);
  return out;
}

}  // namespace bsfa::cli
