// SPDX-License-Identifier: Apache-2.0
#include "cli/calibrate/partial_file.h"

#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/support/format.h"
#include "cli/support/input_options.h"
#include "core/error.h"
#include "io/tensor_file.h"

namespace bsfa::cli {
namespace {

using analysis::Calibration;
constexpr const char* kFormat = "bsfa-partial-calibration-1";

/// Visits every cell in the order of the file.
template <typename Visit>
void for_each_cell(const Calibration& c, std::int64_t blocks, const Visit& visit) {
  for (std::int64_t block = 0; block < blocks; ++block) {
    for (std::size_t k = 0; k < c.k_values().size(); ++k) {
      for (std::size_t layer = 0; layer < c.layers().size(); ++layer) {
        for (std::int64_t head = 0; head < c.heads(); ++head) visit(k, layer, head, block);
      }
    }
  }
}

std::vector<std::int64_t> cell_shape(const Calibration& c) {
  return {c.blocks(), static_cast<std::int64_t>(c.k_values().size()),
          static_cast<std::int64_t>(c.layers().size()), c.heads()};
}

std::map<std::string, std::string> metadata_of(const Calibration& c) {
  return {{"format", kFormat},
          {"k_values", fmt::format("{}", fmt::join(c.k_values(), ","))},
          {"layers", fmt::format("{}", fmt::join(c.layers(), ","))},
          {"heads", std::to_string(c.heads())},
          {"gate", describe(c.gate())},
          {"aggregation", c.aggregation() == core::Aggregation::kMean ? "mean" : "median"},
          {"samples", nlohmann::json(c.samples()).dump()}};
}

/// Reads metadata and arrays of one file, with errors that name it.
class PartialReader {
 public:
  explicit PartialReader(const std::filesystem::path& path)
      : path_(path.string()), file_(io::open_tensor_file(path)) {
    const auto format = file_->metadata().find("format");
    if (format == file_->metadata().end() || format->second != kFormat) {
      throw core::InputError(path_, "is no partial calibration written by calibrate --partial");
    }
  }

  const std::string& text(const std::string& key) const {
    const auto at = file_->metadata().find(key);
    if (at == file_->metadata().end()) throw core::InputError(path_, "metadata is missing", key);
    return at->second;
  }

  std::vector<std::int64_t> integers(const std::string& key) const {
    const std::string& list = text(key);
    std::vector<std::int64_t> values;
    for (const char *p = list.data(), *end = p + list.size(); p < end; ++p) {
      const auto [stop, error] = std::from_chars(p, end, values.emplace_back());
      if (error != std::errc{} || (stop != end && *stop != ',')) refuse(key);
      p = stop;
    }
    if (values.empty()) refuse(key);
    return values;
  }

  template <typename T>
  std::vector<T> array(const std::string& name, core::Dtype dtype, std::size_t size) const {
    const auto& tensor = file_->at(name);
    if (tensor.dtype != dtype || tensor.bytes.size() != size * sizeof(T)) {
      throw core::InputError(path_, "dtype or size does not fit the metadata", name);
    }
    std::vector<T> values(size);
    if (size > 0) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }

  [[noreturn]] void refuse(const std::string& key) const {
    throw core::InputError(path_, "metadata cannot be understood", key);
  }
  const io::TensorFile& file() const { return *file_; }

