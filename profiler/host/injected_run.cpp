// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/injected_run.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/error.h"
#include "core/temporary_folder.h"
#include "profiler/host/child_program.h"
#include "profiler/host/refused.h"

namespace bsfa::profiler {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libbsfa_inject.so";

std::uint64_t kernel_time(const InjectionReport& report) {
  std::uint64_t total_ns = 0;
  for (const auto& kernel : report.kernels) total_ns += kernel.total_ns;
  return total_ns;
}

InjectionReport read_report(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw core::InputError(path.string(), "cannot be read");
  return parse_injection_report(text, path.string());
}

std::vector<InjectionReport> read_reports(const fs::path& folder) {
  std::vector<InjectionReport> reports;
  for (const auto& entry : fs::directory_iterator(folder)) {
    // Of a process that was killed while it wrote.
    if (entry.path().extension() == ".new") continue;
    reports.push_back(read_report(entry.path()));
  }
  std::sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) {
    const auto of_a = kernel_time(a), of_b = kernel_time(b);
    return of_a != of_b ? of_a > of_b : a.process < b.process;
  });
  return reports;
}

}  // namespace

fs::path injection_library() {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& place : {folder / kLibrary, folder / "../lib" / kLibrary}) {
    if (fs::is_regular_file(place, error)) return place.lexically_normal();
  }
  throw Refused(std::string(kLibrary) + " is not in " + folder.string() + " nor in ../lib",
                "use a build made where the CUDA toolkit is, and keep its files together");
}

InjectedRun run_injected(const std::vector<std::string>& command, const fs::path& library) {
  const core::TemporaryFolder folder;
  const auto begin = std::chrono::steady_clock::now();
  InjectedRun run;
  run.exit_code =
      run_program(command, {{"CUDA_INJECTION64_PATH", fs::absolute(library).string()},
                            {"BSFA_INJECT_OUT", (folder.path() / "report.json").string()}});
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;
  run.wall_ms = wall.count();
  run.processes = read_reports(folder.path());
  return run;
}

}  // namespace bsfa::profiler
