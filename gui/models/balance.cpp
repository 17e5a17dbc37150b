// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/balance.h"

#include <algorithm>

#include <QtCore/QStringList>
#include <nlohmann/json.hpp>

#include "gui/models/number_text.h"
#include "gui/models/time_axis.h"

namespace bsfa::gui {
namespace {

std::vector<BalanceFinding> computed_findings(const analysis::WorkProfile& work) {
  std::vector<BalanceFinding> out;
  for (const analysis::Finding& finding : analysis::findings_of(work)) {
    out.push_back({finding.severity == analysis::FindingSeverity::kWarning,
                   QString::fromStdString(finding.rule), QString::fromStdString(finding.text)});
  }
  return out;
}

/// The conclusions that a profile holds, which know more than work records do; none where they are
/// no such JSON.
std::optional<std::vector<BalanceFinding>> stored_findings(const std::string& text) {
  const auto list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array()) return std::nullopt;
  std::vector<BalanceFinding> out;
  for (const auto& entry : list) {
    const auto word = [&](const char* name) {
      const bool there = entry.is_object() && entry.contains(name) && entry[name].is_string();
      return there ? QString::fromStdString(entry[name].get<std::string>()) : QString();
    };
    if (word("text").isEmpty()) continue;
    out.push_back({word("severity") == QLatin1String("warning"), word("rule"), word("text")});
  }
  return out;
}

void add_profile(BalanceReport& report, const traces::Profile& profile) {
  for (const traces::Counter& counter : profile.counters) {
    report.counters.push_back({QString::fromStdString(counter.set),
                               QString::fromStdString(counter.metric), counter.value});
  }
  double samples = 0.0;
  for (const traces::StallLine& line : profile.stalls) samples += static_cast<double>(line.samples);
  for (const traces::StallLine& line : profile.stalls) {
    StallRow row{QString::fromStdString(line.function),
                 QString::fromStdString(line.file),
                 QString::fromStdString(line.text),
                 QString::fromStdString(line.reason),
                 line.line,
                 line.samples,
                 0.0};
    if (samples > 0.0) row.share = static_cast<double>(line.samples) / samples;
    report.stalls.push_back(std::move(row));
  }
  std::stable_sort(report.stalls.begin(), report.stalls.end(),
                   [](const StallRow& a, const StallRow& b) { return a.samples > b.samples; });
  for (const traces::Facility& facility : profile.facilities) {
    FacilityRow row;
    row.name = QString::fromStdString(facility.name);
    row.refused = facility.status == traces::Facility::Status::kRefused;
    row.status = row.refused ? QStringLiteral("refused") : QStringLiteral("done");
    QStringList details;
    if (!facility.refusal.empty()) details << QString::fromStdString(facility.refusal);
    if (!facility.advice.empty()) details << QString::fromStdString(facility.advice);
    if (facility.slowdown)
      details << QStringLiteral("the kernel was %1 slower meanwhile")
                     .arg(percent_text(*facility.slowdown));
    if (facility.dropped > 0) details << QStringLiteral("%1 records lost").arg(facility.dropped);
    row.detail = details.join(QStringLiteral("; "));
    report.facilities.push_back(std::move(row));
  }
}

QString coefficient_text(const analysis::Coefficient& coefficient) {
  return duration_text(coefficient.value);
}

}  // namespace

BalanceReport balance_report(std::span<const core::WorkRecord> records,
                             const traces::Profile* profile) {
  BalanceReport report;
  if (!records.empty()) {
    std::optional<std::int64_t> units;
    if (profile != nullptr && profile->multiprocessors > 0) units = profile->multiprocessors;
    report.work = analysis::profile_work(records, units);
    report.findings = computed_findings(*report.work);
    report.groups = work_groups(*report.work);
  }
  if (profile == nullptr) return report;
  if (auto stored = stored_findings(profile->findings)) report.findings = std::move(*stored);
  add_profile(report, *profile);
  return report;
}

std::vector<std::pair<QString, QString>> balance_lines(const analysis::Balance& balance,
                                                       core::ClockDomain clock) {
  std::vector<std::pair<QString, QString>> lines;
  if (balance.units.empty()) return lines;
  const std::string_view name = analysis::unit_name(clock);
  const bool of_units = balance.level == analysis::BalanceLevel::kUnit;
  const std::string_view level = of_units ? name : analysis::name_of(balance.level);
  QString count = QString::number(balance.units.size());
  if (balance.absent > 0) count += QStringLiteral(" and %1 without work").arg(balance.absent);
  lines.emplace_back(
      QString::fromUtf8(level.data(), static_cast<qsizetype>(level.size())) + QStringLiteral("s"),
      count);
  const auto add = [&](const QString& what, const QString& value) {
    lines.emplace_back(what, value);
  };
  const auto ratio = [](double value) { return QString::number(value, 'f', 3); };
  add(QStringLiteral("span"), duration_text(balance.span_ns));
  if (balance.max_over_mean) add(QStringLiteral("max/mean"), ratio(*balance.max_over_mean));
  if (balance.variation) add(QStringLiteral("variation"), ratio(*balance.variation));
  if (balance.tail_share) add(QStringLiteral("tail"), percent_text(*balance.tail_share));
  if (balance.idle_share) add(QStringLiteral("idle"), percent_text(*balance.idle_share));
  if (balance.within_cta) add(QStringLiteral("max/mean within a CTA"), ratio(*balance.within_cta));
  return lines;
}

QString cost_text(const analysis::CostModel& model) {
  QStringList parts;
  const auto add = [&](const std::optional<analysis::Coefficient>& coefficient, const QString& of) {
    if (coefficient) parts << coefficient_text(*coefficient) + of;
  };
  add(model.per_item_ns, QStringLiteral(" an item"));
  add(model.per_seen_ns, QStringLiteral(" a tile seen"));
  add(model.per_kept_ns, QStringLiteral(" a tile kept"));
  if (!model.per_seen_ns && !model.per_kept_ns)
    add(model.together_ns, QStringLiteral(" a tile seen with its share kept"));
  if (parts.isEmpty()) return {};
  QString text = parts.join(QStringLiteral(" + "));
  if (model.r_squared)
    text += QStringLiteral(", R² %1").arg(QString::number(*model.r_squared, 'f', 3));
  return text;
}

}  // namespace bsfa::gui
