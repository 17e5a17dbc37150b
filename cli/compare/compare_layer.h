// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

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
  io::AttentionFile input;
  std::optional<kernels::Kernel> kernel;        ///< none where a saved output is judged
  std::shared_ptr<const io::TensorFile> saved;  ///< null where a kernel is run
};

/// Loads, calibrates, runs and judges one layer.
///
/// `sequences`, if not null, receives what a trace keeps, by batch entry.
LayerResult compare_layer(const CompareContext& context, std::int64_t layer,
                          std::map<std::int64_t, traces::Sequence>* sequences);

}  // namespace bsfa::cli
