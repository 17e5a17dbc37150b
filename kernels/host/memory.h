// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace bsfa::kernels {

/// The memory that a kernel computes in, as the host fills and reads it: the host's own or a
/// device's. Everything else about a run is the same for both.
///
/// Errors   throws core::DeviceError, of host memory std::bad_alloc.
/// Threads  one at a time.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;

  /// Whether a kernel reads and writes host pointers, so that nothing needs to be copied.
  virtual bool is_host() const noexcept = 0;
  /// For bsfa_problem.device and bsfa_arguments.stream.
  virtual int device() const noexcept { return 0; }
  virtual void* stream() const noexcept { return nullptr; }
  /// For the record: whose memory it is. Empty for the host's.
  virtual std::string gpu() const { return {}; }
  virtual std::string driver() const { return {}; }
  virtual std::string pci_bus_id() const { return {}; }
  /// Multiprocessors of the device; 0 of the host.
  virtual int multiprocessors() const { return 0; }
  /// Bytes of the cache that a timed run is to find cold; 0 of the host's.
  virtual std::size_t cache_bytes() const { return 0; }

  /// Undefined content at a multiple of 256.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* address) noexcept = 0;
  virtual void fill(void* to, unsigned char value, std::size_t bytes) = 0;
  virtual void copy_in(void* to, const void* from, std::size_t bytes) = 0;
  virtual void copy_out(void* to, const void* from, std::size_t bytes) = 0;
  /// From one place of this memory to another, in the order of what is enqueued, without waiting.
  virtual void copy_within(void* to, const void* from, std::size_t bytes) = 0;

  /// Calls `enqueue` and waits for what it started. Returns milliseconds of the memory's own clock,
  /// copies not included; 0 at once where `enqueue` returns false, having started nothing.
  virtual double time(const std::function<bool()>& enqueue) = 0;
};

std::unique_ptr<Memory> host_memory();

/// Bytes of a memory, released with it.
class Buffer {
 public:
  static constexpr std::size_t kAlignment = 256;

  Buffer() = default;
  /// Empty where `bytes` is 0. The alignment is a power of two.
  Buffer(Memory& memory, std::size_t bytes, std::size_t alignment = kAlignment);
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() {
    if (allocated_ != nullptr) memory_->release(allocated_);
  }

  void* data() const noexcept { return data_; }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(allocated_, other.allocated_);
    std::swap(data_, other.data_);
  }

  Memory* memory_ = nullptr;
  void* allocated_ = nullptr;
  void* data_ = nullptr;
};

/// Host values where a kernel can read them: themselves, or a copy that lives as long as this.
class Readable {
 public:
  Readable() = default;
  Readable(Memory& memory, const void* values, std::size_t bytes);

  /// Of a type that can also be written, as the C interface has one for inputs and outputs.
  void* data() const noexcept { return data_; }

 private:
  Buffer copy_;
  void* data_ = nullptr;
};

}  // namespace bsfa::kernels
