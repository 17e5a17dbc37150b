// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/portable/portable_kernel.h"

#include <cstdio>
#include <new>

#include <cuda_runtime_api.h>

#include "kernels/common/checks.h"
#include "kernels/common/versioned_struct.h"
#include "kernels/cuda/portable/launch.h"
#include "kernels/cuda/portable/limits.h"
#include "kernels/cuda/runtime/check.h"

namespace bsfa::kernels::cuda {
namespace {

struct PortablePlan {
  bsfa_problem problem;
  std::int64_t l2_bytes;
};

const PortablePlan& plan_of(const bsfa_plan* plan) noexcept {
  return *reinterpret_cast<const PortablePlan*>(plan);
}

/// The calling thread's device for as long as it lives; the error, if any, is kept.
class DeviceGuard {
 public:
  explicit DeviceGuard(int device) noexcept {
    status = cudaGetDevice(&previous_);
    if (status != cudaSuccess || previous_ == device) return;
    status = cudaSetDevice(device);
    changed_ = status == cudaSuccess;
  }
  DeviceGuard(const DeviceGuard&) = delete;
  DeviceGuard& operator=(const DeviceGuard&) = delete;
  ~DeviceGuard() {
    if (changed_) cudaSetDevice(previous_);
  }

  cudaError_t status;

