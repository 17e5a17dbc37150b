// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/kept_modules.h"

namespace bsfa::profiler {

/// Where an instruction of the device comes from; no file where its code has no line table.
struct SourcePlace {
  std::string file;
  std::uint32_t line = 0;
};

/// `function` by its mangled name, `offset` in bytes from its start.
SourcePlace source_place(const CuptiLibrary& cupti, const Cubin& cubin, const std::string& function,
                         std::uint64_t offset);

}  // namespace bsfa::profiler
