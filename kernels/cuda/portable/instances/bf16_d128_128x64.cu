// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/portable/forward.cuh"

template struct bsfa::kernels::cuda::ForwardInstances<__nv_bfloat16, 128, 128, 64>;