 private:
  int previous_ = 0;
  bool changed_ = false;
};

bsfa_status supports(const bsfa_kernel*, const bsfa_problem* given, char* error,
                     std::size_t size) noexcept {
  bsfa_problem problem;
  const bsfa_status status = read_struct(given, problem, error, size);
  if (status != BSFA_OK) return status;
  if (const char* text = invalid_problem(problem)) {
    return answer(BSFA_INVALID_ARGUMENT, text, error, size);
  }
  if (const char* text = unsupported_problem(problem)) {
    return answer(BSFA_UNSUPPORTED, text, error, size);
  }
  return BSFA_OK;
}

/// Whether the device can run the problem's instances.
bsfa_status prepare(PortablePlan& plan, char* error, std::size_t size) noexcept {
  const DeviceGuard guard(plan.problem.device);
  if (guard.status != cudaSuccess) return check(guard.status, "choosing a device", error, size);
  const auto attribute = [&](cudaDeviceAttr which, int& value) {
    return cudaDeviceGetAttribute(&value, which, plan.problem.device);
  };
  int major = 0, shared_bytes = 0, l2_bytes = 0;
  cudaError_t failed = attribute(cudaDevAttrComputeCapabilityMajor, major);
  if (failed == cudaSuccess) {
    failed = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, shared_bytes);
  }
  if (failed == cudaSuccess) failed = attribute(cudaDevAttrL2CacheSize, l2_bytes);
  if (failed != cudaSuccess) return check(failed, "asking the device for its limits", error, size);
  plan.l2_bytes = l2_bytes;
  const auto needed = static_cast<int>(find_instance(plan.problem, {}).shared_bytes);
  if (major < 8 || shared_bytes < needed) {
    char text[128];
    std::snprintf(text, sizeof(text),
                  "needs compute capability 8.0 and %d bytes of shared memory a block; the device "
                  "has %d.x and %d",
                  needed, major, shared_bytes);
    return answer(BSFA_UNSUPPORTED, text, error, size);
  }
  return BSFA_OK;
}

bsfa_status make_plan(const bsfa_kernel* kernel, const bsfa_problem* given, bsfa_plan** plan,
                      char* error, std::size_t size) noexcept {
  bsfa_status status = supports(kernel, given, error, size);
  if (status != BSFA_OK) return status;
  if (plan == nullptr) return answer(BSFA_INVALID_ARGUMENT, "no place for the plan", error, size);
  bsfa_problem problem;
  read_struct(given, problem, error, size);
  auto* made = new (std::nothrow) PortablePlan{problem, 0};
  if (made == nullptr) return answer(BSFA_OUT_OF_MEMORY, "no memory for a plan", error, size);
  status = prepare(*made, error, size);
  if (status != BSFA_OK) {
    delete made;
    return status;
  }
  *plan = reinterpret_cast<bsfa_plan*>(made);
  return BSFA_OK;
}

bsfa_status describe(const bsfa_plan* given, bsfa_plan_info* to, char* error,
                     std::size_t size) noexcept {
  const bsfa_problem& problem = plan_of(given).problem;
  const Instance instance = find_instance(problem, {});
  const auto items = static_cast<std::uint64_t>(problem.max_work_items > 0 ? problem.max_work_items
                                                                           : item_count(problem));
  bsfa_plan_info info{};
  info.size = sizeof(info);
  info.version = BSFA_ABI_VERSION;
  info.workspace_alignment = 1;
  if (problem.instrumentation >= BSFA_INSTRUMENT_WORK) {
    info.max_records = items * records_per_item(problem, instance);
    info.clock_domain = BSFA_CLOCK_GLOBALTIMER_NS;
  }
  info.compute_q_block = problem.gate_q_block;
  info.compute_k_block = instance.columns;
  info.threads_per_cta = instance.threads;
  info.ctas = static_cast<std::uint32_t>(items);
  info.tensor_instructions_per_qk = instance.tensor_instructions;
  if (problem.operation == BSFA_FORWARD) {
    info.tensor_instructions_per_pv = instance.tensor_instructions;
  }
  return write_struct(info, to, error, size);
}

bsfa_status enqueue(bsfa_plan* given, const bsfa_arguments* arguments, char* error,
                    std::size_t size) noexcept {
  const PortablePlan& plan = plan_of(given);
  bsfa_arguments own;
  const bsfa_status status = read_struct(arguments, own, error, size);
  if (status != BSFA_OK) return status;
  if (const char* text = unsupported_buffers(plan.problem, own)) {
    return answer(BSFA_UNSUPPORTED, text, error, size);
  }
  if (const char* text = invalid_arguments(plan.problem, own)) {
    return answer(BSFA_INVALID_ARGUMENT, text, error, size);
  }
  const DeviceGuard guard(plan.problem.device);
  if (guard.status != cudaSuccess) return check(guard.status, "choosing a device", error, size);
  const Instance instance = find_instance(plan.problem, own);
  Parameters parameters = parameters_of(plan.problem, own, instance, plan.l2_bytes);
  const auto stream = static_cast<cudaStream_t>(own.stream);
  if (parameters.items == 0) {
    if (own.record_count == nullptr) return BSFA_OK;
    return check(cudaMemsetAsync(own.record_count, 0, sizeof(*own.record_count), stream),
                 "setting the record count", error, size);
  }
  const cudaError_t loaded =
      cudaFuncSetAttribute(instance.function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                           static_cast<int>(instance.shared_bytes));
  if (loaded != cudaSuccess) return check(loaded, "loading the portable kernel", error, size);
  void* values[] = {&parameters};
  return check(cudaLaunchKernel(instance.function, dim3(parameters.items), dim3(instance.threads),
                                values, instance.shared_bytes, stream),
               "launching the portable kernel", error, size);
}

void destroy(bsfa_plan* plan) noexcept {
  delete reinterpret_cast<PortablePlan*>(plan);
}

}  // namespace

const bsfa_kernel& portable_kernel() noexcept {
  static const bsfa_kernel table = {
      sizeof(bsfa_kernel),
      BSFA_ABI_VERSION,
      "portable",
      "gated FlashAttention forward and tile statistics with mma.sync, sm_80 or later",
      BSFA_CUDA_DEVICE,
      BSFA_INSTRUMENT_WARPS,
      nullptr,
      supports,
      make_plan,
      describe,
      enqueue,
      destroy};
  return table;
}

}  // namespace bsfa::kernels::cuda
