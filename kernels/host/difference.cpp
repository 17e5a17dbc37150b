// SPDX-License-Identifier: Apache-2.0
#include "core/tile_geometry.h"
#include "kernels/host/run.h"
#include "kernels/host/same_bits.h"

namespace bsfa::kernels {
namespace {

/// Position of the first of `count` elements from `first` on that differ, -1 where none does.
template <typename T>
std::int64_t mismatch(const std::vector<T>& a, const std::vector<T>& b, std::int64_t first,
                      std::int64_t count) {
  if (a.size() != b.size()) return 0;
  if (a.empty()) return -1;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(first + i);
    if (!same_bits(a[at], b[at])) return i;
  }
  return -1;
}

std::string place(const core::WorkItem& item, const char* output, const char* unit,
                  std::int64_t index) {
  return std::string(output) + " differs at batch " + std::to_string(item.batch) + ", head " +
         std::to_string(item.head) + ", " + unit + " " + std::to_string(index);
}

std::string difference_in(const core::Problem& p, const core::WorkItem& item, const RunResult& a,
                          const RunResult& b) {
  const core::TileGeometry geometry(p);
  const core::Range rows = geometry.q_rows(item.q_block);
  const std::int64_t head = item.batch * p.heads + item.head;
  const std::int64_t row = head * p.q_len + rows.begin;
  std::int64_t at = mismatch(a.o, b.o, row * p.head_dim, rows.size() * p.head_dim);
  if (at >= 0) {
    return place(item, "o", "row", rows.begin + at / p.head_dim) + ", channel " +
           std::to_string(at % p.head_dim);
  }
  at = mismatch(a.lse, b.lse, row, rows.size());
  if (at >= 0) return place(item, "lse", "row", rows.begin + at);
  const std::int64_t tile = (head * geometry.q_blocks() + item.q_block) * geometry.k_blocks();
  const std::string q_block = "Q block " + std::to_string(item.q_block) + ", K block";
  at = mismatch(a.mask, b.mask, tile, geometry.k_blocks());
  if (at >= 0) return place(item, "mask", q_block.c_str(), at);
  at = mismatch(a.tile_max, b.tile_max, tile, geometry.k_blocks());
  if (at >= 0) return place(item, "tile_max", q_block.c_str(), at);
  return {};
}

}  // namespace

std::string first_difference(const core::Problem& problem, std::span<const core::WorkItem> items,
                             const RunResult& a, const RunResult& b) {
  const auto everything =
      items.empty() ? core::all_work_items(problem) : std::vector<core::WorkItem>{};
  for (const core::WorkItem& item : items.empty() ? std::span(everything) : items) {
    std::string found = difference_in(problem, item, a, b);
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace bsfa::kernels
