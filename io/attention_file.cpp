// SPDX-License-Identifier: Apache-2.0
#include "io/attention_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "io/bytes.h"
#include "io/half.h"

namespace bsfa::io {
namespace {

using core::Dtype;

constexpr std::string_view kPrefix = "layers.";
constexpr std::array<std::string_view, 3> kSuffixes{".q", ".k", ".v"};

/// L of "layers.L.q", "layers.L.k" or "layers.L.v".
std::optional<std::int64_t> layer_of(std::string_view name) {
  if (!name.starts_with(kPrefix) || name.size() < kPrefix.size() + 3) return std::nullopt;
  const std::string_view suffix = name.substr(name.size() - 2);
  if (std::find(kSuffixes.begin(), kSuffixes.end(), suffix) == kSuffixes.end()) return std::nullopt;
  const std::string_view digits =
      name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size());
  std::int64_t layer = 0;
  const char* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, layer);
  const bool canonical = digits == "0" || (!digits.empty() && digits[0] != '0' && digits[0] != '-');
  if (error != std::errc{} || end != last || !canonical) return std::nullopt;
  return layer;
}

std::string list_of(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) {
    if (!text.empty()) text += ", ";
    text += std::to_string(number);
  }
  return text;
}

/// One of q, k and v with its shape brought to four dimensions.
struct Part {
  const StoredTensor* stored = nullptr;
  std::array<std::int64_t, 4> shape{1, 1, 1, 1};
};

Part part_of(const TensorFile& file, const std::string& name) {
  Part part{&file.at(name), {1, 1, 1, 1}};
  const auto& shape = part.stored->shape;
  if (shape.size() < 2 || shape.size() > 4) {
    throw core::InputError(file.path().string(),
                           "shape " + text_of(shape) +
                               " is not [length,D], [heads,length,D] or [batch,heads,length,D]",
                           "tensor " + quote(name));
  }
  std::copy_backward(shape.begin(), shape.end(), part.shape.end());
  return part;
}

bool is_half(Dtype dtype) {
  return dtype == Dtype::kFloat16 || dtype == Dtype::kBfloat16;
}

void check_agreement(const std::string& file, const Part& q, const Part& k, const Part& v) {
  const auto refuse = [&](const std::string& what, const Part& a, const Part& b) {
    throw core::InputError(file, what,
                           quote(a.stored->name) + " " + text_of(a.stored->shape) + " " +
                               std::string(core::name_of(a.stored->dtype)) + ", " +
                               quote(b.stored->name) + " " + text_of(b.stored->shape) + " " +
                               std::string(core::name_of(b.stored->dtype)));
  };
  if (k.shape != v.shape) refuse("K and V differ in shape", k, v);
  if (q.shape[0] != k.shape[0]) refuse("Q and K differ in batch size", q, k);
  if (q.shape[3] != k.shape[3]) refuse("Q and K differ in head dimension", q, k);
  if (q.stored->dtype != k.stored->dtype) refuse("Q and K differ in dtype", q, k);
  if (k.stored->dtype != v.stored->dtype) refuse("K and V differ in dtype", k, v);
  if (!is_half(q.stored->dtype) && q.stored->dtype != Dtype::kFloat32) {
    throw core::InputError(
        file, "dtype " + std::string(core::name_of(q.stored->dtype)) + " is not fp16, bf16 or fp32",
        "tensor " + quote(q.stored->name));
  }
}

float scale_of(const TensorFile& file, const AttentionOptions& options) {
  if (options.scale) return *options.scale;
  const auto found = file.metadata().find("scale");
  if (found == file.metadata().end()) return 0.0F;
  const std::string& text = found->second;
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || !std::isfinite(value) || value <= 0.0) {
    throw core::InputError(file.path().string(),
                           "metadata 'scale' is " + quote(text) + ", not a positive number");
  }
  return static_cast<float>(value);
}

core::Problem problem_of(const TensorFile& file, const Part& q, const Part& k,
                         const AttentionOptions& options) {
  core::Problem problem;
  problem.batch = q.shape[0];
  problem.heads = q.shape[1];
  problem.kv_heads = k.shape[1];
  problem.q_len = q.shape[2];
  problem.kv_len = k.shape[2];
  problem.head_dim = q.shape[3];
  problem.dtype = is_half(q.stored->dtype) ? q.stored->dtype : options.round_to;
  problem.causal = options.causal;
  problem.scale = scale_of(file, options);
  problem.gate = options.gate;
  problem = core::with_default_scale(problem);
  try {
    core::validate(problem);
  } catch (const core::InvalidProblem& error) {
    throw core::InvalidProblem(file.path().string() + ": " + error.what());
  }
  return problem;
}

