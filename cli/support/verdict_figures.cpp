// SPDX-License-Identifier: Apache-2.0
#include "cli/support/verdict_figures.h"

#include "cli/support/format.h"

namespace bsfa::cli {

Json verdict_numbers(const analysis::Verdict& v) {
  return {{"density", number(v.tiles.density())},
          {"retained_mass", number(v.retained_mass)},
          {"retained_mass_min", number(v.retained_mass_min)},
          {"certificate", number(v.certificate)},
          {"errors",
           {{"arithmetic", number(v.arithmetic_ratio)},
            {"gating",
             {{"ties", v.ties},
              {"violations", v.violations},
              {"inconsistent_tiles", v.inconsistent_tiles}}},
            {"method", number(v.method_relative_l2)}}},
          {"tiles", to_json(v.tiles)},
          {"checked_blocks", v.checked_blocks},
          {"set_aside", v.set_aside},
          {"exempt_channels", v.exempt_channels},
          {"exempt_rows", v.exempt_rows}};
}

std::vector<std::string> verdict_cells(const analysis::Verdict& v) {
  return {percent(v.tiles.density()),  mass(v.retained_mass), mass(v.retained_mass_min),
          figure(v.arithmetic_ratio),  count(v.ties),         count(v.violations),
          figure(v.method_relative_l2)};
}

std::vector<std::string> verdict_headings() {
  return {"density",      "retained\nmass",     "least\nin a row", "arithmetic\nerror/bound",
          "gating\nties", "gating\nviolations", "method\nrel. L2"};
}

}  // namespace bsfa::cli
