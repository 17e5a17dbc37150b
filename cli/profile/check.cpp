// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/check.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/tile_geometry.h"
#include "profiler/host/nvtx.h"

namespace bsfa::cli {
namespace {

CompareOptions compare_options(const ProfileOptions& o) {
  CompareOptions options;
  options.input = o.input;
  options.thresholds = o.thresholds;
  options.kernel = o.kernel;
  options.sample = {o.check, o.source.shape.seed};
  return options;
}

/// None where the kernel tells nothing of its gating on this problem.
std::optional<kernels::GatingOutput> gating_of(Subject& subject) {
  try {
    return subject.prepare(BSFA_INSTRUMENT_MASK)->gating();
  } catch (const core::UsageError&) {
    return std::nullopt;
  }
}

template <typename T>
std::vector<T> batch_entry(const std::vector<T>& all, std::int64_t batch, std::int64_t size) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(batch * size);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

/// τ as applied, [H,Qb].
std::vector<float> thresholds_applied(const core::Problem& problem,
                                      const core::Thresholds& thresholds) {
  const core::TileGeometry geometry(problem);
  std::vector<float> values;
  for (std::int64_t head = 0; head < problem.heads; ++head) {
    for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
      values.push_back(thresholds.at(head, geometry.threshold_index(m, thresholds.blocks)));
    }
  }
  return values;
}

}  // namespace

Checked check(const Subject& subject) {
  const profiler::NvtxRange range("check");
  const CompareOptions options = compare_options(subject.options());
  const SourceProblem& source = subject.source();
  const io::LoadedAttention loaded{source.problem, source.inputs, source.rounded, source.owner};
  const CompareContext context{options, subject.control(), std::nullopt, subject.kernel(), nullptr};
  const auto items = select_items(source.problem, options.sample);
  Checked checked;
  checked.layer = compare_loaded(context, {source.layer, loaded, subject.thresholds(), items},
                                 &checked.sequences);
  return checked;
}

Sequences bare_sequences(const Subject& subject) {
  const core::Problem& problem = subject.problem();
  const core::TileGeometry geometry(problem);
  Sequences sequences;
  for (std::int64_t batch = 0; batch < problem.batch; ++batch) {
    traces::Sequence& s = sequences[batch];
    s.problem = problem;
    s.shape = {problem.heads, geometry.q_blocks(), geometry.k_blocks()};
    s.q_blocks.resize(static_cast<std::size_t>(geometry.q_blocks()));
    std::iota(s.q_blocks.begin(), s.q_blocks.end(), std::int64_t{0});
    if (const auto* thresholds = subject.thresholds().get(); thresholds != nullptr) {
      s.threshold = thresholds_applied(problem, *thresholds);
    }
  }
  return sequences;
}

Sequences with_gating(Sequences sequences, Subject& subject) {
  const auto gating = gating_of(subject);
  if (!gating) return sequences;
  for (auto& [batch, s] : sequences) {
    s.tile_max = batch_entry(gating->tile_max, batch, s.shape.tiles());
    s.mask_kernel = batch_entry(gating->mask, batch, s.shape.tiles());
  }
  return sequences;
}

void set_work(Sequences& sequences, const std::vector<core::WorkRecord>& records) {
  for (auto& [batch, s] : sequences) {
    s.work.reset();
    if (records.empty()) continue;
    s.work.emplace();
    std::copy_if(records.begin(), records.end(), std::back_inserter(*s.work),
                 [b = batch](const core::WorkRecord& record) { return record.batch == b; });
  }
}

}  // namespace bsfa::cli
