// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/trace_diff.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cli/trace/block_rows.h"

namespace bsfa::cli {
namespace {

using traces::TraceReader;
using Key = std::pair<std::int64_t, std::int64_t>;

std::set<Key> keys_of(const TraceReader& reader) {
  std::set<Key> keys;
  for (const std::int64_t layer : reader.layers()) {
    for (const std::int64_t sequence : reader.sequences(layer)) keys.insert({layer, sequence});
  }
  return keys;
}

std::vector<Difference> provenance_differences(const traces::Provenance& a,
                                               const traces::Provenance& b) {
  const std::vector<Difference> all = {{"version", a.tool_version, b.tool_version},
                                       {"commit", a.commit, b.commit},
                                       {"input", a.input_file, b.input_file},
                                       {"input sha256", a.input_sha256, b.input_sha256},
                                       {"kernel", a.kernel, b.kernel},
                                       {"thresholds", a.thresholds, b.thresholds},
                                       {"gpu", a.gpu, b.gpu},
                                       {"driver", a.driver, b.driver},
                                       {"command line", a.command_line, b.command_line}};
  std::vector<Difference> differing;
  std::copy_if(all.begin(), all.end(), std::back_inserter(differing),
               [](const Difference& d) { return d.a != d.b; });
  return differing;
}

/// Rows of A and B that hold the same Q block.
std::vector<std::pair<std::int64_t, std::int64_t>> common_rows(const traces::Sequence& a,
                                                               const traces::Sequence& b) {
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;
  for (std::size_t i = 0; i < a.q_blocks.size(); ++i) {
    const auto at = std::lower_bound(b.q_blocks.begin(), b.q_blocks.end(), a.q_blocks[i]);
    if (at == b.q_blocks.end() || *at != a.q_blocks[i]) continue;
    rows.emplace_back(static_cast<std::int64_t>(i), at - b.q_blocks.begin());
  }
  return rows;
}

/// Two sequences of the same problem, and how to find a tile in each.
struct Pair {
  const TraceReader &a, &b;
  Key key;
  traces::Sequence in_a, in_b;  ///< overviews
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;
  bool both_hold(std::int64_t head, const std::pair<std::int64_t, std::int64_t>& row) const {
    return is_held(in_a, head, row.first) && is_held(in_b, head, row.second);
  }
};

void compare_row(MaskDifference& found, const std::uint8_t* a, const std::uint8_t* b,
                 std::int64_t k_blocks, std::int64_t head, std::int64_t q_block) {
  for (std::int64_t n = 0; n < k_blocks; ++n) {
    ++found.compared;
    if (a[n] == b[n]) continue;
    if (found.differing == 0) found.head = head, found.q_block = q_block, found.k_block = n;
    ++found.differing;
  }
}

std::optional<MaskDifference> compare_masks(const Pair& pair, traces::MaskField field) {
  MaskDifference found;
  const std::int64_t k_blocks = pair.in_a.shape.k_blocks;
  for (std::int64_t head = 0; head < pair.in_a.shape.heads; ++head) {
    const auto a = pair.a.head(pair.key.first, pair.key.second, field, head);
    const auto b = pair.b.head(pair.key.first, pair.key.second, field, head);
    if (!a || !b) return std::nullopt;
    for (const auto& row : pair.rows) {
      if (!pair.both_hold(head, row)) continue;
      compare_row(found, a->data() + row.first * k_blocks, b->data() + row.second * k_blocks,
                  k_blocks, head, pair.in_a.q_blocks[static_cast<std::size_t>(row.first)]);
    }
  }
  return found;
}

std::int64_t blocks_in_both(const Pair& pair) {
  std::int64_t blocks = 0;
  for (std::int64_t head = 0; head < pair.in_a.shape.heads; ++head) {
    blocks += std::count_if(pair.rows.begin(), pair.rows.end(),
                            [&](const auto& row) { return pair.both_hold(head, row); });
  }
  return blocks;
}

SequenceDiff diff_sequence(const TraceReader& a, const TraceReader& b, const Key& key) {
  Pair pair{a, b, key, a.overview(key.first, key.second), b.overview(key.first, key.second), {}};
  SequenceDiff diff;
  diff.layer = key.first;
  diff.sequence = key.second;
  const auto rows_a = block_rows(a, key.first, key.second);
  const auto rows_b = block_rows(b, key.first, key.second);
  if (const auto tiles = pooled(rows_a)) diff.density_a = tiles->density();
  if (const auto tiles = pooled(rows_b)) diff.density_b = tiles->density();
  diff.arithmetic_a = largest(rows_a, &BlockRow::error_arithmetic);
  diff.arithmetic_b = largest(rows_b, &BlockRow::error_arithmetic);
  diff.method_a = largest(rows_a, &BlockRow::error_method);
  diff.method_b = largest(rows_b, &BlockRow::error_method);
  diff.same_problem = pair.in_a.problem == pair.in_b.problem &&
                      pair.in_a.shape.k_blocks == pair.in_b.shape.k_blocks &&
                      pair.in_a.shape.heads == pair.in_b.shape.heads;
  if (!diff.same_problem) return diff;
  pair.rows = common_rows(pair.in_a, pair.in_b);
  diff.common_blocks = blocks_in_both(pair);
  diff.kernel = compare_masks(pair, traces::MaskField::kKernel);
  diff.reference = compare_masks(pair, traces::MaskField::kReference);
  return diff;
}

/// Layers that only the first of two traces profiled.
void add_single_profiles(TraceDiff& diff, const TraceReader& with, const TraceReader& without,
                         char name) {
  const auto others = without.layers();
  for (const std::int64_t layer : with.layers()) {
    if (!with.has_profile(layer)) continue;
    if (std::binary_search(others.begin(), others.end(), layer) && without.has_profile(layer)) {
      continue;
    }
    diff.profiles_only_in_one.push_back(fmt::format("layer {}: profile only in {}", layer, name));
  }
}

bool agrees(const std::optional<MaskDifference>& mask) {
  return !mask || mask->differing == 0;
}

}  // namespace

bool TraceDiff::same() const {
  return verdict_a == verdict_b && only_in_one.empty() &&
         std::all_of(sequences.begin(), sequences.end(), [](const SequenceDiff& s) {
           return s.same_problem && agrees(s.kernel) && agrees(s.reference);
         });
}

TraceDiff diff_traces(const TraceReader& a, const TraceReader& b) {
  TraceDiff diff;
  diff.provenance = provenance_differences(a.provenance(), b.provenance());
  diff.verdict_a = a.provenance().verdict;
  diff.verdict_b = b.provenance().verdict;
  const auto in_a = keys_of(a), in_b = keys_of(b);
  for (const auto& key : in_a) {
    if (in_b.contains(key)) {
      diff.sequences.push_back(diff_sequence(a, b, key));
    } else {
      diff.only_in_one.push_back(
          fmt::format("layer {}, sequence {}: only in A", key.first, key.second));
    }
  }
  for (const auto& key : in_b) {
    if (!in_a.contains(key)) {
      diff.only_in_one.push_back(
          fmt::format("layer {}, sequence {}: only in B", key.first, key.second));
    }
  }
  diff.profiles = diff_profiles(a, b);
  add_single_profiles(diff, a, b, 'A');
  add_single_profiles(diff, b, a, 'B');
  return diff;
}

}  // namespace bsfa::cli
