// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

namespace bsfa::kernels::cuda {

/// Memory of the current device, freed with it. Contents start undefined; the address is a multiple
/// of 256.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  /// Errors  throws core::DeviceError that names how much was asked for and how much is free.
  explicit DeviceBuffer(std::size_t bytes);
  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  /// Waits for the device, as freeing does.
  ~DeviceBuffer();

  void* data() const noexcept { return data_; }  ///< null where bytes() is 0
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  void swap(DeviceBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
  }

  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace bsfa::kernels::cuda
