// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/work.h"
#include "kernels/host/library.h"

namespace bsfa::kernels {

core::WorkRecord work_record(const bsfa_work_record& from);

/// Throws core::PluginError where a kernel reports more records than it planned.
void require_planned(const Kernel& kernel, std::uint64_t planned, std::uint64_t reported);

}  // namespace bsfa::kernels
