// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/nvtx.h"

namespace bsfa::profiler {

NvtxRange::NvtxRange(const std::string&) noexcept {}

NvtxRange::~NvtxRange() = default;

}  // namespace bsfa::profiler
