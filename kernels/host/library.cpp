// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/library.h"

#include <filesystem>
#include <set>
#include <span>
#include <system_error>
#include <vector>

#include <dlfcn.h>

#include "core/error.h"
#include "kernels/cpu/cpu_kernel.h"
#include "kernels/host/call.h"
#include "kernels/host/devices.h"

namespace bsfa::kernels {
namespace {

constexpr std::uint32_t kMostKernels = 4096;

[[noreturn]] void refuse(const std::string& origin, const std::string& cause) {
  throw core::PluginError(origin, cause);
}

void check_kernel(const std::string& origin, std::uint32_t index, const bsfa_kernel* kernel) {
  const std::string place = "kernel " + std::to_string(index);
  if (kernel == nullptr) refuse(origin, place + " is a null pointer");
  if (kernel->size < sizeof(bsfa_kernel) || kernel->version != BSFA_ABI_VERSION) {
    refuse(origin, place + " has a table of " + std::to_string(kernel->size) + " bytes, version " +
                       std::to_string(kernel->version) + "; at least " +
                       std::to_string(sizeof(bsfa_kernel)) + " bytes of version 1 are needed");
  }
  if (kernel->name == nullptr || kernel->name[0] == '\0') refuse(origin, place + " has no name");
  if (kernel->supports == nullptr || kernel->plan == nullptr || kernel->describe == nullptr ||
      kernel->enqueue == nullptr || kernel->destroy == nullptr) {
    refuse(origin, std::string("kernel '") + kernel->name + "' lacks a function");
  }
}

void check_table(const std::string& origin, const bsfa_library& table) {
  if (table.size < sizeof(bsfa_library) || table.version != BSFA_ABI_VERSION) {
    refuse(origin, "its library table has " + std::to_string(table.size) + " bytes, version " +
                       std::to_string(table.version) + "; at least " +
                       std::to_string(sizeof(bsfa_library)) + " bytes of version 1 are needed");
  }
  if (table.kernel_count == 0 || table.kernels == nullptr) refuse(origin, "it holds no kernel");
  if (table.kernel_count > kMostKernels) {
    refuse(origin, "it claims " + std::to_string(table.kernel_count) + " kernels");
  }
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < table.kernel_count; ++i) {
    check_kernel(origin, i, table.kernels[i]);
    if (!names.insert(table.kernels[i]->name).second) {
      refuse(origin, std::string("it has two kernels named '") + table.kernels[i]->name + "'");
    }
  }
}

class BuiltInLibrary final : public Library {
 public:
  BuiltInLibrary() {
    origin_ = "built-in";
    table_ = &own_;
  }

 private:
  static std::vector<const bsfa_kernel*> all() {
    std::vector<const bsfa_kernel*> kernels{&cpu::kernel()};
    const auto device = device_kernels();
    kernels.insert(kernels.end(), device.begin(), device.end());
    return kernels;
  }

  std::vector<const bsfa_kernel*> kernels_ = all();
  bsfa_library own_{sizeof(bsfa_library),
                    BSFA_ABI_VERSION,
                    "bsfa",
                    "built-in",
                    static_cast<std::uint32_t>(kernels_.size()),
                    kernels_.data()};
};

class LoadedLibrary final : public Library {
 public:
  explicit LoadedLibrary(const std::string& path) {
    origin_ = path;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) refuse(path, "no such file");
    // Absolute, because a name without a slash would be searched for in the system's folders.
    // NODELETE, because threads that a kernel started may still run its code.
    const std::string absolute = std::filesystem::absolute(path).string();
    handle_ = guarded(path, "loading it", [&] {
      return ::dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    });
    if (handle_ == nullptr)
      refuse(path, std::string("not a usable shared library: ") + ::dlerror());
    try {
      open();
    } catch (...) {
      ::dlclose(handle_);
      throw;
    }
  }
  LoadedLibrary(const LoadedLibrary&) = delete;
  LoadedLibrary& operator=(const LoadedLibrary&) = delete;
  ~LoadedLibrary() override { ::dlclose(handle_); }

 private:
  void open() {
    const auto open = reinterpret_cast<bsfa_open_function>(::dlsym(handle_, "bsfa_open"));
    if (open == nullptr)
      refuse(origin_, "it has no function bsfa_open, so it is no kernel library");
    ErrorText text;
    table_ = guarded(origin_, "bsfa_open",
                     [&] { return open(BSFA_ABI_VERSION, text.data(), text.size()); });
    if (table_ == nullptr) {
      refuse(origin_,
             "it does not offer version 1 of the interface: " + text.str("no reason given"));
    }
    check_table(origin_, *table_);
  }

  void* handle_ = nullptr;
};

std::string names_in(const Library& library) {
  std::string names;
  for (const bsfa_kernel* kernel :
       std::span(library.table().kernels, library.table().kernel_count)) {
    names.append(names.empty() ? "" : ", ").append(kernel->name);
  }
  return names;
}

const bsfa_kernel* find_in(const Library& library, const std::string& name) {
  for (const bsfa_kernel* kernel :
       std::span(library.table().kernels, library.table().kernel_count)) {
    if (name == kernel->name) return kernel;
  }
  return nullptr;
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool looks_like_path(const std::string& spec) {
  return spec.find('/') != std::string::npos || spec.find(".so") != std::string::npos;
}

}  // namespace

std::shared_ptr<const Library> Library::built_in() {
  static const auto library = std::make_shared<const BuiltInLibrary>();
  return library;
}

std::shared_ptr<const Library> Library::load(const std::string& path) {
  return std::make_shared<const LoadedLibrary>(path);
}

Kernel find_kernel(const std::string& spec) {
  const auto built_in = Library::built_in();
  if (const bsfa_kernel* kernel = find_in(*built_in, spec)) return {built_in, kernel};
  if (spec == "cuda" || (spec == "auto" && has_device())) return {built_in, &best_device_kernel()};
  if (spec == "auto") return {built_in, &cpu::kernel()};
  if (!looks_like_path(spec)) {
    throw core::UsageError("unknown kernel '" + spec + "': there is " + names_in(*built_in) +
                           (device_kernels().empty() ? " (this build has no CUDA)" : ", cuda") +
                           " or auto, or give PATH.so or PATH.so:NAME");
  }
  const std::size_t colon = spec.rfind(':');
  if (is_file(spec) || colon == std::string::npos) {
    const auto library = Library::load(spec);
    return {library, library->table().kernels[0]};
  }
  const auto library = Library::load(spec.substr(0, colon));
  const std::string name = spec.substr(colon + 1);
  if (const bsfa_kernel* kernel = find_in(*library, name)) return {library, kernel};
  throw core::UsageError(library->origin() + " has no kernel '" + name + "': there is " +
                         names_in(*library));
}

}  // namespace bsfa::kernels
