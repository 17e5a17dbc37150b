// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "analysis/calibration.h"

namespace bsfa::cli {

/// An unfinished calibration as a file, so that machines can share the work: safetensors with
/// "sum" and "rest" (fp64), "count" (i64) and "value_count" (i64), each [blocks,K,L,H], and
/// "values" (fp32), the samples' values in the order of the cells; the rest is metadata.
///
/// Errors  throws core::OutputError.
void write_partial(const std::filesystem::path& path, const analysis::Calibration& calibration);

/// Errors  throws core::InputError.
analysis::Calibration read_partial(const std::filesystem::path& path);

}  // namespace bsfa::cli
