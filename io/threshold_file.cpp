// SPDX-License-Identifier: Apache-2.0
#include "io/threshold_file.h"

#include <charconv>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "io/bytes.h"
#include "io/loaded_file.h"
#include "io/threshold_check.h"
#include "io/torch_file.h"

namespace bsfa::io {
namespace {

using nlohmann::json;

constexpr const char* kTensor = "thresholds";
constexpr const char* kFormat = "bsfa_thresholds";
constexpr const char* kVersion = "1";

/// Reads the metadata that write_thresholds writes.
class Metadata {
 public:
  explicit Metadata(const TensorFile& tensors)
      : notes_(tensors.metadata()), file_(tensors.path().string()) {}

  const std::string& text(const std::string& key) const {
    const auto found = notes_.find(key);
    if (found == notes_.end()) {
      throw core::InputError(file_, "no metadata " + quote(key) + "; this is no threshold file");
    }
    return found->second;
  }

  std::int64_t integer(const std::string& key) const {
    const std::string& digits = text(key);
    std::int64_t value = 0;
    const char* last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, value);
    if (error != std::errc{} || end != last) refuse(key, "is no integer");
    return value;
  }

  std::vector<std::int64_t> integers(const std::string& key) const {
    std::vector<std::int64_t> numbers;
    for (const json& item : list(key)) {
      if (!item.is_number_integer()) refuse(key, "is no list of integers");
      numbers.push_back(item.get<std::int64_t>());
    }
    return numbers;
  }

  std::vector<std::string> texts(const std::string& key) const {
    std::vector<std::string> strings;
    for (const json& item : list(key)) {
      if (!item.is_string()) refuse(key, "is no list of texts");
      strings.push_back(item.get<std::string>());
    }
    return strings;
  }

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& cause) const {
    throw core::InputError(file_, "metadata " + quote(key) + " " + cause);
  }

  json list(const std::string& key) const {
    // A list of names needs no more; deeply nested text would cost a multiple of its size.
    constexpr std::size_t kLongest = std::size_t{1} << 20U;
    const std::string& source = text(key);
    if (source.size() > kLongest) refuse(key, "is longer than 1 MiB");
    json parsed = json::parse(source, nullptr, false);
    if (!parsed.is_array()) refuse(key, "is no JSON list");
    return parsed;
  }

  const std::map<std::string, std::string>& notes_;
  std::string file_;
};

core::ThresholdTable table_of(const TensorFile& tensors) {
  const std::string file = tensors.path().string();
  const Metadata metadata(tensors);
  if (metadata.text(kFormat) != kVersion) {
    throw core::InputError(file, "has thresholds of version " + quote(metadata.text(kFormat)) +
                                     ", only version 1 is read");
  }
  const StoredTensor& stored = tensors.at(kTensor);
  if (stored.dtype != core::Dtype::kFloat32 || stored.shape.size() != 4) {
    throw core::InputError(file, "tensor 'thresholds' is " + std::string(name_of(stored.dtype)) +
                                     " " + text_of(stored.shape) + ", not fp32 [K,L,H,blocks]");
  }
  core::ThresholdTable table;
  table.k_values = metadata.integers("k_values");
  table.layers = metadata.integers("layers");
  table.heads = stored.shape[2];
  table.blocks = stored.shape[3];
  table.gate = {metadata.integer("q_block_size"), metadata.integer("k_block_size")};
  table.aggregation = aggregation_named(metadata.text("aggregation"), file);
  table.samples = metadata.texts("samples");
  table.values.resize(static_cast<std::size_t>(stored.elements()));
  if (!table.values.empty()) {
    std::memcpy(table.values.data(), stored.bytes.data(), stored.bytes.size());
  }
  check_shape(table, stored.shape, file);
  return table;
}

}  // namespace

core::ThresholdTable read_thresholds(const std::filesystem::path& path) {
  auto file = FileBytes::map(path);
  if (starts_with(file->bytes(), "PK")) return read_torch_thresholds(std::move(file));
  constexpr std::string_view kOldTorch = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  if (starts_with(file->bytes(), kOldTorch)) {
    throw core::InputError(path.string(),
                           "is in torch's format before 1.6; load it and save it again with torch");
  }
  return table_of(*read_safetensors(std::move(file)));
}

void write_thresholds(const std::filesystem::path& path, const core::ThresholdTable& table) {
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(table.k_values.size()),
                                        static_cast<std::int64_t>(table.layers.size()), table.heads,
                                        table.blocks};
  const auto size = byte_count(shape, core::Dtype::kFloat32);
  if (!size || *size != table.values.size() * sizeof(float)) {
    throw core::OutputError(path.string(),
                            "the table's values do not match its shape " + text_of(shape));
  }
  const auto text = [](const auto& list) {
    // Sample names need not be UTF-8.
    return json(list).dump(-1, ' ', false, json::error_handler_t::replace);
  };
  const std::map<std::string, std::string> metadata{
      {kFormat, kVersion},
      {"k_values", text(table.k_values)},
      {"layers", text(table.layers)},
      {"q_block_size", std::to_string(table.gate.q_block)},
      {"k_block_size", std::to_string(table.gate.k_block)},
      {"aggregation", aggregation_text(table.aggregation)},
      {"samples", text(table.samples)}};
  const TensorToWrite tensor{kTensor, core::Dtype::kFloat32, shape, table.values.data()};
  write_safetensors(path, {&tensor, 1}, metadata);
}

}  // namespace bsfa::io
