// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/problem.h"
#include "core/tensor.h"

namespace bsfa::kernels {

/// Query heads of one batch entry that are worked on together: whole groups that share K and V, or
/// some heads of one group.
struct HeadSlice {
  std::int64_t batch = 0;
  std::int64_t first_head = 0, heads = 0;
  std::int64_t first_kv_head = 0, kv_heads = 0;
  friend bool operator==(const HeadSlice&, const HeadSlice&) = default;
};

/// All heads of a problem, in order, in as few slices as keep each within `most_bytes`, given what
/// a query head and a kv head take; a slice of one head may take more.
std::vector<HeadSlice> head_slices(const core::Problem& problem, std::size_t head_bytes,
                                   std::size_t kv_head_bytes, std::size_t most_bytes);

/// The problem of those heads alone, and what they are of Q and of K or V.
core::Problem problem_of(const core::Problem& whole, const HeadSlice& slice);
core::TensorView queries_of(const core::TensorView& q, const HeadSlice& slice);
core::TensorView keys_of(const core::TensorView& k, const HeadSlice& slice);

}  // namespace bsfa::kernels
