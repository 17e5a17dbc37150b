// SPDX-License-Identifier: Apache-2.0
// One block of threads computes a Q block, each thread one of its rows: slow, and plain.
#include <algorithm>

#include "kernels/cuda/runtime/check.h"
#include "tests/mutants/device_mutant_library.h"
#include "tests/mutants/plain_attention_body.h"
#include "tests/mutants/plain_items.h"

namespace bsfa::test {
namespace {

constexpr int kThreads = 128;

struct DeviceTeam {
  static __device__ std::int64_t first() { return threadIdx.x; }
  static __device__ std::int64_t size() { return kThreads; }
  static __device__ void meet() { __syncthreads(); }
};

__global__ void __launch_bounds__(kThreads)
    attend(bsfa_problem problem, bsfa_arguments arguments, Mutation mutation, bool reverse,
           std::int64_t items) {
  auto* tiles = static_cast<PlainTiles*>(arguments.workspace) + blockIdx.x;
  PlainAttention<DeviceTeam> attention(problem, arguments, mutation, reverse, *tiles);
  for (std::int64_t i = blockIdx.x; i < items; i += gridDim.x) {
    const bsfa_work_item item = plain_item(problem, arguments, i);
    attention.compute(item.batch, item.head, item.q_block);
    __syncthreads();
  }
}

std::int64_t blocks_for(std::int64_t items) {
  return std::min(items, kMostDeviceBlocks);
}

}  // namespace

std::uint64_t device_mutant_workspace(const bsfa_problem& problem) {
  const std::int64_t q_blocks = (problem.q_len + problem.gate_q_block - 1) / problem.gate_q_block;
  const std::int64_t items = problem.max_work_items > 0 ? problem.max_work_items
                                                        : problem.batch * problem.heads * q_blocks;
  return static_cast<std::uint64_t>(blocks_for(items)) * sizeof(PlainTiles);
}

bsfa_status run_device_mutant(const MutantPlan& plan, const bsfa_arguments& arguments, bool reverse,
                              std::int64_t items, char* error, std::size_t error_size) {
  if (arguments.workspace_bytes < device_mutant_workspace(plan.problem)) {
    return refuse(BSFA_INVALID_ARGUMENT, "the workspace is too small", error, error_size);
  }
  if (items == 0) return BSFA_OK;
  attend<<<static_cast<unsigned>(blocks_for(items)), kThreads, 0,
           static_cast<cudaStream_t>(arguments.stream)>>>(plan.problem, arguments, plan.mutation,
                                                          reverse, items);
  return kernels::cuda::check_launch("launching a mutant", error, error_size);
}

}  // namespace bsfa::test
