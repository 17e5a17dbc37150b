// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/cupti_library.h"

#include <cstdint>
#include <string_view>

#include <cupti_version.h>
#include <dlfcn.h>

#include "profiler/cupti/cupti_paths.h"

namespace bsfa::profiler {
namespace {

/// Records have the layout of this version's headers from here on; later ones add to their ends.
constexpr std::uint32_t kOldestVersion = 130000;

constexpr const char* kNoLibrary =
    "install the CUDA toolkit's CUPTI or its Python package, or name the file in BSFA_CUPTI";

/// CUPTI's sentences end in line feeds.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  const std::size_t last = line.find_last_not_of(' ');
  return line.substr(0, last == std::string::npos ? 0 : last + 1);
}

bool has_driver() {
  void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (driver == nullptr) return false;
  ::dlclose(driver);
  return true;
}

std::string file_of(void* address, const std::string& otherwise) {
  Dl_info info{};
  return ::dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : otherwise;
}

}  // namespace

const CuptiLibrary& CuptiLibrary::get() {
  static const CuptiLibrary library(cupti_candidates(search_of_environment()));
  return library;
}

CuptiLibrary::CuptiLibrary(const std::vector<std::string>& candidates) {
  std::string first_cause;
  for (const std::string& file : candidates) {
    std::string cause;
    if (load(file, cause)) return;
    if (first_cause.empty()) first_cause = cause;
  }
  throw Refused("no usable CUPTI library: " + first_cause, kNoLibrary);
}

bool CuptiLibrary::load(const std::string& file, std::string& cause) {
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    cause = ::dlerror();
    return false;
  }
  const auto version =
      reinterpret_cast<decltype(&cuptiGetVersion)>(::dlsym(handle, "cuptiGetVersion"));
  std::uint32_t number = 0;
  if (version == nullptr || version(&number) != CUPTI_SUCCESS || number < kOldestVersion) {
    cause =
        file + (version == nullptr ? " has no function cuptiGetVersion"
                                   : " is of version " + std::to_string(number) + ", at least " +
                                         std::to_string(kOldestVersion) + " is needed");
    ::dlclose(handle);
    return false;
  }
  handle_ = handle;
  path_ = file_of(reinterpret_cast<void*>(version), file);
  return true;
}

void* CuptiLibrary::address(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found == nullptr) throw Refused(path_ + " has no function " + name, kNoLibrary);
  return found;
}

void CuptiLibrary::check(CUptiResult result, const char* what) const {
  if (result != CUPTI_SUCCESS) throw Refused(words(result, what), advice_about(result));
}

std::string CuptiLibrary::words(CUptiResult result, const char* what) const {
  const char* name = nullptr;
  const char* sentence = nullptr;
  if (function<decltype(&cuptiGetResultString)>("cuptiGetResultString")(result, &name) !=
      CUPTI_SUCCESS) {
    name = nullptr;
  }
  if (function<decltype(&cuptiGetErrorMessage)>("cuptiGetErrorMessage")(result, &sentence) !=
      CUPTI_SUCCESS) {
    sentence = nullptr;
  }
  std::string text = std::string(what) + ": ";
  text += name != nullptr ? name : "result " + std::to_string(static_cast<int>(result));
  // Where CUPTI has no sentence it gives the name once more.
  const std::string more = sentence != nullptr ? one_line(sentence) : "";
  if (!more.empty() && (name == nullptr || more != name)) text.append(": ").append(more);
  return text;
}

std::string advice_about(CUptiResult result) {
  switch (result) {
    case CUPTI_ERROR_INSUFFICIENT_PRIVILEGES:
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES:
      return "run as root, or have the administrator load the driver with "
             "NVreg_RestrictProfilingToAdminUsers=0";
    case CUPTI_ERROR_HARDWARE_BUSY:
      return "another profiler holds the hardware (Nsight, DCGM, another bsfa): end it and repeat";
    case CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED:
      return "another tool is attached to this process: run without it";
    case CUPTI_ERROR_OLD_PROFILER_API_INITIALIZED:
    case CUPTI_ERROR_NOT_COMPATIBLE:
      return "something in this process already profiles in another way: use a fresh process";
    case CUPTI_ERROR_NOT_SUPPORTED:
    case CUPTI_ERROR_LEGACY_PROFILER_NOT_SUPPORTED:
      return "this GPU or its driver does not offer that";
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_NOT_SUPPORTED:
    case CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED:
    case CUPTI_ERROR_CONFIDENTIAL_COMPUTING_NOT_SUPPORTED:
    case CUPTI_ERROR_CMP_DEVICE_NOT_SUPPORTED:
    case CUPTI_ERROR_SLI_DEVICE_NOT_SUPPORTED:
    case CUPTI_ERROR_WSL_DEVICE_NOT_SUPPORTED:
      return "the GPU is shared out in a way that hides its counters: use a whole one";
    case CUPTI_ERROR_UNKNOWN:
    case CUPTI_ERROR_NOT_INITIALIZED:
    case CUPTI_ERROR_INVALID_DEVICE:
      return has_driver() ? "" : "there is no NVIDIA driver here";
    case CUPTI_ERROR_OUT_OF_MEMORY:
      return "repeat in a fresh process, with a smaller problem or fewer samples";
    default:
      return "";
  }
}

}  // namespace bsfa::profiler
