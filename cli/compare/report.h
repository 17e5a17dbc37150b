// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/compare/layer_result.h"
#include "cli/support/json.h"
#include "traces/trace.h"

namespace bsfa::cli {

/// The report as one JSON object; docs/cli.md lists its keys.
Json json_report(const std::vector<LayerResult>& layers, const Overall& overall,
                 const traces::Provenance& provenance, double elapsed_s);

/// The report for people, ending in "verdict: ..." and the reasons.
std::string text_report(const std::vector<LayerResult>& layers, const Overall& overall,
                        const std::string& input, double elapsed_s);

/// "verdict: fail" and one line for each reason.
std::string verdict_lines(const analysis::Verdict& verdict);

}  // namespace bsfa::cli
