// SPDX-License-Identifier: Apache-2.0
#include "io/pickle_torch.h"

#include <array>
#include <utility>

#include "core/error.h"
#include "io/bytes.h"

namespace bsfa::io {
namespace {

using core::Dtype;

constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kOrderedDict = "collections.OrderedDict";

constexpr std::array<std::pair<std::string_view, Dtype>, 6> kStorages{
    {{"torch.FloatStorage", Dtype::kFloat32},
     {"torch.DoubleStorage", Dtype::kFloat64},
     {"torch.HalfStorage", Dtype::kFloat16},
     {"torch.BFloat16Storage", Dtype::kBfloat16},
     {"torch.LongStorage", Dtype::kInt64},
     {"torch.IntStorage", Dtype::kInt32}}};

bool is_text(PickleRef value, std::string_view text) {
  const auto* string = value->as<std::string>();
  return string != nullptr && *string == text;
}

std::vector<std::int64_t> sizes_of(PickleRef value, const PicklePlace& place) {
  const auto* tuple = value->as<PickleTuple>();
  if (tuple == nullptr || tuple->items.size() > kMaxRank) {
    place.refuse("builds a tensor whose sizes are no tuple of at most 32 numbers");
  }
  std::vector<std::int64_t> sizes;
  for (const PickleRef item : tuple->items) {
    const auto* number = item->as<std::int64_t>();
    if (number == nullptr || *number < 0)
      place.refuse("builds a tensor with a negative or odd size");
    sizes.push_back(*number);
  }
  return sizes;
}

/// Whether offset + Σ (shape-1)·stride stays below the storage's length, without overflow, and
/// whether the view repeats elements so often that it is larger than its storage.
bool fits(const PickleTensor& tensor, std::int64_t elements) {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.shape) {
    if (size == 0) return tensor.offset <= elements;
  }
  std::int64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] > elements / count) return false;
    count *= tensor.shape[i];
    const std::int64_t steps = tensor.shape[i] - 1;
    if (steps > 0 && tensor.stride[i] > (elements - last) / steps) return false;
    last += steps * tensor.stride[i];
    if (last >= elements) return false;
  }
  return last < elements;
}

PickleTensor tensor_of(const PickleTuple& arguments, const PicklePlace& place) {
  const auto& items = arguments.items;
  if (items.size() < 6 || items.size() > 7) place.refuse("builds a tensor from odd arguments");
  const auto* storage = items[0]->as<PickleStorage>();
  const auto* offset = items[1]->as<std::int64_t>();
  if (storage == nullptr || offset == nullptr || *offset < 0) {
    place.refuse("builds a tensor from odd arguments");
  }
  PickleTensor tensor{items[0], *offset, sizes_of(items[2], place), sizes_of(items[3], place)};
  if (tensor.shape.size() != tensor.stride.size()) {
    place.refuse("builds a tensor whose shape and strides differ in length");
  }
  if (!fits(tensor, storage->elements)) {
    place.refuse("builds a tensor of shape " + text_of(tensor.shape) + " and strides " +
                 text_of(tensor.stride) + " that does not fit its storage of " +
                 std::to_string(storage->elements) + " elements");
  }
  return tensor;
}

}  // namespace

void PicklePlace::refuse(const std::string& cause) const {
  throw core::InputError(file, "the pickle " + cause, "data.pkl, byte " + std::to_string(byte));
}

std::optional<std::string_view> allowed_global(std::string_view name) noexcept {
  if (name == kRebuildTensor) return kRebuildTensor;
  if (name == kOrderedDict) return kOrderedDict;
  for (const auto& [allowed, dtype] : kStorages) {
    if (allowed == name) return allowed;
  }
  return std::nullopt;
}

PickleStorage storage_of(const PickleValue& persistent_id, const PicklePlace& place) {
  const auto* id = persistent_id.as<PickleTuple>();
  if (id == nullptr || id->items.size() != 5 || !is_text(id->items[0], "storage")) {
    place.refuse("has a persistent id that is no torch storage");
  }
  const auto* kind = id->items[1]->as<PickleGlobal>();
  const auto* key = id->items[2]->as<std::string>();
  const auto* elements = id->items[4]->as<std::int64_t>();
  if (kind == nullptr || key == nullptr || elements == nullptr || *elements < 0) {
    place.refuse("has a persistent id that is no torch storage");
  }
  for (const auto& [name, dtype] : kStorages) {
    if (name == kind->name) return {dtype, *key, *elements};
  }
  place.refuse("has a persistent id whose type " + std::string(kind->name) +
               " is no torch storage");
}

PickleValue reduced(const PickleValue& callable, const PickleValue& arguments,
                    const PicklePlace& place) {
  const auto* global = callable.as<PickleGlobal>();
  const auto* tuple = arguments.as<PickleTuple>();
  if (global == nullptr) place.refuse("uses REDUCE to call something that is no name");
  if (tuple == nullptr) place.refuse("uses REDUCE with arguments that are no tuple");
  if (global->name == kRebuildTensor) return {tensor_of(*tuple, place)};
  if (global->name != kOrderedDict || !tuple->items.empty()) {
    place.refuse("uses REDUCE to call " + std::string(global->name) + ", which is not allowed");
  }
  return {PickleDict{}};
}

}  // namespace bsfa::io
