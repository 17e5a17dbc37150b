// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/source_text.h"

#include <fstream>
#include <iterator>
#include <system_error>

namespace bsfa::profiler {
namespace {

namespace fs = std::filesystem;

/// A larger file is no source of a kernel.
constexpr std::uintmax_t kMostBytes = std::uintmax_t{16} << 20;

bool is_source(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  const std::uintmax_t bytes = fs::file_size(file, error);
  return !error && bytes <= kMostBytes;
}

std::string trimmed(const std::string& text) {
  constexpr const char* kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream text(file);
  for (std::string line; std::getline(text, line);) lines.push_back(trimmed(line));
  return lines;
}

/// "" where no folder holds it.
std::string below_a_folder(const fs::path& file, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const fs::path below = file.lexically_relative(folder);
    if (!below.empty() && *below.begin() != "..") return below.string();
  }
  return "";
}

}  // namespace

std::string SourceText::line(const std::string& file, std::uint32_t line) {
  if (file.empty() || line == 0) return "";
  const auto [entry, is_new] = files_.try_emplace(file);
  if (is_new) {
    const fs::path found = find(file);
    if (!found.empty()) entry->second = lines_of(found);
  }
  const auto& lines = entry->second;
  return line <= lines.size() ? lines[line - 1] : "";
}

std::string SourceText::name(const std::string& file) {
  const std::string below = below_a_folder(find(file), folders_);
  if (below.empty()) return file;
  const auto [entry, is_new] = named_.try_emplace(below, file);
  return is_new || entry->second == file ? below : file;
}

fs::path SourceText::find(const fs::path& file) const {
  fs::path normal = file.lexically_normal();
  if (normal.is_absolute() && is_source(normal)) return normal;
  const fs::path parts = normal.relative_path();
  for (auto first = parts.begin(); first != parts.end(); ++first) {
    fs::path tail;
    for (auto part = first; part != parts.end(); ++part) tail /= *part;
    for (const std::string& folder : folders_) {
      if (is_source(folder / tail)) return folder / tail;
    }
  }
  return {};
}

}  // namespace bsfa::profiler
