// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks functions that nvcc compiles for the device and every other compiler for the host.
#ifdef __CUDACC__
#define BSFA_MUTANT_CODE __device__
#else
#define BSFA_MUTANT_CODE
#endif
