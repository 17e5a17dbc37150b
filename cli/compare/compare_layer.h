// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "cli/compare/compare.h"
#include "cli/compare/layer_result.h"
#include "io/attention_file.h"
#include "io/tensor_file.h"
#include "kernels/host/library.h"
#include "traces/trace.h"

namespace bsfa::cli {

/// What the layers of one comparison share.
struct CompareContext {
  const CompareOptions& options;
  core::RunControl control;
  std::optional<io::AttentionFile> input;       ///< none where what is judged is loaded already
  std::optional<kernels::Kernel> kernel;        ///< none where a saved output is judged
  std::shared_ptr<const io::TensorFile> saved;  ///< null where a kernel is run
};

/// What a trace keeps, by batch entry.
using Sequences = std::map<std::int64_t, traces::Sequence>;

/// Loads, calibrates, runs and judges one layer. `sequences`, if not null, receives what a trace
/// keeps.
LayerResult compare_layer(const CompareContext& context, std::int64_t layer, Sequences* sequences);

/// A layer that is loaded, and how it is to be gated and judged.
struct LoadedLayer {
  std::int64_t number = 0;
  const io::LoadedAttention& attention;
  const ChosenThresholds& thresholds;
  std::span<const core::WorkItem> items;  ///< the ones that are checked
};
/// Runs and judges it.
LayerResult compare_loaded(const CompareContext& context, const LoadedLayer& layer,
                           Sequences* sequences);

}  // namespace bsfa::cli
