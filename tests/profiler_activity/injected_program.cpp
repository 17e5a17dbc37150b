// SPDX-License-Identifier: Apache-2.0
// A program as profilers meet them. It loads what CUDA_INJECTION64_PATH names, as the driver would,
// launches what it is told to on a fake device, and ends as it is told to.
//
// injected_program [ranges N] [failing ERROR] [kernels N] [fork] [report TEXT] [exit CODE | abort |
// wait]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// 0 where there is nothing to load.
int load_injection() {
  const char* path = std::getenv("CUDA_INJECTION64_PATH");
  void* library = path != nullptr ? ::dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (library == nullptr) return 0;
  const auto initialize = reinterpret_cast<int (*)()>(::dlsym(library, "InitializeInjection"));
  return initialize != nullptr ? initialize() : 0;
}

/// A function of the fake device, if there is one.
template <typename Function>
Function* of_device(const char* name) {
  const char* path = std::getenv("BSFA_CUPTI");
  void* library = path != nullptr ? ::dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  return library == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(library, name));
}

void launch(int kernels) {
  const auto launch_one =
      of_device<void(const char*, unsigned long, unsigned long)>("fake_cupti_launch");
  for (int i = 0; launch_one != nullptr && i < kernels; ++i) {
    const auto begin = 1000UL + 1000UL * static_cast<unsigned long>(i);
    launch_one("_Z15flash_attentionv", begin, begin + 100 + static_cast<unsigned long>(i));
    launch_one("elementwise", begin + 500, begin + 501);
  }
}

/// In place of the injected library, which may be a broken one.
void report(const char* text) {
  const char* path = std::getenv("BSFA_INJECT_OUT");
  std::FILE* file = path != nullptr ? std::fopen(path, "w") : nullptr;
  if (file == nullptr) return;
  std::fputs(text, file);
  std::fclose(file);
}

}  // namespace

int main(int argc, char* argv[]) {
  const int loaded = load_injection();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "0";
    if (word == "ranges") {
      of_device<void(unsigned long)>("fake_profiler_kernels")(std::strtoul(value, nullptr, 10));
    }
    if (word == "failing") of_device<void(int)>("fake_cupti_fail_launches")(std::atoi(value));
    if (word == "kernels") launch(std::atoi(value));
    if (word == "report") report(value);
    if (word == "loaded") return loaded == 1 ? 0 : 1;
    if (word == "exit") return std::atoi(value);
    if (word == "abort") std::abort();
    if (word == "fork") {
      const pid_t child = ::fork();
      if (child == 0) return 0;
      ::waitpid(child, nullptr, 0);
    }
    if (word == "wait") {
      std::puts("waiting");
      std::fflush(stdout);
      for (;;) ::pause();
    }
  }
  return 0;
}
