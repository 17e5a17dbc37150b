// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels {

/// Writes one line into a caller's error buffer, cut to fit, and returns `status`.
inline bsfa_status answer(bsfa_status status, const char* text, char* error, std::size_t size) {
  if (error != nullptr && size > 0) {
    const std::size_t length = std::min(std::strlen(text), size - 1);
    std::memcpy(error, text, length);
    error[length] = '\0';
  }
  return status;
}

/// Copies a struct that a caller made with its own idea of {size, version} into ours: what the
/// caller does not have reads as zero, what we do not know must be zero.
///
/// Errors  BSFA_INVALID_ARGUMENT for a null pointer or a size that cannot hold the header,
///         BSFA_UNSUPPORTED for another version or a field that we do not know and that is set.
template <typename Struct>
bsfa_status read_struct(const Struct* given, Struct& own, char* error, std::size_t error_size) {
  constexpr std::size_t kHeader = 2 * sizeof(std::uint32_t);
  own = Struct{};
  if (given == nullptr || given->size < kHeader) {
    return answer(BSFA_INVALID_ARGUMENT, "a struct is missing or has no size", error, error_size);
  }
  if (given->version != BSFA_ABI_VERSION) {
    return answer(BSFA_UNSUPPORTED, "a struct has a version other than 1", error, error_size);
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (std::size_t i = sizeof(Struct); i < given->size; ++i) {
    if (bytes[i] != 0) {
      return answer(BSFA_UNSUPPORTED, "a field of a later version of the interface is set", error,
                    error_size);
    }
  }
  std::memcpy(&own, given, std::min<std::size_t>(given->size, sizeof(Struct)));
  own.size = sizeof(Struct);
  return BSFA_OK;
}

/// Copies our struct into a caller's, as much of it as the caller has room for.
template <typename Struct>
bsfa_status write_struct(const Struct& own, Struct* given, char* error, std::size_t error_size) {
  constexpr std::size_t kHeader = 2 * sizeof(std::uint32_t);
  if (given == nullptr || given->size < kHeader) {
    return answer(BSFA_INVALID_ARGUMENT, "a struct is missing or has no size", error, error_size);
  }
  const std::uint32_t size = given->size;
  std::memcpy(given, &own, std::min<std::size_t>(size, sizeof(Struct)));
  given->size = size;
  return BSFA_OK;
}

}  // namespace bsfa::kernels
