// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace bsfa::io {

/// The read-only content of a file, memory-mapped, so that nothing is read before it is used.
///
/// A file that somebody shortens while it is mapped cannot be read safely; writers that replace
/// files by renaming (as ours do) never cause that.
///
/// Errors  map throws core::InputError: missing, unreadable, a directory, not a regular file,
/// empty.
class FileBytes {
 public:
  static std::shared_ptr<const FileBytes> map(const std::filesystem::path& path);
  /// Bytes that the caller keeps alive; `name` stands for the path in messages.
  static std::shared_ptr<const FileBytes> borrow(std::span<const std::byte> bytes,
                                                 std::filesystem::path name);
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  const std::filesystem::path& path() const noexcept { return path_; }
  std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  FileBytes(std::filesystem::path path, std::span<const std::byte> bytes, bool mapped);

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  bool mapped_;
};

}  // namespace bsfa::io
