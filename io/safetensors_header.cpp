// SPDX-License-Identifier: Apache-2.0
#include "io/safetensors_header.h"

#include <array>
#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "io/bytes.h"

namespace bsfa::io {
namespace {

using core::Dtype;
using nlohmann::json;

constexpr std::array<std::pair<std::string_view, Dtype>, 13> kDtypes{{{"F16", Dtype::kFloat16},
                                                                      {"BF16", Dtype::kBfloat16},
                                                                      {"F32", Dtype::kFloat32},
                                                                      {"F64", Dtype::kFloat64},
                                                                      {"BOOL", Dtype::kBool},
                                                                      {"U8", Dtype::kUint8},
                                                                      {"I8", Dtype::kInt8},
                                                                      {"U16", Dtype::kUint16},
                                                                      {"I16", Dtype::kInt16},
                                                                      {"U32", Dtype::kUint32},
                                                                      {"I32", Dtype::kInt32},
                                                                      {"U64", Dtype::kUint64},
                                                                      {"I64", Dtype::kInt64}}};

constexpr std::string_view kMetadataName = "__metadata__";

/// Receives the header's JSON piece by piece, so that nothing but what the format allows is ever
/// held in memory and nesting costs nothing.
class HeaderReader final : public json::json_sax_t {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}
  SafetensorsHeader take() && { return std::move(header_); }

  bool start_object(std::size_t) override {
    if (place_ == Place::kStart) {
      place_ = Place::kRoot;
    } else if (place_ == Place::kRoot) {
      start_member();
    } else {
      fail("an object where none is allowed");
    }
    return true;
  }

  bool key(std::string& text) override {
    if (place_ == Place::kRoot) {
      if (!names_.insert(text).second) fail("the name " + quote(text) + " occurs twice");
      name_ = text;
    } else if (place_ == Place::kMetadata) {
      if (header_.metadata.contains(text)) fail("the key " + quote(text) + " occurs twice");
      key_ = text;
    } else {
      start_field(text);
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor) finish_tensor();
    place_ = place_ == Place::kRoot ? Place::kEnd : Place::kRoot;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::kTensor || (key_ != "shape" && key_ != "data_offsets")) {
      fail("an array where none is allowed");
    }
    place_ = Place::kArray;
    numbers_.clear();
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    if (key_ == "shape") {
      shape_ = numbers_;
    } else {
      if (numbers_.size() != 2) fail("data_offsets must be two numbers");
      offsets_ = numbers_;
    }
    return true;
  }

  bool string(std::string& text) override {
    if (place_ == Place::kMetadata) {
      header_.metadata.emplace(key_, text);
    } else if (place_ == Place::kTensor && key_ == "dtype") {
      set_dtype(text);
    } else {
      fail("a string where none is allowed");
    }
    return true;
  }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ != Place::kArray) fail("a number where none is allowed");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail("a number in " + key_ + " exceeds 2^63 - 1");
    }
    if (numbers_.size() == kMaxRank) fail(key_ + " has more than 32 numbers");
    numbers_.push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool number_integer(std::int64_t) override { fail("a negative number"); }
  bool number_float(double, const std::string&) override {
    fail("a number that is no integer of 63 bits");
  }
  bool null() override { fail("null where it is not allowed"); }
  bool boolean(bool) override { fail("a boolean where none is allowed"); }
  bool binary(json::binary_t&) override { fail("a binary value"); }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    throw core::InputError(file_, "the safetensors header is not valid JSON",
                           "header byte " + std::to_string(position));
  }

 private:
  enum class Place { kStart, kRoot, kMetadata, kTensor, kArray, kEnd };

  [[noreturn]] void fail(const std::string& cause) const {
    throw core::InputError(file_, "the safetensors header has " + cause, where());
  }

  std::string where() const {
    if (place_ == Place::kStart || place_ == Place::kRoot) return "top level";
    return place_ == Place::kMetadata ? std::string(kMetadataName) : "tensor " + quote(name_);
  }

  void start_member() {
    place_ = name_ == kMetadataName ? Place::kMetadata : Place::kTensor;
    dtype_.reset();
    shape_.reset();
    offsets_.reset();
  }

  void start_field(const std::string& text) {
    const bool twice = (text == "dtype" && dtype_) || (text == "shape" && shape_) ||
                       (text == "data_offsets" && offsets_);
    if (twice) fail("the key " + quote(text) + " twice");
    if (text != "dtype" && text != "shape" && text != "data_offsets") {
      fail("an unknown key " + quote(text));
    }
    key_ = text;
  }

  void set_dtype(const std::string& text) {
    for (const auto& [name, dtype] : kDtypes) {
      if (name == text) dtype_ = dtype;
    }
    if (!dtype_) fail("dtype " + quote(text) + ", which is not supported");
  }

  void finish_tensor() {
    if (!dtype_) fail("no dtype");
    if (!shape_) fail("no shape");
    if (!offsets_) fail("no data_offsets");
    header_.entries.push_back({name_, *dtype_, *shape_, static_cast<std::uint64_t>((*offsets_)[0]),
                               static_cast<std::uint64_t>((*offsets_)[1])});
  }

  const std::string& file_;
  SafetensorsHeader header_;
  Place place_ = Place::kStart;
  std::unordered_set<std::string> names_;
  std::string name_, key_;
  std::vector<std::int64_t> numbers_;
  std::optional<Dtype> dtype_;
  std::optional<std::vector<std::int64_t>> shape_, offsets_;
};

std::string_view dtype_text(Dtype dtype) {
  for (const auto& [name, value] : kDtypes) {
    if (value == dtype) return name;
  }
  return {};
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& file) {
  HeaderReader reader(file);
  json::sax_parse(text.begin(), text.end(), &reader);
  return std::move(reader).take();
}

std::string make_safetensors_header(std::span<const TensorToWrite> tensors,
                                    const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[std::string(kMetadataName)] = metadata;
  std::uint64_t offset = 0;
  for (const TensorToWrite& tensor : tensors) {
    const std::uint64_t end = offset + byte_count(tensor.shape, tensor.dtype).value();
    header[tensor.name] = {{"dtype", dtype_text(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, end}}};
    offset = end;
  }
  // File names in metadata need not be UTF-8; what is not becomes U+FFFD.
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace bsfa::io
