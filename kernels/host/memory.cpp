// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/memory.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <new>

namespace bsfa::kernels {
namespace {

class HostMemory final : public Memory {
 public:
  bool is_host() const noexcept override { return true; }
  void* allocate(std::size_t bytes) override { return ::operator new(bytes, kAlign); }
  void release(void* address) noexcept override { ::operator delete(address, kAlign); }
  void fill(void* to, unsigned char value, std::size_t bytes) override {
    std::memset(to, value, bytes);
  }
  void copy_in(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void copy_out(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void copy_within(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  double time(const std::function<bool()>& enqueue) override {
    const auto start = std::chrono::steady_clock::now();
    if (!enqueue()) return 0.0;
    const auto end = std::chrono::steady_clock::now();
    return std::chrono::duration<double, std::milli>(end - start).count();
  }

 private:
  static constexpr std::align_val_t kAlign{Buffer::kAlignment};
};

}  // namespace

std::unique_ptr<Memory> host_memory() {
  return std::make_unique<HostMemory>();
}

Buffer::Buffer(Memory& memory, std::size_t bytes, std::size_t alignment) : memory_(&memory) {
  if (bytes == 0) return;
  const std::size_t beyond = alignment > kAlignment ? alignment - kAlignment : 0;
  allocated_ = memory.allocate(bytes + beyond);
  const auto address = reinterpret_cast<std::uintptr_t>(allocated_);
  const std::uintptr_t skipped = beyond == 0 ? 0 : (alignment - address % alignment) % alignment;
  data_ = static_cast<unsigned char*>(allocated_) + skipped;
}

Readable::Readable(Memory& memory, const void* values, std::size_t bytes)
    : data_(const_cast<void*>(values)) {
  if (memory.is_host() || bytes == 0) return;
  copy_ = Buffer(memory, bytes);
  memory.copy_in(copy_.data(), values, bytes);
  data_ = copy_.data();
}

}  // namespace bsfa::kernels
