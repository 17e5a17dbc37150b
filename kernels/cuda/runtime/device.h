// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bsfa::kernels::cuda {

/// What the toolkit wants to know of a CUDA device. Nothing here changes its clocks or modes.
struct DeviceInfo {
  int ordinal = 0;
  std::string name;        ///< as the driver gives it, "NVIDIA H200"
  std::string pci_bus_id;  ///< "00000000:3b:00.0", by which other libraries know it
  int capability = 0;      ///< 10·major + minor: 80, 90, ...
  int sm_count = 0;
  std::size_t memory_bytes = 0;
  std::size_t l2_bytes = 0;
  std::size_t shared_memory_per_block_bytes = 0;  ///< the most a kernel may opt in to
  std::string driver;  ///< release of the driver, "580.95.05", or the CUDA version it speaks
};

/// The release in the text of /proc/driver/nvidia/version; empty where there is none.
std::string driver_release(std::string_view text);

/// Devices that this process sees; 0 where there is no driver.
int device_count() noexcept;

/// Errors  throws core::DeviceError: no driver, no device, or no device of that number.
DeviceInfo device_info(int ordinal);

/// Free bytes of the current device.
///
/// Errors  throws core::DeviceError.
std::size_t free_memory_bytes();

/// Makes a device the calling thread's current one for as long as it lives.
class ScopedDevice {
 public:
  /// Errors  throws core::DeviceError as device_info does.
  explicit ScopedDevice(int ordinal);
  ScopedDevice(const ScopedDevice&) = delete;
  ScopedDevice& operator=(const ScopedDevice&) = delete;
  ~ScopedDevice();

 private:
  int previous_ = 0;
};

}  // namespace bsfa::kernels::cuda
