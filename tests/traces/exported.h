// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "traces/perfetto.h"

namespace bsfa::traces::test {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

/// A timeline, read back.
struct Exported {
  PerfettoExport made;
  Json document;

  std::vector<Json> events(const std::string& phase) const {
    std::vector<Json> chosen;
    for (const Json& event : document["traceEvents"]) {
      if (event["ph"] == phase) chosen.push_back(event);
    }
    return chosen;
  }
  std::vector<std::string> names(const std::string& what) const {
    std::vector<std::string> found;
    for (const Json& event : events("M")) {
      if (event["name"] == what) found.push_back(event["args"].begin()->get<std::string>());
    }
    return found;
  }
};

inline Exported read_timeline(const std::filesystem::path& trace, std::int64_t max_events) {
  Exported result;
  result.made = export_perfetto(TraceReader(trace), max_events);
  result.document = Json::parse(result.made.json);
  return result;
}

}  // namespace bsfa::traces::test
