// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/variants.h"

#include <array>
#include <utility>

#include "analysis/density_thresholds.h"
#include "cli/support/progress.h"
#include "core/error.h"
#include "core/tile_geometry.h"
#include "core/work.h"
#include "kernels/host/plan.h"
#include "kernels/host/run.h"
#include "reference/attention.h"

namespace bsfa::cli {
namespace {

constexpr std::array kLevelNames = {"none", "mask", "work", "warps"};

bool is_host(const kernels::Kernel& kernel) {
  return kernel.table->memory_space == BSFA_HOST;
}

/// What a kernel says of its gating under a setting, none where it says nothing.
std::optional<kernels::GatingOutput> gating_of(Stages& stages, const kernels::Kernel& kernel,
                                               const core::Thresholds* thresholds) {
  if (kernel.table->instrumentation < BSFA_INSTRUMENT_MASK) return std::nullopt;
  std::unique_ptr<kernels::TimedRun> run;
  try {
    run = std::make_unique<kernels::TimedRun>(kernel, stages.of(kernel), thresholds,
                                              BSFA_INSTRUMENT_MASK);
  } catch (const core::UsageError&) {
    // It has masks for other problems; what it says of this one without is asked later.
    return std::nullopt;
  }
  return run->gating();
}

TileMax tile_max_of_reference(const Stages& stages) {
  const core::Problem& p = stages.problem();
  const core::TileGeometry geometry(p);
  const reference::Attention attention(p, stages.inputs());
  const auto items = core::all_work_items(p);
  const auto columns = static_cast<std::size_t>(geometry.k_blocks());
  TileMax scores{std::vector<float>(items.size() * columns), "the reference"};
  Progress progress("scoring");
  const auto visit = [&](std::size_t i, const core::WorkItem& item) {
    const auto statistics = attention.statistics(item, false);
    for (std::size_t n = 0; n < columns; ++n) {
      scores.values[i * columns + n] = static_cast<float>(statistics.tile_max[n]);
    }
  };
  reference::for_each_item(p, items, progress.watch(stages.control()), visit);
  return scores;
}

/// The share of tiles that each setting keeps, by the kernel's own mask.
std::vector<std::optional<double>> kept_shares(Stages& stages, const kernels::Kernel& kernel,
                                               std::span<const GateSetting> settings) {
  std::vector<std::optional<double>> shares;
  for (const GateSetting& setting : settings) {
    shares.emplace_back();
    if (setting.get() == nullptr) continue;
    const auto told = gating_of(stages, kernel, setting.get());
    if (told) shares.back() = analysis::kept_share(stages.problem(), told->mask);
  }
  return shares;
}

/// All settings at one level; none of them where the kernel does not offer it.
std::vector<Variant> variants_at(Stages& stages, const kernels::Kernel& kernel,
                                 std::span<const GateSetting> settings,
                                 bsfa_instrumentation level) {
  std::vector<Variant> made;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    auto run =
        std::make_unique<kernels::TimedRun>(kernel, stages.of(kernel), settings[i].get(), level);
    made.push_back({kernel, i, level, std::nullopt, std::move(run)});
  }
  return made;
}

}  // namespace

kernels::TimedProblem& Stages::of(const kernels::Kernel& kernel) {
  auto& stage = is_host(kernel) ? host_ : device_;
  if (!stage) {
    stage = std::make_unique<kernels::TimedProblem>(kernels::memory_for(kernel), problem_, inputs_,
                                                    control_);
  }
  return *stage;
}

const kernels::Memory* Stages::device() const noexcept {
  return device_ ? &device_->memory() : nullptr;
}

TileMax tile_max_of(Stages& stages, std::span<const kernels::Kernel> kernels) {
  for (const bool host : {false, true}) {
    for (const kernels::Kernel& kernel : kernels) {
      if (is_host(kernel) != host) continue;
      auto told = gating_of(stages, kernel, nullptr);
      if (told) return {std::move(told->tile_max), kernels::who(kernel)};
    }
  }
  return tile_max_of_reference(stages);
}

Variants make_variants(Stages& stages, std::span<const kernels::Kernel> kernels,
                       std::span<const GateSetting> settings,
                       std::span<const bsfa_instrumentation> levels) {
  Variants all;
  for (const kernels::Kernel& kernel : kernels) {
    // Refuses the problem itself, before any of its levels is only left out.
    static_cast<void>(variants_at(stages, kernel, settings, BSFA_INSTRUMENT_NONE));
    const auto kept = kept_shares(stages, kernel, settings);
    const std::size_t before = all.list.size();
    for (const bsfa_instrumentation level : levels) {
      try {
        for (Variant& variant : variants_at(stages, kernel, settings, level)) {
          variant.kept_measured = kept[variant.setting];
          all.list.push_back(std::move(variant));
        }
      } catch (const core::UsageError& error) {
        all.unsupported.push_back({kernels::who(kernel), level, error.what()});
      }
    }
    if (all.list.size() == before) throw core::UsageError(all.unsupported.back().reason);
  }
  return all;
}

const char* name_of(bsfa_instrumentation level) noexcept {
  return kLevelNames[static_cast<std::size_t>(level)];
}

bsfa_instrumentation level_of(const std::string& name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (name == kLevelNames[i]) return static_cast<bsfa_instrumentation>(i);
  }
  throw core::UsageError("--levels: " + name + " is not none, mask, work or warps");
}

}  // namespace bsfa::cli
