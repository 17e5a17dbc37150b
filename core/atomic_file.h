// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace bsfa::core {

/// A file that appears under its name only when it is complete.
///
/// Bytes go to a temporary name in the same folder; commit() flushes and renames, the destructor
/// removes what was not committed.
///
/// Errors  throws core::OutputError naming the final path and the system's reason (full disk, no
///         permission, no such folder).
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void commit();
  /// The temporary name, for libraries that open files themselves.
  const std::filesystem::path& temporary_path() const noexcept { return temporary_; }

 private:
  std::filesystem::path path_, temporary_;
  int descriptor_ = -1;
  bool committed_ = false;
};

}  // namespace bsfa::core