/// Rounds in slices that stay in the cache. A finite value may not become infinite.
std::vector<std::uint16_t> rounded(const std::string& file, const StoredTensor& tensor,
                                   Dtype dtype) {
  constexpr std::size_t kSlice = 8192;
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(tensor.elements()));
  std::vector<float> slice(kSlice);
  const std::uint16_t infinity = to_half_bits(INFINITY, dtype);
  for (std::size_t begin = 0; begin < bits.size(); begin += kSlice) {
    const std::size_t count = std::min(kSlice, bits.size() - begin);
    std::memcpy(slice.data(), tensor.bytes.data() + begin * sizeof(float), count * sizeof(float));
    const std::span<std::uint16_t> out(bits.data() + begin, count);
    to_half_bits(std::span<const float>(slice.data(), count), out, dtype);
    for (std::size_t i = 0; i < count; ++i) {
      if ((out[i] & 0x7FFFU) == infinity && std::isfinite(slice[i])) {
        throw core::InputError(
            file,
            "the value " + std::to_string(slice[i]) + " does not fit " +
                std::string(core::name_of(dtype)) +
                (dtype == Dtype::kFloat16 ? "; round to bf16 instead" : ""),
            "tensor " + quote(tensor.name) + ", element " + std::to_string(begin + i));
      }
    }
  }
  return bits;
}

std::vector<std::uint16_t> copied(const StoredTensor& tensor) {
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(tensor.elements()));
  std::memcpy(bits.data(), tensor.bytes.data(), tensor.bytes.size());
  return bits;
}

/// What inputs point into: the file, and copies of what cannot be used in place.
struct Holdings {
  std::shared_ptr<const TensorFile> file;
  std::array<std::vector<std::uint16_t>, 3> copies;
};

core::TensorView view_of(const Part& part, Dtype dtype, Holdings& holdings, std::size_t slot) {
  const StoredTensor& stored = *part.stored;
  const void* data = stored.bytes.data();
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % alignof(std::uint16_t) == 0;
  if (!is_half(stored.dtype)) {
    holdings.copies[slot] = rounded(holdings.file->path().string(), stored, dtype);
    data = holdings.copies[slot].data();
  } else if (!aligned) {
    holdings.copies[slot] = copied(stored);
    data = holdings.copies[slot].data();
  }
  return core::TensorView::contiguous(data, dtype, part.shape);
}

}  // namespace

AttentionFile AttentionFile::open(const std::filesystem::path& path) {
  AttentionFile result;
  result.file_ = open_tensor_file(path);
  std::set<std::int64_t> layers;
  bool plain = false;
  for (const StoredTensor& tensor : result.file_->tensors()) {
    if (const auto layer = layer_of(tensor.name)) layers.insert(*layer);
    plain = plain || tensor.name == "q" || tensor.name == "k" || tensor.name == "v";
  }
  if (plain && !layers.empty()) {
    throw core::InputError(path.string(), "holds both q, k, v and layers.L.q, .k, .v");
  }
  if (!plain && layers.empty()) {
    static_cast<void>(result.file_->at("q"));
  }
  result.numbered_ = !plain;
  result.layers_.assign(layers.begin(), layers.end());
  if (plain) result.layers_ = {0};
  return result;
}

LoadedAttention AttentionFile::load(std::int64_t layer, const AttentionOptions& options) const {
  const std::string file = file_->path().string();
  if (!std::binary_search(layers_.begin(), layers_.end(), layer)) {
    throw core::InputError(file, "has no layer " + std::to_string(layer),
                           "it has " + list_of(layers_));
  }
  const std::string prefix =
      numbered_ ? std::string(kPrefix) + std::to_string(layer) + "." : std::string();
  const Part q = part_of(*file_, prefix + "q");
  const Part k = part_of(*file_, prefix + "k");
  const Part v = part_of(*file_, prefix + "v");
  check_agreement(file, q, k, v);

  LoadedAttention loaded;
  loaded.problem = problem_of(*file_, q, k, options);
  loaded.rounded = !is_half(q.stored->dtype);
  auto holdings = std::make_shared<Holdings>();
  holdings->file = file_;
  const Dtype dtype = loaded.problem.dtype;
  loaded.inputs = {view_of(q, dtype, *holdings, 0), view_of(k, dtype, *holdings, 1),
                   view_of(v, dtype, *holdings, 2)};
  loaded.owner = std::move(holdings);
  return loaded;
}

}  // namespace bsfa::io
