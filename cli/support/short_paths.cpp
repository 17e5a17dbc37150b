// SPDX-License-Identifier: Apache-2.0
#include "cli/support/short_paths.h"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace bsfa::cli {
namespace {

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

/// The last `parts` parts of a path; all of it where it has no more.
std::string end_of(const std::string& path, std::size_t parts) {
  const std::filesystem::path whole(path);
  auto from = whole.end();
  for (; parts > 0 && from != whole.begin(); --parts) --from;
  std::filesystem::path end;
  for (; from != whole.end(); ++from) end /= *from;
  return end.string();
}

/// With how many parts no two of these are the same.
std::size_t parts_needed(const std::vector<std::string>& paths) {
  std::size_t most = 1;
  for (const auto& path : paths) {
    const std::filesystem::path whole(path);
    most = std::max(most, static_cast<std::size_t>(std::distance(whole.begin(), whole.end())));
  }
  for (std::size_t parts = 1; parts < most; ++parts) {
    std::set<std::string> ends;
    for (const auto& path : paths) ends.insert(end_of(path, parts));
    if (ends.size() == paths.size()) return parts;
  }
  return most;
}

}  // namespace

void ShortPaths::keep_apart(const std::set<std::string>& paths) {
  std::map<std::string, std::vector<std::string>> by_name;
  for (const auto& path : paths) by_name[file_name(path)].push_back(path);
  for (const auto& [name, same_name] : by_name) {
    parts_[name] = std::max(parts_[name], parts_needed(same_name));
  }
}

std::string ShortPaths::of(const std::string& path) const {
  const auto parts = parts_.find(file_name(path));
  return parts == parts_.end() ? path : end_of(path, parts->second);
}

}  // namespace bsfa::cli
