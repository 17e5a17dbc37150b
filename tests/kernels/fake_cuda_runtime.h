// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <cuda_runtime_api.h>

namespace bsfa::test {

/// The CUDA runtime of a test without a device: one device made of host memory, whose calls fail
/// where they are told to. A test that links fake_cuda_runtime.cpp gets it in place of the real
/// one.
struct FakeCuda {
  int calls = 0;
  int fail_call = 0;                  ///< the how manieth call fails, from 1; 0: none
  cudaError_t error = cudaSuccess;    ///< what it answers
  bool sticky = false;                ///< so do all after it
  const char* failed_call = nullptr;  ///< the name of the first that failed
  std::size_t objects = 0;            ///< allocations, streams and events that are not freed
  std::size_t used_bytes = 0;
  std::size_t total_bytes = std::size_t{1} << 30;
};
FakeCuda& fake_cuda();

}  // namespace bsfa::test
