// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/error.h"
#include "io/loaded_file.h"

/// What libFuzzer calls with every input, and replay.cpp with every file of a corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace bsfa::test {

/// The input as a file in memory.
inline std::shared_ptr<const io::FileBytes> as_file(const std::uint8_t* data, std::size_t size) {
  return io::FileBytes::borrow(std::as_bytes(std::span(data, size)), "input");
}

/// Reads with one of the readers. A refusal is an answer; any other exception, and any access
/// outside the input, is a finding.
template <typename Reader>
int read_all(const Reader& reader, const std::uint8_t* data, std::size_t size) {
  static volatile unsigned sink = 0;
  try {
    const std::unique_ptr<io::TensorFile> file = reader(as_file(data, size));
    for (const io::StoredTensor& tensor : file->tensors()) {
      if (tensor.elements() < 0) __builtin_trap();
      unsigned sum = 0;
      for (const std::byte byte : tensor.bytes) sum += static_cast<unsigned>(byte);
      sink = sink + sum;
    }
  } catch (const core::InputError&) {
    return 0;
  }
  return 0;
}

}  // namespace bsfa::test
