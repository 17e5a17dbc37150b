// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/fake_cuda_runtime.h"

#include <cstdlib>
#include <cstring>
#include <map>

namespace {

using bsfa::test::fake_cuda;

std::map<void*, std::size_t>& allocations() {
  static std::map<void*, std::size_t> live;
  return live;
}

/// What this call answers.
cudaError_t answer(const char* name) {
  auto& fake = fake_cuda();
  ++fake.calls;
  const bool fails = fake.fail_call > 0 &&
                     (fake.sticky ? fake.calls >= fake.fail_call : fake.calls == fake.fail_call);
  if (!fails) return cudaSuccess;
  if (fake.failed_call == nullptr) fake.failed_call = name;
  return fake.error;
}

/// The same for a call whose effect, where it has one, is `act`.
template <typename Act>
cudaError_t answer(const char* name, Act&& act) {
  const cudaError_t error = answer(name);
  if (error == cudaSuccess) act();
  return error;
}

/// Frees in any case: what a lost device held is gone as well.
cudaError_t freed(const char* name) {
  --fake_cuda().objects;
  return answer(name);
}

}  // namespace

bsfa::test::FakeCuda& bsfa::test::fake_cuda() {
  static FakeCuda fake;
  return fake;
}

extern "C" {

cudaError_t cudaMalloc(void** address, std::size_t bytes) {
  auto& fake = fake_cuda();
  const cudaError_t error = answer("cudaMalloc");
  if (error != cudaSuccess) return error;
  if (bytes > fake.total_bytes - fake.used_bytes) return cudaErrorMemoryAllocation;
  *address = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  std::memset(*address, 0x5A, bytes);
  allocations()[*address] = bytes;
  fake.used_bytes += bytes;
  ++fake.objects;
  return cudaSuccess;
}

cudaError_t cudaFree(void* address) {
  fake_cuda().used_bytes -= allocations().at(address);
  allocations().erase(address);
  std::free(address);
  return freed("cudaFree");
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return answer("cudaMemGetInfo", [&] {
    *total = fake_cuda().total_bytes;
    *free = *total - fake_cuda().used_bytes;
  });
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t) {
  return answer("cudaMemsetAsync", [&] { std::memset(to, value, bytes); });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t) {
  return answer("cudaMemcpyAsync", [&] { std::memcpy(to, from, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  if (flags != cudaStreamNonBlocking) return cudaErrorInvalidValue;
  return answer("cudaStreamCreateWithFlags", [&] {
    *stream = reinterpret_cast<cudaStream_t>(&fake_cuda());
    ++fake_cuda().objects;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t) {
  return freed("cudaStreamDestroy");
}

cudaError_t cudaStreamSynchronize(cudaStream_t) {
  return answer("cudaStreamSynchronize");
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return answer("cudaEventCreate", [&] {
    *event = reinterpret_cast<cudaEvent_t>(&fake_cuda());
    ++fake_cuda().objects;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t) {
  return freed("cudaEventDestroy");
}

cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) {
  return answer("cudaEventRecord");
}

cudaError_t cudaEventSynchronize(cudaEvent_t) {
  return answer("cudaEventSynchronize");
}

cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t, cudaEvent_t) {
  return answer("cudaEventElapsedTime", [&] { *ms = 2.5F; });
}

cudaError_t cudaGetDeviceCount(int* count) {
  return answer("cudaGetDeviceCount", [&] { *count = 1; });
}

cudaError_t cudaGetDevice(int* device) {
  return answer("cudaGetDevice", [&] { *device = 0; });
}

cudaError_t cudaSetDevice(int) {
  return answer("cudaSetDevice");
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  return answer("cudaDeviceGetAttribute", [&] { *value = 0; });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  return answer("cudaGetDeviceProperties", [&] {
    *properties = {};
    properties->major = 9;
    properties->l2CacheSize = 4096;
    properties->pciBusID = 0x3b;
  });
}

cudaError_t cudaDriverGetVersion(int* version) {
  return answer("cudaDriverGetVersion", [&] { *version = 13000; });
}

cudaError_t cudaGetLastError() {
  return cudaSuccess;
}

const char* cudaGetErrorString(cudaError_t) {
  return "CUDA's own words";
}

const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorIllegalAddress ? "cudaErrorIllegalAddress" : "cudaErrorOther";
}

}  // extern "C"
