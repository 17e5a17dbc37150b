// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/support/json.h"
#include "traces/trace.h"

namespace bsfa::cli {

/// Tool, commit, time and command line; the rest is the caller's.
traces::Provenance new_provenance(const std::string& command_line);

Json to_json(const traces::Provenance& provenance);

}  // namespace bsfa::cli
