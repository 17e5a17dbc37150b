// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bsfa::profiler {

/// Lines of source files that were compiled here or elsewhere.
class SourceText {
 public:
  /// Folders in which the sources of other machines' builds are looked for.
  explicit SourceText(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  /// Line `line` (from 1) of `file`, a path of the machine that compiled it, without the blanks
  /// around it: from that path, else from below a folder by as many of the path's last parts as
  /// possible. Empty where neither has it.
  std::string line(const std::string& file, std::uint32_t line);

  /// `file` as its path below the first folder that holds it, so that it is called the same
  /// wherever it was compiled; as it is where none does, or where another file was called so
  /// before.
  std::string name(const std::string& file);

 private:
  std::filesystem::path find(const std::filesystem::path& file) const;

  std::vector<std::string> folders_;
  std::map<std::string, std::vector<std::string>> files_;
  std::map<std::string, std::string> named_;  ///< which file has a name
};

}  // namespace bsfa::profiler
