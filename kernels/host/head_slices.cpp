// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/head_slices.h"

#include <algorithm>

namespace bsfa::kernels {
namespace {

core::TensorView heads_of(core::TensorView view, std::int64_t batch, std::int64_t first,
                          std::int64_t count) {
  const std::int64_t elements = batch * view.stride[0] + first * view.stride[1];
  view.data = static_cast<const unsigned char*>(view.data) +
              elements * static_cast<std::int64_t>(core::size_of(view.dtype));
  view.shape[0] = 1;
  view.shape[1] = count;
  return view;
}

}  // namespace

std::vector<HeadSlice> head_slices(const core::Problem& p, std::size_t head_bytes,
                                   std::size_t kv_head_bytes, std::size_t most_bytes) {
  const std::int64_t group = p.heads / p.kv_heads;
  const std::size_t group_bytes = kv_head_bytes + static_cast<std::size_t>(group) * head_bytes;
  const auto whole_groups = static_cast<std::int64_t>(most_bytes / group_bytes);
  std::vector<HeadSlice> slices;
  for (std::int64_t b = 0; b < p.batch; ++b) {
    if (whole_groups > 0) {
      for (std::int64_t kv = 0; kv < p.kv_heads; kv += whole_groups) {
        const std::int64_t count = std::min(whole_groups, p.kv_heads - kv);
        slices.push_back({b, kv * group, count * group, kv, count});
      }
      continue;
    }
    const std::size_t room = most_bytes - std::min(most_bytes, kv_head_bytes);
    const auto together = std::max<std::int64_t>(static_cast<std::int64_t>(room / head_bytes), 1);
    for (std::int64_t kv = 0; kv < p.kv_heads; ++kv) {
      for (std::int64_t h = 0; h < group; h += together) {
        slices.push_back({b, kv * group + h, std::min(together, group - h), kv, 1});
      }
    }
  }
  return slices;
}

core::Problem problem_of(const core::Problem& whole, const HeadSlice& slice) {
  core::Problem part = whole;
  part.batch = 1;
  part.heads = slice.heads;
  part.kv_heads = slice.kv_heads;
  return part;
}

core::TensorView queries_of(const core::TensorView& q, const HeadSlice& slice) {
  return heads_of(q, slice.batch, slice.first_head, slice.heads);
}

core::TensorView keys_of(const core::TensorView& k, const HeadSlice& slice) {
  return heads_of(k, slice.batch, slice.first_kv_head, slice.kv_heads);
}

}  // namespace bsfa::kernels
