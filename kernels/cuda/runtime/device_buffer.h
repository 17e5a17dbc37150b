// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

namespace bsfa::kernels::cuda {

/// Memory of the current device, its content undefined, at a multiple of 256.
///
/// Errors  throws core::DeviceError that names how much was asked for and how much is free.
void* allocate(std::size_t bytes);

/// Frees what `allocate` gave, or nothing where it is null. Waits for the device.
void release(void* address) noexcept;

/// Such memory, freed with it.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t bytes)
      : data_(bytes > 0 ? allocate(bytes) : nullptr), bytes_(bytes) {}
  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceBuffer() { release(data_); }

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
