// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"
#include "kernels/cuda/library/capability.h"
#include "kernels/cuda/runtime/check.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/device_buffer.h"
#include "kernels/cuda/runtime/event.h"
#include "kernels/cuda/runtime/stream.h"
#include "kernels/host/devices.h"

namespace bsfa::kernels {
namespace {

constexpr int kDevice = 0;

/// A device's memory; everything happens in the order of one stream.
class DeviceMemory final : public Memory {
 public:
  explicit DeviceMemory(int ordinal) : info_(cuda::device_info(ordinal)), current_(ordinal) {}

  bool is_host() const noexcept override { return false; }
  int device() const noexcept override { return info_.ordinal; }
  std::string gpu() const override { return info_.name; }
  std::string driver() const override { return info_.driver; }
  std::string pci_bus_id() const override { return info_.pci_bus_id; }
  int multiprocessors() const override { return info_.sm_count; }
  std::size_t cache_bytes() const override { return info_.l2_bytes; }
  void* stream() const noexcept override { return stream_.get(); }

  void* allocate(std::size_t bytes) override { return cuda::allocate(bytes); }
  void release(void* address) noexcept override { cuda::release(address); }
  void fill(void* to, unsigned char value, std::size_t bytes) override {
    cuda::check(cudaMemsetAsync(to, value, bytes, stream_.get()), "filling device memory");
  }
  void copy_in(void* to, const void* from, std::size_t bytes) override {
    copy(to, from, bytes, cudaMemcpyHostToDevice, "copying to the device");
  }
  void copy_out(void* to, const void* from, std::size_t bytes) override {
    copy(to, from, bytes, cudaMemcpyDeviceToHost, "copying from the device");
  }
  void copy_within(void* to, const void* from, std::size_t bytes) override {
    cuda::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_.get()),
                "copying on the device");
  }
  double time(const std::function<bool()>& enqueue) override {
    start_.record(stream_);
    if (!enqueue()) return 0.0;
    end_.record(stream_);
    end_.synchronize();
    return end_.ms_since(start_);
  }

 private:
  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, const char* what) {
    cuda::check(cudaMemcpyAsync(to, from, bytes, kind, stream_.get()), what);
    cuda::check(cudaStreamSynchronize(stream_.get()), what);
  }

  cuda::DeviceInfo info_;
  cuda::ScopedDevice current_;
  cuda::Stream stream_;
  cuda::Event start_, end_;
};

}  // namespace

std::span<const bsfa_kernel* const> device_kernels() noexcept {
  const bsfa_library* library = bsfa_open(BSFA_ABI_VERSION, nullptr, 0);
  if (library == nullptr) return {};
  return {library->kernels, library->kernel_count};
}

bool has_device() noexcept {
  try {
    return cuda::device_count() > 0 &&
           cuda::best_kernel(device_kernels(), cuda::device_info(kDevice).capability) != nullptr;
  } catch (...) {
    return false;
  }
}

const bsfa_kernel& best_device_kernel() {
  const cuda::DeviceInfo device = cuda::device_info(kDevice);
  const bsfa_kernel* kernel = cuda::best_kernel(device_kernels(), device.capability);
  if (kernel == nullptr) {
    throw core::UsageError("no CUDA kernel of this build runs on " + device.name +
                           ", compute capability " + std::to_string(device.capability / 10) + "." +
                           std::to_string(device.capability % 10));
  }
  return *kernel;
}

std::unique_ptr<Memory> device_memory(const std::string& who) {
  try {
    return std::make_unique<DeviceMemory>(kDevice);
  } catch (const core::DeviceError& error) {
    throw core::DeviceError(who + ": " + error.what());
  }
}

}  // namespace bsfa::kernels
