// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

namespace bsfa::core {
namespace {

std::string describe(std::string_view subject, std::string_view cause, std::string_view place) {
  std::string text{subject};
  text.append(": ").append(cause);
  if (!place.empty()) text.append(" (").append(place).append(")");
  return text;
}

}  // namespace

InputError::InputError(std::string_view file, std::string_view cause, std::string_view place)
    : Error(ExitCode::kInput, describe(file, cause, place)) {}

OutputError::OutputError(std::string_view file, std::string_view cause)
    : Error(ExitCode::kOutput, describe(file, cause, {})) {}

PluginError::PluginError(std::string_view library, std::string_view cause)
    : Error(ExitCode::kOutput, describe(library, cause, {})) {}

}  // namespace bsfa::core
