// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "core/thresholds.h"

namespace bsfa::io {

/// Reads a table from our safetensors or from the paper's torch .pt file, which is unpickled by an
/// allow-list that runs nothing.
///
/// Our form  tensor "thresholds" [K,L,H,blocks] in fp32 and the metadata bsfa_thresholds ("1"),
///           k_values, layers and samples (JSON lists), q_block_size, k_block_size, aggregation
///           ("mean" or "median").
/// .pt       a dictionary {thresholds [K,L,H,blocks], k_values, q_block_size, k_block_size} and, if
///           there, aggregation_method; layers are numbered from 0, samples stay empty.
/// Errors  throws core::InputError, also for a NaN τ.
core::ThresholdTable read_thresholds(const std::filesystem::path& path);

/// Writes our safetensors form, atomically. Throws core::OutputError.
void write_thresholds(const std::filesystem::path& path, const core::ThresholdTable& table);

}  // namespace bsfa::io
