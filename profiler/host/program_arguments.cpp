// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/program_arguments.h"

#include <utility>

#include <unistd.h>

namespace bsfa::profiler {

std::vector<std::string> environment_without(const std::set<std::string>& names) {
  std::vector<std::string> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string text = *entry;
    if (!names.contains(text.substr(0, text.find('=')))) entries.push_back(std::move(text));
  }
  return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace bsfa::profiler
