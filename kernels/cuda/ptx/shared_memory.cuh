// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// PTX ISA, "Data movement": loads and stores of shared memory by 32-bit address, one instruction a
// function.
namespace bsfa::kernels::cuda::ptx {

/// A copy that the compiler cannot see through: it keeps the value in a register instead of
/// deriving it again at each use.
__device__ __forceinline__ std::uint32_t opaque(std::uint32_t x) {
  asm volatile("mov.b32 %0, %0;" : "+r"(x));
  return x;
}

/// st.shared.b32.
__device__ __forceinline__ void store_shared(std::uint32_t address, std::uint32_t value) {
  asm volatile("st.shared.b32 [%0], %1;" ::"r"(address), "r"(value) : "memory");
}
/// st.shared.b8.
__device__ __forceinline__ void store_shared_byte(std::uint32_t address, std::uint32_t value) {
  asm volatile("st.shared.b8 [%0], %1;" ::"r"(address), "r"(value) : "memory");
}
/// st.shared.v4.b32 of zeros.
__device__ __forceinline__ void zero_shared_16(std::uint32_t address) {
  asm volatile("st.shared.v4.b32 [%0], {%1,%1,%1,%1};" ::"r"(address), "r"(0) : "memory");
}
/// ld.shared.b32.
__device__ __forceinline__ std::uint32_t load_shared(std::uint32_t address) {
  std::uint32_t value;
  asm volatile("ld.shared.b32 %0, [%1];" : "=r"(value) : "r"(address) : "memory");
  return value;
}
/// ld.shared.v2.b32.
__device__ __forceinline__ uint2 load_shared_8(std::uint32_t address) {
  uint2 value;
  asm volatile("ld.shared.v2.b32 {%0,%1}, [%2];"
               : "=r"(value.x), "=r"(value.y)
               : "r"(address)
               : "memory");
  return value;
}

}  // namespace bsfa::kernels::cuda::ptx
