// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

namespace bsfa::profiler {

/// NAME=VALUE of this process's environment, without variables of these names.
std::vector<std::string> environment_without(const std::set<std::string>& names);

/// As exec and posix_spawn want a list, null at its end; the strings must outlive it.
std::vector<char*> pointers_to(std::vector<std::string>& strings);

}  // namespace bsfa::profiler
