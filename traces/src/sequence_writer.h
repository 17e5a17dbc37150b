// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "traces/src/dataset_writer.h"
#include "traces/trace.h"

namespace bsfa::traces {

/// Writes /layers/{layer}/seq/{sequence} with its pyramid levels.
///
/// Errors  throws Fault, before anything is written where the data contradict themselves.
void write_sequence(hid_t file, std::int64_t layer, std::int64_t sequence, const Sequence& data);

/// One line for people: "B1 H8 Hkv4 M4096 N4096 D64 fp16 causal, tiles 128x64".
std::string describe(const core::Problem& problem);

}  // namespace bsfa::traces
