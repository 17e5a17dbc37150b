// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/profile/figures_text.h"
#include "cli/support/format.h"
#include "cli/support/json.h"
#include "cli/support/table.h"
#include "cli/trace/profile_tables.h"
#include "cli/trace/stored_profile.h"

namespace bsfa::cli {
namespace {

constexpr const char* kIndent = "  ";

std::string head_text(const StoredProfile& stored) {
  const traces::Profile& p = stored.collection.profile;
  Entries entries;
  if (p.multiprocessors > 0) entries.emplace_back("multiprocessors", count(p.multiprocessors));
  if (p.compute_tile.q_block > 0) entries.emplace_back("tile product", describe(p.compute_tile));
  if (p.tensor_per_qk > 0 || p.tensor_per_pv > 0) {
    entries.emplace_back("tensor instructions", fmt::format("{} a QK product, {} a PV product",
                                                            p.tensor_per_qk, p.tensor_per_pv));
  }
  if (!p.spans.empty()) {
    entries.emplace_back("spans", count(static_cast<std::int64_t>(p.spans.size())));
  }
  if (stored.compared && stored.compared_of) {
    entries.emplace_back("compared", fmt::format("{} of {} Q blocks", count(*stored.compared),
                                                 count(*stored.compared_of)));
  }
  return entries.empty() ? "" : fields(entries);
}

std::string text_member(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name)) return "-";
  return object[name].is_string() ? object[name].get<std::string>() : object[name].dump();
}

std::string findings_text(const StoredProfile& stored) {
  const std::string& stored_json = stored.collection.profile.findings;
  if (stored_json.empty()) return "";
  const auto findings = Json::parse(stored_json, nullptr, false);
  if (!findings.is_array()) return "\n  findings: cannot be read\n";
  if (findings.empty()) {
    return stored.collection.records.empty()
               ? "\n  findings: none can be drawn without work records\n"
               : "\n  findings: none\n";
  }
  std::string text = "\n  findings\n";
  for (const auto& finding : findings) {
    text += fmt::format("    {}  {}: {}\n", text_member(finding, "severity"),
                        text_member(finding, "rule"), text_member(finding, "text"));
  }
  return text;
}

}  // namespace

std::string text_of(const StoredProfile& stored) {
  const Collection& collection = stored.collection;
  const traces::Profile& profile = collection.profile;
  const auto conclusions = conclude(stored.problem, collection, stored.ceiling_tflops);
  const Entries figures = figure_entries(collection, conclusions, stored.ceiling_tflops);
  const std::string refusals = refusals_text(profile, collection.unknown_metrics, kIndent);
  std::string text = head_text(stored);
  if (!profile.facilities.empty()) text += "\n" + facilities_table(profile, kIndent);
  if (!refusals.empty()) text += "\n" + refusals;
  text += times_table(conclusions, kIndent);
  if (!figures.empty()) text += "\n" + fields(figures, kIndent);
  return text + counters_table(profile, kIndent) + samples_table(profile, kIndent) +
         stalls_table(profile, kIndent) + findings_text(stored);
}

}  // namespace bsfa::cli
