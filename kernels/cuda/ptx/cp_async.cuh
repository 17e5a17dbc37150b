// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// PTX ISA, "Data movement and conversion: cp.async": one instruction a function, no policy.
namespace bsfa::kernels::cuda::ptx {

/// Copies 16 bytes to shared memory past the first-level cache, or writes zeros where `valid` is
/// false; `from` must be a valid address all the same. cp.async.cg with src-size.
__device__ __forceinline__ void cp_async_16(std::uint32_t to, const void* from, bool valid) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from),
               "r"(valid ? 16 : 0)
               : "memory");
}

/// The same without the choice.
__device__ __forceinline__ void cp_async_16(std::uint32_t to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}

/// cp.async.commit_group.
__device__ __forceinline__ void cp_async_commit() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

/// All but the newest kPending groups have arrived. cp.async.wait_group.
template <int kPending>
__device__ __forceinline__ void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

}  // namespace bsfa::kernels::cuda::ptx
