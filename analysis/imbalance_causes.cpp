// SPDX-License-Identifier: Apache-2.0
#include "analysis/imbalance_causes.h"

#include <algorithm>

namespace bsfa::analysis {
namespace {

struct Work {
  double items = 0.0, seen = 0.0, kept = 0.0;
};

Work work_of(const UnitLoad& unit) {
  return {static_cast<double>(unit.records), unit.seen, unit.kept};
}

double time_of(const Work& work, const CostModel& model) {
  return model.fitted[0] * work.items + model.fitted[1] * work.seen + model.fitted[2] * work.kept;
}

}  // namespace

std::optional<ImbalanceCauses> causes_of(const Balance& balance, const CostModel& model) {
  if (model.items == 0 || !balance.max_over_mean || !(balance.load_ns > 0.0)) return std::nullopt;
  const double count =
      static_cast<double>(balance.units.size()) + static_cast<double>(balance.absent);
  Work mean;
  double most = 0.0;
  for (const UnitLoad& unit : balance.units) {
    const Work work = work_of(unit);
    mean.items += work.items / count;
    mean.seen += work.seen / count;
    mean.kept += work.kept / count;
    most = std::max(most, time_of(work, model));
  }
  const Work own = work_of(balance.units[balance.busiest]);
  const Work more{own.items - mean.items, own.seen - mean.seen, own.kept - mean.kept};
  const double share = balance.busy_ns / balance.load_ns / *balance.mean_busy_ns;

  ImbalanceCauses causes;
  causes.unit = balance.busiest;
  causes.excess = *balance.max_over_mean - 1.0;
  causes.work = time_of(more, model) * share;
  causes.elsewhere = causes.excess - causes.work;
  if (model.undetermined.empty()) {
    causes.items = model.fitted[0] * more.items * share;
    causes.seen = model.fitted[1] * more.seen * share;
    causes.kept = model.fitted[2] * more.kept * share;
  }
  const double predicted = time_of(mean, model);
  if (predicted > 0.0) causes.predicted_excess = most / predicted - 1.0;
  return causes;
}

}  // namespace bsfa::analysis
