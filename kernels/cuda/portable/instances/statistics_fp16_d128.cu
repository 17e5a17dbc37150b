// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/portable/statistics.cuh"

namespace bsfa::kernels::cuda {

template struct StatisticsInstances<__half, 128, 128, 64>;
template struct StatisticsInstances<__half, 128, 64, 64>;
template struct StatisticsInstances<__half, 128, 128, 128>;

}  // namespace bsfa::kernels::cuda
