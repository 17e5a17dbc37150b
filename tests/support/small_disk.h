// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <sched.h>
#include <sys/mount.h>

namespace bsfa::test {

/// A file system of 64 KiB, mounted where no other process sees it.
///
/// Needs the right to mount (root, but not in every container). Without it mounted() is false.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {
    if (!may_mount() || ::unshare(CLONE_NEWNS) != 0) return;
    // Mounts of this process are not passed on to others.
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

  /// Whether this process holds CAP_SYS_ADMIN.
  static bool may_mount() {
    constexpr unsigned kSysAdmin = 21;
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("CapEff:")) continue;
      return (std::stoull(line.substr(7), nullptr, 16) >> kSysAdmin & 1U) != 0;
    }
    return false;
  }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace bsfa::test
