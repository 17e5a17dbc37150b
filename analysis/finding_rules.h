// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/findings.h"

// The rules behind findings_of(), one function each; none where there is nothing to say.
namespace bsfa::analysis {

/// The unit that ends last, if it alone or few others end late.
struct LateUnit {
  std::size_t unit = 0;  ///< index into Balance::units
  double late = 0.0;     ///< end over the median end, less 1
  std::size_t others = 0;
};
std::optional<LateUnit> find_late_unit(const Balance& units);

std::optional<Finding> late_unit(const WorkProfile& profile);
std::optional<Finding> ragged_end(const WorkProfile& profile);
std::optional<Finding> busy_unit(const WorkProfile& profile);
std::optional<Finding> slow_unit(const WorkProfile& profile);
std::optional<Finding> idle_units(const WorkProfile& profile);
std::optional<Finding> absent_units(const WorkProfile& profile);

std::optional<Finding> heavy_head(const WorkProfile& profile);
std::optional<Finding> outlying_items(const WorkProfile& profile);
std::optional<Finding> poor_fit(const WorkProfile& profile);
std::optional<Finding> unequal_warps(const WorkProfile& profile);
std::optional<Finding> unsound_records(const WorkProfile& profile);
std::optional<Finding> tensor_count(const TensorCheck& check);
std::optional<Finding> beyond_need(const TensorCheck& check);

/// "SM 17", "worker 0".
std::string name_of_unit(const WorkProfile& profile, const UnitLoad& unit);
/// "SMs", "workers".
std::string units_of(const WorkProfile& profile);
/// "12 %", and "3.4 %" below ten.
std::string share_text(double share);
/// "1 item", "9 items".
std::string counted(std::size_t count, const char* what);
/// "1.23 ms", "45.6 us".
std::string time_text(double ns);

}  // namespace bsfa::analysis
