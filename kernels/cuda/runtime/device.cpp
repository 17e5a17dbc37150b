// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime/device.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

#include <cuda_runtime_api.h>

#include "core/error.h"
#include "kernels/cuda/runtime/check.h"

namespace bsfa::kernels::cuda {
namespace {

void require_device(int ordinal) {
  int count = 0;
  check(cudaGetDeviceCount(&count), "looking for a CUDA device");
  if (ordinal < 0 || ordinal >= count) {
    throw core::DeviceError("there is no CUDA device " + std::to_string(ordinal) + ": there are " +
                            std::to_string(count));
  }
}

int attribute(cudaDeviceAttr name, int ordinal) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, name, ordinal), "asking for a property of the device");
  return value;
}

std::string driver_of_this_machine() {
  std::ifstream file("/proc/driver/nvidia/version");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string release = driver_release(text);
  if (!release.empty()) return release;
  int version = 0;
  check(cudaDriverGetVersion(&version), "asking for the driver's version");
  return "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string pci_bus_id_of(const cudaDeviceProp& properties) {
  std::array<char, 32> text{};
  std::snprintf(
      text.data(), text.size(), "%08x:%02x:%02x.0", static_cast<unsigned>(properties.pciDomainID),
      static_cast<unsigned>(properties.pciBusID), static_cast<unsigned>(properties.pciDeviceID));
  return text.data();
}

}  // namespace

std::string driver_release(std::string_view text) {
  // "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build ..."
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    const bool numeric = word.find_first_not_of("0123456789.") == std::string::npos;
    if (numeric && word.find('.') != std::string::npos && word.front() != '.') return word;
  }
  return {};
}

int device_count() noexcept {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

DeviceInfo device_info(int ordinal) {
  require_device(ordinal);
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, ordinal), "asking for the device's properties");
  DeviceInfo info;
  info.ordinal = ordinal;
  info.name = properties.name;
  info.capability = 10 * properties.major + properties.minor;
  info.sm_count = properties.multiProcessorCount;
  info.memory_bytes = properties.totalGlobalMem;
  info.l2_bytes = static_cast<std::size_t>(std::max(properties.l2CacheSize, 0));
  info.pci_bus_id = pci_bus_id_of(properties);
  info.shared_memory_per_block_bytes =
      static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, ordinal));
  info.driver = driver_of_this_machine();
  return info;
}

std::size_t free_memory_bytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total), "asking for free device memory");
  return free;
}

ScopedDevice::ScopedDevice(int ordinal) {
  require_device(ordinal);
  check(cudaGetDevice(&previous_), "asking for the current device");
  check(cudaSetDevice(ordinal), "choosing a device");
}

ScopedDevice::~ScopedDevice() {
  // A failure would be a lost device's, which every later call reports.
  static_cast<void>(cudaSetDevice(previous_));
}

}  // namespace bsfa::kernels::cuda
