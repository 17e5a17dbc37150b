// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/cupti_paths.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

namespace bsfa::profiler {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "libcupti.so.13";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Folders in `folder` whose name starts so; the last in alphabetical order first.
std::vector<fs::path> folders_named(const fs::path& folder, std::string_view start) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(start)) found.push_back(at->path());
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

class Candidates {
 public:
  void add(const fs::path& folder) {
    std::error_code ignored;
    const fs::path file = folder / kName;
    if (!fs::is_regular_file(file, ignored)) return;
    if (std::find(files.begin(), files.end(), file.string()) != files.end()) return;
    files.push_back(file.string());
  }

  void add_toolkit(const fs::path& toolkit) {
    for (const char* folder : {"lib64", "extras/CUPTI/lib64", "lib"}) add(toolkit / folder);
  }

  /// Of a Python installed under `prefix`, without running it.
  void add_python(const fs::path& prefix) {
    for (const fs::path& python : folders_named(prefix / "lib", "python3")) {
      for (const char* packages : {"site-packages", "dist-packages"}) {
        for (const char* package : {"nvidia/cu13/lib", "nvidia/cuda_cupti/lib"}) {
          add(python / packages / package);
        }
      }
    }
  }

  std::vector<std::string> files{kName};
};

}  // namespace

CuptiSearch search_of_environment() {
  return {variable("BSFA_CUPTI"), variable("PATH"), variable("CUDA_HOME"), variable("HOME"), ""};
}

std::vector<std::string> cupti_candidates(const CuptiSearch& search) {
  if (!search.named.empty()) return {search.named};
  Candidates candidates;
  if (!search.cuda_home.empty()) candidates.add_toolkit(search.cuda_home);
  const fs::path local = search.root + "/usr/local";
  candidates.add_toolkit(local / "cuda");
  for (const fs::path& toolkit : folders_named(local, "cuda-")) candidates.add_toolkit(toolkit);

  std::istringstream path(search.path);
  for (std::string folder; std::getline(path, folder, ':');) {
    const fs::path bin = fs::path(folder).lexically_normal();
    if (bin.filename() == "bin") candidates.add_python(bin.parent_path());
  }
  if (!search.home.empty()) candidates.add_python(fs::path(search.home) / ".local");
  return candidates.files;
}

}  // namespace bsfa::profiler
