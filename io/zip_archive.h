// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/file_bytes.h"

namespace bsfa::io {

/// One file of a zip archive, its sizes as announced.
struct ZipMember {
  std::string name;
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  bool stored = false;  ///< not compressed
};

/// A zip archive of stored and deflated members that cannot expand without bound.
///
/// Errors   everything throws core::InputError: broken, truncated or encrypted archives, other
///          compression methods, a name twice, more than 65536 members, or members that together
///          announce more than 64 MiB and 100 times the archive's own size (a "zip bomb"; it also
///          ends those whose members overlap).
/// Threads  one at a time.
class ZipArchive {
 public:
  explicit ZipArchive(std::shared_ptr<const FileBytes> file);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  const std::vector<ZipMember>& members() const noexcept { return members_; }
  /// nullptr where there is none of that name.
  const ZipMember* find(const std::string& name) const;

  /// The first bytes of a member, `most` of them or all.
  std::vector<std::byte> read_prefix(const ZipMember& member, std::uint64_t most) const;
  /// The whole member: exactly as long as announced, its checksum verified.
  std::vector<std::byte> read(const ZipMember& member) const;
  /// The member's bytes inside the archive's own, or nothing where it is compressed. The checksum
  /// is not verified, as that would read everything.
  std::span<const std::byte> in_place(const ZipMember& member) const;

 private:
  struct Source;
  struct Handle;
  void list_members();
  [[noreturn]] void fail(const std::string& cause, const std::string& place = {}) const;

  std::shared_ptr<const FileBytes> file_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Handle> handle_;
  std::vector<ZipMember> members_;
};

}  // namespace bsfa::io
