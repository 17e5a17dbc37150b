// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/compare/compare_layer.h"
#include "cli/compare/layer_result.h"
#include "cli/profile/subject.h"

namespace bsfa::cli {

/// The verdict of compare on the very problem that is profiled, with what a trace keeps of it.
struct Checked {
  LayerResult layer;
  Sequences sequences;
};

/// Errors  throws as compare_loaded.
Checked check(const Subject& subject);

/// What a trace keeps where nothing was compared: the thresholds.
Sequences bare_sequences(const Subject& subject);

/// The same with the kernel's own mask and tile_max, as far as it tells them.
///
/// Errors  throws as kernels::TimedRun::gating.
Sequences with_gating(Sequences sequences, Subject& subject);

/// Makes `records` the work records of the sequences, each batch entry its own.
void set_work(Sequences& sequences, const std::vector<core::WorkRecord>& records);

}  // namespace bsfa::cli
