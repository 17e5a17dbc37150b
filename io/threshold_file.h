// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "core/thresholds.h"

namespace bsfa::io {

/// Reads a table from our safetensors (tensor "thresholds" [K,L,H,blocks] with metadata) or from
/// the paper's torch .pt file, which is unpickled by an allow-list that runs nothing.
///
/// Errors  throws core::InputError, also for a NaN τ.
core::ThresholdTable read_thresholds(const std::filesystem::path& path);

/// Writes our safetensors form, atomically. Throws core::OutputError.
void write_thresholds(const std::filesystem::path& path, const core::ThresholdTable& table);

}  // namespace bsfa::io
