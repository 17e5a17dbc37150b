// SPDX-License-Identifier: Apache-2.0
#include "traces/src/links.h"

#include <algorithm>
#include <charconv>

namespace bsfa::traces {
namespace {

herr_t add_name(hid_t, const char* name, const H5L_info_t*, void* names) noexcept {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  } catch (...) {
    return -1;
  }
  return 0;
}

std::int64_t number_of(const std::string& name, const std::string& place) {
  std::int64_t number = -1;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc{} || stop != end || number < 0 || std::to_string(number) != name) {
    throw Fault("'" + name + "' is not a number", place);
  }
  return number;
}

}  // namespace

bool has_link(hid_t group, const std::string& name, const std::string& place) {
  if (checked(H5Lexists(group, name.c_str(), H5P_DEFAULT), place) == 0) return false;
  H5L_info_t info{};
  checked(H5Lget_info(group, name.c_str(), &info, H5P_DEFAULT), place);
  if (info.type != H5L_TYPE_HARD) throw Fault("is a link to somewhere else", place);
  return true;
}

Handle open_group(hid_t parent, const std::string& name, const std::string& place) {
  if (!has_link(parent, name, place)) throw Fault("is missing", place);
  return owned(H5Gopen2(parent, name.c_str(), H5P_DEFAULT), place);
}

std::vector<std::int64_t> numbered_links(hid_t group, const std::string& place) {
  std::vector<std::string> names;
  checked(H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add_name, &names), place);
  std::vector<std::int64_t> numbers;
  numbers.reserve(names.size());
  for (const auto& name : names) numbers.push_back(number_of(name, place));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace bsfa::traces
