// SPDX-License-Identifier: Apache-2.0
// Compiled for baseline x86-64, unlike everything else, and run before any other constructor: on a
// processor without AVX2 the first instruction of the rest would be an illegal one.
#include <unistd.h>

namespace {

bool has_x86_64_v3() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

__attribute__((constructor(101))) void refuse_an_older_processor() {
  if (has_x86_64_v3()) return;
  constexpr char kText[] =
      "bsfa: this processor is older than x86-64-v3 (AVX2, FMA, BMI2), which bsfa was built for\n";
  constexpr int kDeviceExitCode = 4;
  if (::write(STDERR_FILENO, kText, sizeof kText - 1) < 0) ::_exit(kDeviceExitCode);
  ::_exit(kDeviceExitCode);
}

}  // namespace
