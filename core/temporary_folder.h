// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace bsfa::core {

/// A folder of its own among the temporary files, removed with all in it.
class TemporaryFolder {
 public:
  /// Errors  throws OutputError.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace bsfa::core
