// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace bsfa::test {

/// The bytes of a number, little-endian.
template <typename T>
std::string raw(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

template <typename T>
std::string raw_list(std::initializer_list<T> values) {
  std::string bytes;
  for (const T value : values) bytes += raw(value);
  return bytes;
}

inline std::string safetensors(std::string_view header, std::string_view data) {
  return raw<std::uint64_t>(header.size()) + std::string(header) + std::string(data);
}

inline std::string npy(std::string_view dictionary, std::string_view data, char major = 1) {
  const std::string text = std::string(dictionary) + "\n";
  std::string file = "\x93NUMPY";
  file.append({major, '\0'});
  file += major == 1 ? raw(static_cast<std::uint16_t>(text.size()))
                     : raw(static_cast<std::uint32_t>(text.size()));
  return file + text + std::string(data);
}

/// An npy array of fp32 with the given shape text, such as "(2, 3)".
inline std::string npy_floats(std::string_view shape, std::initializer_list<float> values) {
  return npy("{'descr': '<f4', 'fortran_order': False, 'shape': " + std::string(shape) + ", }",
             raw_list(values));
}

struct ZipEntry {
  std::string name, content;
  bool deflated = false;
  bool encrypted = false;
};

/// Writes an archive with libzip.
void write_zip(const std::filesystem::path& path, const std::vector<ZipEntry>& entries);

/// What a call says when it refuses its input; "no error" where it does not.
template <typename Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace bsfa::test
