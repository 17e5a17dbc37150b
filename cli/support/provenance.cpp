// SPDX-License-Identifier: Apache-2.0
#include "cli/support/provenance.h"

#include "cli/build_info.h"
#include "cli/support/format.h"

namespace bsfa::cli {

traces::Provenance new_provenance(const std::string& command_line) {
  traces::Provenance provenance;
  provenance.tool_version = kVersion;
  provenance.commit = kCommit;
  provenance.command_line = command_line;
  provenance.created_utc = utc_now();
  return provenance;
}

Json to_json(const traces::Provenance& p) {
  Json json = {{"tool", "bsfa"},
               {"version", p.tool_version},
               {"commit", p.commit},
               {"command_line", p.command_line},
               {"created_utc", p.created_utc},
               {"input", {{"file", p.input_file}, {"sha256", p.input_sha256}}},
               {"kernel", p.kernel},
               {"thresholds", p.thresholds}};
  if (!p.gpu.empty()) json["gpu"] = p.gpu;
  if (!p.driver.empty()) json["driver"] = p.driver;
  for (const auto& [name, value] : p.more) json[name] = value;
  return json;
}

}  // namespace bsfa::cli
