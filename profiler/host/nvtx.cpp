// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/nvtx.h"

#include <nvtx3/nvToolsExt.h>

namespace bsfa::profiler {

NvtxRange::NvtxRange(const std::string& name) noexcept {
  nvtxRangePushA(name.c_str());
}

NvtxRange::~NvtxRange() {
  nvtxRangePop();
}

}  // namespace bsfa::profiler
