// SPDX-License-Identifier: Apache-2.0
// A management library of one GPU, by the real one's names. It tells more than it is asked: how
// often it was opened and closed.
#include <cstdio>
#include <cstring>

namespace {

constexpr int kSuccess = 0;
constexpr int kNotSupported = 3;
constexpr int kNotFound = 6;
int g_open = 0;
int g_gpu = 0;

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int fake_nvml_open() {
  return g_open;
}

EXPORT int nvmlInit_v2() {
  ++g_open;
  return kSuccess;
}

EXPORT int nvmlShutdown() {
  --g_open;
  return kSuccess;
}

EXPORT const char* nvmlErrorString(int status) {
  return status == kNotFound ? "Not Found" : "Unknown Error";
}

EXPORT int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::snprintf(text, size, "580.95.05");
  return kSuccess;
}

EXPORT int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** gpu) {
  *gpu = &g_gpu;
  return std::strcmp(id, "00000000:3b:00.0") == 0 ? kSuccess : kNotFound;
}

EXPORT int nvmlDeviceGetClockInfo(void* gpu, int kind, unsigned* mhz) {
  *mhz = kind == 1 ? 1755 : 3201;
  return gpu == &g_gpu && (kind == 1 || kind == 2) ? kSuccess : kNotSupported;
}

EXPORT int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 698500;
  return kSuccess;
}

EXPORT int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned*) {
  return kNotSupported;
}

EXPORT int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = 63;
  return kSuccess;
}

EXPORT int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
  *reasons = 0x24;
  return kSuccess;
}
