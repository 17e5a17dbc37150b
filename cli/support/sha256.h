// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "core/run_control.h"

namespace bsfa::cli {

/// SHA-256 of a stream of bytes. Source: FIPS 180-4.
class Sha256 {
 public:
  void update(std::span<const std::byte> bytes);
  /// The digest in hexadecimal; nothing may be added afterwards.
  std::string finish();

 private:
  void compress(const std::byte* blocks, std::size_t count);
  std::array<std::uint32_t, 8> state_{0x6a09e667U, 0xbb67ae85U, 0x3c6ef372U, 0xa54ff53aU,
                                      0x510e527fU, 0x9b05688cU, 0x1f83d9abU, 0x5be0cd19U};
  std::array<std::byte, 64> pending_{};
  std::size_t pending_size_ = 0;
  std::uint64_t total_ = 0;
};

/// Digest of a file's content, read once from start to end.
///
/// Errors  throws core::InputError, core::Interrupted.
std::string sha256_of_file(const std::filesystem::path& path, const core::RunControl& control);

}  // namespace bsfa::cli