 private:
  std::string path_;
  std::unique_ptr<io::TensorFile> file_;
};

std::vector<std::string> samples_of(const PartialReader& reader) {
  const auto json = nlohmann::json::parse(reader.text("samples"), nullptr, false);
  if (!json.is_array()) reader.refuse("samples");
  std::vector<std::string> samples;
  for (const auto& name : json) {
    if (!name.is_string()) reader.refuse("samples");
    samples.push_back(name.get<std::string>());
  }
  return samples;
}

Calibration empty_calibration(const PartialReader& reader) {
  const auto heads = reader.integers("heads");
  const std::string& gate = reader.text("gate");
  const std::string& aggregation = reader.text("aggregation");
  if (heads.size() != 1 || heads.front() < 1) reader.refuse("heads");
  if (gate != "128x64" && gate != "64x64" && gate != "128x128") reader.refuse("gate");
  if (aggregation != "mean" && aggregation != "median") reader.refuse("aggregation");
  return {reader.integers("k_values"), reader.integers("layers"), heads.front(), parse_gate(gate),
          aggregation == "mean" ? core::Aggregation::kMean : core::Aggregation::kMedian};
}

/// Blocks of the arrays, from the size of "count".
std::int64_t blocks_of(const PartialReader& reader, const Calibration& c) {
  const auto elements = reader.file().at("count").elements();
  const auto per_block =
      static_cast<std::int64_t>(c.k_values().size() * c.layers().size()) * c.heads();
  if (elements % per_block != 0) reader.refuse("heads");
  return elements / per_block;
}

}  // namespace

void write_partial(const std::filesystem::path& path, const Calibration& c) {
  std::vector<double> sums, rests;
  std::vector<std::int64_t> counts, value_counts;
  std::vector<float> values;
  for_each_cell(c, c.blocks(),
                [&](std::size_t k, std::size_t layer, std::int64_t head, std::int64_t block) {
                  const auto& cell = c.cell(k, layer, head, block);
                  sums.push_back(cell.sum);
                  rests.push_back(cell.rest);
                  counts.push_back(cell.count);
                  value_counts.push_back(static_cast<std::int64_t>(cell.values.size()));
                  values.insert(values.end(), cell.values.begin(), cell.values.end());
                });
  const auto shape = cell_shape(c);
  const std::vector<io::TensorToWrite> tensors = {
      {"sum", core::Dtype::kFloat64, shape, sums.data()},
      {"rest", core::Dtype::kFloat64, shape, rests.data()},
      {"count", core::Dtype::kInt64, shape, counts.data()},
      {"value_count", core::Dtype::kInt64, shape, value_counts.data()},
      {"values", core::Dtype::kFloat32, {static_cast<std::int64_t>(values.size())}, values.data()}};
  io::write_safetensors(path, tensors, metadata_of(c));
}

analysis::Calibration read_partial(const std::filesystem::path& path) {
  const PartialReader reader(path);
  Calibration c = empty_calibration(reader);
  for (const auto& sample : samples_of(reader)) c.add_sample_name(sample);
  const auto cells = static_cast<std::size_t>(reader.file().at("count").elements());
  const std::int64_t blocks = blocks_of(reader, c);
  const auto sums = reader.array<double>("sum", core::Dtype::kFloat64, cells);
  const auto rests = reader.array<double>("rest", core::Dtype::kFloat64, cells);
  const auto counts = reader.array<std::int64_t>("count", core::Dtype::kInt64, cells);
  const auto value_counts = reader.array<std::int64_t>("value_count", core::Dtype::kInt64, cells);
  const auto total = static_cast<std::size_t>(reader.file().at("values").elements());
  const auto values = reader.array<float>("values", core::Dtype::kFloat32, total);
  std::size_t at = 0, used = 0;
  for_each_cell(c, blocks,
                [&](std::size_t k, std::size_t layer, std::int64_t head, std::int64_t block) {
                  const auto own = static_cast<std::size_t>(value_counts[at]);
                  if (counts[at] < 0 || value_counts[at] < 0 || own > total - used)
                    reader.refuse("value_count");
                  const auto first = values.begin() + static_cast<std::ptrdiff_t>(used);
                  if (counts[at] > 0 || own > 0) {
                    auto& cell = c.cell_for_update(k, layer, head, block);
                    cell.sum = sums[at];
                    cell.rest = rests[at];
                    cell.count = counts[at];
                    cell.values.assign(first, first + static_cast<std::ptrdiff_t>(own));
                  }
                  used += own;
                  ++at;
                });
  if (used != total) reader.refuse("values");
  return c;
}

}  // namespace bsfa::cli
