// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/profile/figures_text.h"
#include "cli/profile/report.h"
#include "cli/support/format.h"
#include "cli/support/table.h"
#include "cli/trace/profile_tables.h"

namespace bsfa::cli {
namespace {

std::string head_text(const ProfileReport& r) {
  const auto& kernel = r.subject.kernel();
  const auto& tile = r.collection.profile.compute_tile;
  std::string name = kernel.name();
  if (kernel.library->origin() != "built-in") name += " (" + kernel.library->origin() + ")";
  if (tile.q_block > 0) name += ", products of " + describe(tile) + " tiles";
  Entries entries = {{"input", r.subject.source().name},
                     {"problem", describe(r.subject.problem())},
                     {"thresholds", r.subject.thresholds().source},
                     {"kernel", name}};
  if (!r.gpu.empty()) {
    entries.emplace_back("GPU", fmt::format("{}, driver {}, {} SMs", r.gpu, r.driver,
                                            r.collection.profile.multiprocessors));
  }
  if (r.check != nullptr) {
    entries.emplace_back(
        "verdict",
        fmt::format("{}, {} of {} Q blocks compared", analysis::name_of(r.check->verdict.outcome),
                    count(r.check->sampling.checked), count(r.check->sampling.of)));
  }
  return fields(entries, "");
}

std::string findings_text(const Conclusions& c) {
  if (!c.work) return "\nfindings: none can be drawn without work records\n";
  if (c.findings.empty()) return "\nfindings: none\n";
  std::string text = "\nfindings\n";
  for (const auto& finding : c.findings) {
    text += fmt::format("  {}  {}: {}\n", analysis::name_of(finding.severity), finding.rule,
                        finding.text);
  }
  return text;
}

}  // namespace

std::string profile_text(const ProfileReport& r) {
  const Conclusions& c = r.conclusions;
  const traces::Profile& profile = r.collection.profile;
  const Entries figures = figure_entries(r.collection, c, r.subject.options().ceiling_tflops);
  const std::string refusals = refusals_text(profile, r.collection.unknown_metrics, "");
  std::string text = head_text(r) + "\n" + facilities_table(profile, "");
  if (!refusals.empty()) text += "\n" + refusals;
  text += times_table(c, "");
  if (!figures.empty()) text += "\n" + fields(figures, "");
  return text + samples_table(profile, "") + stalls_table(profile, "") + findings_text(c);
}

}  // namespace bsfa::cli
