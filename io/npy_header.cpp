// SPDX-License-Identifier: Apache-2.0
#include "io/npy_header.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "io/bytes.h"

namespace bsfa::io {
namespace {

using core::Dtype;

constexpr std::string_view kMagic = "\x93NUMPY";

constexpr std::array<std::pair<std::string_view, Dtype>, 12> kDescriptors{{{"f2", Dtype::kFloat16},
                                                                           {"f4", Dtype::kFloat32},
                                                                           {"f8", Dtype::kFloat64},
                                                                           {"b1", Dtype::kBool},
                                                                           {"u1", Dtype::kUint8},
                                                                           {"i1", Dtype::kInt8},
                                                                           {"u2", Dtype::kUint16},
                                                                           {"i2", Dtype::kInt16},
                                                                           {"u4", Dtype::kUint32},
                                                                           {"i4", Dtype::kInt32},
                                                                           {"u8", Dtype::kUint64},
                                                                           {"i8", Dtype::kInt64}}};

/// Reads the one dictionary that an npy header consists of; nothing else of Python is understood.
class DictionaryParser {
 public:
  DictionaryParser(std::string_view text, const std::string& file, const std::string& place)
      : text_(text), file_(file), place_(place) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      parse_item();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) refuse("text after the header's dictionary");
    if (!dtype_ || !has_order_ || !shape_) refuse("a header without descr, fortran_order or shape");
    NpyHeader header{*dtype_, *shape_, 0, 0};
    const auto size = byte_count(header.shape, header.dtype);
    if (!size) refuse("a shape that overflows, " + text_of(header.shape));
    header.data_bytes = *size;
    return header;
  }

 private:
  [[noreturn]] void refuse(const std::string& cause) const {
    throw core::InputError(file_, "the npy array has " + cause, place_);
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  bool accept(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) {
      refuse("a broken header: '" + std::string(1, c) + "' expected at character " +
             std::to_string(at_));
    }
  }

  std::string_view parse_string() {
    skip_space();
    const char quote = at_ < text_.size() && text_[at_] == '"' ? '"' : '\'';
    expect(quote);
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) refuse("a broken header: a string does not end");
    const std::string_view value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return value;
  }

  void parse_item() {
    const std::string_view key = parse_string();
    expect(':');
    if (key == "descr" && !dtype_) {
      parse_descriptor();
    } else if (key == "fortran_order" && !has_order_) {
      parse_order();
    } else if (key == "shape" && !shape_) {
      parse_shape();
    } else {
      refuse("an unknown or repeated key " + quote(key) + " in its header");
    }
  }

  void parse_descriptor() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '[') refuse("a structured dtype; save plain arrays");
    const std::string_view text = parse_string();
    if (text.empty()) refuse("an empty dtype");
    const char order = text[0];
    const std::string_view kind = text.substr(1);
    if (kind.starts_with('O')) refuse("dtype object, which would have to run code to be read");
    if (order == '>') refuse("big-endian dtype " + quote(text) + "; save it little-endian");
    for (const auto& [name, dtype] : kDescriptors) {
      const bool order_fits = order == '<' || (order == '|' && core::size_of(dtype) == 1);
      if (name == kind && order_fits) dtype_ = dtype;
    }
    if (!dtype_) {
      const bool is_void = kind.starts_with('V');
      refuse("unsupported dtype " + quote(text) +
             (is_void ? "; npy cannot hold bfloat16, use safetensors" : ""));
    }
  }

  void parse_order() {
    skip_space();
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("True")) refuse("Fortran order; save it in C order");
    if (!rest.starts_with("False")) refuse("a fortran_order that is neither True nor False");
    at_ += std::string_view("False").size();
    has_order_ = true;
  }

  void parse_shape() {
    expect('(');
    std::vector<std::int64_t> shape;
    while (!accept(')')) {
      shape.push_back(parse_dimension());
      if (shape.size() > kMaxRank) refuse("more than 32 dimensions");
      const bool more = accept(',');
      if (!more && shape.size() == 1) refuse("a shape that is no tuple");
      if (!more) {
        expect(')');
        break;
      }
    }
    shape_ = std::move(shape);
  }

  std::int64_t parse_dimension() {
    skip_space();
    std::int64_t value = 0;
    const char* first = text_.data() + at_;
    const char* last = text_.data() + text_.size();
    const auto [end, error] = std::from_chars(first, last, value);
    if (error != std::errc{} || value < 0) refuse("a shape that is no tuple of sizes");
    at_ += static_cast<std::size_t>(end - first);
    return value;
  }

  std::string_view text_;
  const std::string& file_;
  const std::string& place_;
  std::size_t at_ = 0;
  std::optional<Dtype> dtype_;
  bool has_order_ = false;
  std::optional<std::vector<std::int64_t>> shape_;
};

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& file,
                           const std::string& place) {
  const auto refuse = [&](const std::string& cause) {
    throw core::InputError(file, "the npy array " + cause, place);
  };
  if (!starts_with(bytes, kMagic)) refuse("does not begin like one");
  const std::size_t length_at = kMagic.size() + 2;
  const std::size_t shortest = length_at + 2;
  if (bytes.size() < shortest) refuse("is truncated in its header");
  const auto major = load<std::uint8_t>(bytes, kMagic.size());
  if (major < 1 || major > 3) refuse("has unknown version " + std::to_string(major));
  const std::size_t begin = length_at + (major == 1 ? 2 : 4);
  if (bytes.size() < begin) refuse("is truncated in its header");
  const std::size_t length =
      major == 1 ? load<std::uint16_t>(bytes, length_at) : load<std::uint32_t>(bytes, length_at);
  if (length > kMaxNpyHeader - 12) {
    refuse("announces a header of " + std::to_string(length) + " bytes, more than 65536");
  }
  if (length > bytes.size() - begin) refuse("is truncated in its header");
  NpyHeader header = DictionaryParser(as_text(bytes).substr(begin, length), file, place).parse();
  header.header_bytes = begin + length;
  return header;
}

std::string make_npy_header(Dtype dtype, const std::vector<std::int64_t>& shape) {
  std::string descriptor;
  for (const auto& [name, value] : kDescriptors) {
    if (value == dtype) descriptor = (core::size_of(dtype) == 1 ? "|" : "<") + std::string(name);
  }
  std::string tuple = "(";
  for (const std::int64_t dimension : shape) tuple += std::to_string(dimension) + ", ";
  if (shape.size() > 1) tuple.resize(tuple.size() - 2);
  if (shape.size() == 1) tuple.pop_back();
  std::string text =
      "{'descr': '" + descriptor + "', 'fortran_order': False, 'shape': " + tuple + "), }";
  constexpr std::size_t kPrefix = 10;
  text.append(63 - (kPrefix + text.size()) % 64, ' ').push_back('\n');
  std::string header(kMagic);
  header.append({'\x01', '\x00', static_cast<char>(text.size() & 0xFFU),
                 static_cast<char>(text.size() >> 8U)});
  return header + text;
}

}  // namespace bsfa::io
