// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/error.h"
#include "kernels/host/memory.h"
#include "kernels/host/run.h"
#include "tests/kernels/fake_kernel.h"

namespace bsfa::test {

/// What a fake device has seen; outlives it.
struct DeviceLog {
  std::map<const std::byte*, std::size_t> live;  ///< allocations and their bytes
  std::size_t allocations = 0;
  std::size_t bytes_in = 0;
  std::size_t copies_within = 0;
  std::size_t fail_allocation = 0;  ///< the how manieth fails, from 1; 0: none
  bool lost = false;                ///< copies back fail

  /// Whether an address lies in one of the live allocations.
  bool holds(const void* address) const {
    const auto* at = static_cast<const std::byte*>(address);
    auto after = live.upper_bound(at);
    if (after == live.begin()) return false;
    --after;
    return at < after->first + after->second;
  }
};

/// Memory that is no host memory to the harness, although the cpu kernel can compute in it: device
/// runs without a device. Throws where something outside its allocations is copied.
class FakeDevice final : public kernels::Memory {
 public:
  explicit FakeDevice(DeviceLog& log) : log_(log) {}

  bool is_host() const noexcept override { return false; }
  int device() const noexcept override { return 3; }
  void* stream() const noexcept override { return &log_; }
  std::string gpu() const override { return "Fake 100"; }
  std::string driver() const override { return "1.2.3"; }
  std::size_t cache_bytes() const override { return 4096; }

  void* allocate(std::size_t bytes) override {
    if (++log_.allocations == log_.fail_allocation) {
      throw core::DeviceError("allocating " + std::to_string(bytes) + " bytes: no more");
    }
    auto* address = static_cast<std::byte*>(host_->allocate(bytes));
    std::memset(address, 0x5A, bytes);
    log_.live.emplace(address, bytes);
    return address;
  }
  void release(void* address) noexcept override {
    log_.live.erase(static_cast<std::byte*>(address));
    host_->release(address);
  }
  void fill(void* to, unsigned char value, std::size_t bytes) override {
    require_inside(to, bytes);
    std::memset(to, value, bytes);
  }
  void copy_in(void* to, const void* from, std::size_t bytes) override {
    require_inside(to, bytes);
    log_.bytes_in += bytes;
    std::memcpy(to, from, bytes);
  }
  void copy_out(void* to, const void* from, std::size_t bytes) override {
    require_inside(from, bytes);
    if (log_.lost) throw core::DeviceError("copying from the device: it is lost");
    std::memcpy(to, from, bytes);
  }
  void copy_within(void* to, const void* from, std::size_t bytes) override {
    require_inside(to, bytes);
    require_inside(from, bytes);
    ++log_.copies_within;
    std::memcpy(to, from, bytes);
  }
  double time(const std::function<bool()>& enqueue) override { return enqueue() ? 12.5 : 0.0; }

 private:
  void require_inside(const void* address, std::size_t bytes) const {
    const auto* first = static_cast<const std::byte*>(address);
    if (!log_.holds(first) || !log_.holds(first + bytes - 1)) {
      throw std::logic_error("a copy goes beyond the device's memory");
    }
  }

  std::unique_ptr<kernels::Memory> host_ = kernels::host_memory();
  DeviceLog& log_;
};

/// The cpu kernel as a device kernel, some of its functions replaced by `change`, on a fake device.
template <typename Change>
kernels::Runner device_runner(DeviceLog& log, Change&& change) {
  return kernels::Runner(fake_kernel([&](bsfa_kernel& k) {
                           k.memory_space = BSFA_CUDA_DEVICE;
                           change(k);
                         }),
                         std::make_unique<FakeDevice>(log));
}

inline kernels::Runner device_runner(DeviceLog& log) {
  return device_runner(log, [](bsfa_kernel&) {});
}

}  // namespace bsfa::test
