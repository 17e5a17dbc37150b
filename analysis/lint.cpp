// SPDX-License-Identifier: Apache-2.0
#include "analysis/lint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr std::array<core::GateShape, 3> kGates{{{128, 64}, {64, 64}, {128, 128}}};

std::string text_of(const core::GateShape& gate) {
  return fmt::format("{}x{}", gate.q_block, gate.k_block);
}

class Linter {
 public:
  Linter(const core::ThresholdTable& table, const std::optional<core::Problem>& problem)
      : table_(table), problem_(problem) {}

  std::vector<LintFinding> lint() {
    check_block_size();
    if (problem_) check_heads();
    check_distinct(table_.k_values, "k-values", "k = {} is there twice");
    check_distinct(table_.layers, "layers", "layer {} is there twice");
    const auto negative = std::find_if(table_.k_values.begin(), table_.k_values.end(),
                                       [](std::int64_t k) { return k < 0; });
    if (negative != table_.k_values.end())
      error("k-values", fmt::format("k = {} is negative", *negative));
    if (shape_is_right()) check_values();
    std::stable_sort(
        findings_.begin(), findings_.end(),
        [](const LintFinding& a, const LintFinding& b) { return a.severity < b.severity; });
    return std::move(findings_);
  }

 private:
  void error(const char* rule, std::string text) {
    findings_.push_back({Severity::kError, rule, std::move(text)});
  }
  void warning(const char* rule, std::string text) {
    findings_.push_back({Severity::kWarning, rule, std::move(text)});
  }

  std::string place(std::size_t k, std::size_t layer) const {
    return fmt::format("k = {}, layer {}", table_.k_values[k], table_.layers[layer]);
  }
  std::string place(std::size_t k, std::size_t layer, std::int64_t head, std::int64_t block) const {
    return fmt::format("{}, head {}, block {}", place(k, layer), head, block);
  }

  void check_block_size() {
    if (std::find(kGates.begin(), kGates.end(), table_.gate) == kGates.end()) {
      error("block-size",
            fmt::format("{} tiles are none of 128x64, 64x64 and 128x128", text_of(table_.gate)));
    }
    if (problem_ && !(problem_->gate == table_.gate)) {
      error("block-size", fmt::format("made for {} tiles, the problem has {}", text_of(table_.gate),
                                      text_of(problem_->gate)));
    }
  }

  void check_heads() {
    if (problem_->heads == table_.heads) return;
    error("heads",
          fmt::format("made for {} heads, the problem has {}", table_.heads, problem_->heads));
  }

  void check_distinct(std::vector<std::int64_t> values, const char* rule, const char* text) {
    std::sort(values.begin(), values.end());
    const auto twice = std::adjacent_find(values.begin(), values.end());
    if (twice != values.end()) error(rule, fmt::format(fmt::runtime(text), *twice));
  }

  /// Multiplies step by step, so that no made-up size can overflow.
  bool shape_is_right() {
    const std::array<std::int64_t, 4> sizes{static_cast<std::int64_t>(table_.k_values.size()),
                                            static_cast<std::int64_t>(table_.layers.size()),
                                            table_.heads, table_.blocks};
    const auto held = static_cast<std::int64_t>(table_.values.size());
    std::int64_t wanted = 1;
    bool fits = true;
    for (const std::int64_t size : sizes) {
      fits = fits && size >= 1 && size <= held / wanted;
      if (fits) wanted *= size;
    }
    if (fits && wanted == held) return true;
    error("shape", fmt::format("{} values for k x layers x heads x blocks = {}", held,
                               fmt::join(sizes, " x ")));
    return false;
  }

  void check_values() {
    check_nan();
    check_order_in_k();
    for (std::size_t k = 0; k < table_.k_values.size(); ++k) {
      for (std::size_t layer = 0; layer < table_.layers.size(); ++layer) {
        check_all_minus_inf(k, layer);
        check_plus_inf(k, layer);
      }
    }
    if (problem_) check_length();
  }

  /// Calls report(first place, count) where `wrong` holds for some τ of (k, layer).
  template <typename Wrong, typename Report>
  void count_in(std::size_t k, std::size_t layer, Wrong wrong, Report report) const {
    std::int64_t count = 0;
    std::string first;
    for (std::int64_t head = 0; head < table_.heads; ++head) {
      for (std::int64_t block = 0; block < table_.blocks; ++block) {
        if (!wrong(table_.index(k, layer, head, block), head, block)) continue;
        if (++count == 1) first = place(k, layer, head, block);
      }
    }
    if (count > 0) report(first, count);
  }

  void check_nan() {
    for (std::size_t k = 0; k < table_.k_values.size(); ++k) {
      for (std::size_t layer = 0; layer < table_.layers.size(); ++layer) {
        count_in(
            k, layer,
            [&](std::size_t at, std::int64_t, std::int64_t) {
              return std::isnan(table_.values[at]);
            },
            [&](const std::string& first, std::int64_t count) {
              error("nan", fmt::format("{}: NaN ({} in this layer)", first, count));
            });
      }
    }
  }

  void check_order_in_k() {
    std::vector<std::size_t> order(table_.k_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return table_.k_values[a] < table_.k_values[b];
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
      for (std::size_t layer = 0; layer < table_.layers.size(); ++layer) {
        check_order_of(order[i - 1], order[i], layer);
      }
    }
  }

  void check_order_of(std::size_t smaller, std::size_t larger, std::size_t layer) {
    count_in(
        larger, layer,
        [&](std::size_t at, std::int64_t head, std::int64_t block) {
          return table_.values[at] > table_.values[table_.index(smaller, layer, head, block)];
        },
        [&](const std::string& first, std::int64_t count) {
          error("increasing-in-k",
                fmt::format("{}: higher than for k = {}, although a larger k must not keep fewer "
                            "tiles ({} in this layer)",
                            first, table_.k_values[smaller], count));
        });
  }

  void check_all_minus_inf(std::size_t k, std::size_t layer) {
    std::vector<std::int64_t> heads;
    for (std::int64_t head = 0; head < table_.heads; ++head) {
      const auto first =
          table_.values.begin() + static_cast<std::ptrdiff_t>(table_.index(k, layer, head, 0));
      if (std::all_of(first, first + table_.blocks, [](float tau) { return tau == -kInf; })) {
        heads.push_back(head);
      }
    }
    if (heads.empty()) return;
    const bool all = heads.size() == static_cast<std::size_t>(table_.heads);
    warning("all-minus-inf", fmt::format("{}: nothing is ever skipped in {}", place(k, layer),
                                         all ? std::string("any head")
                                             : fmt::format("heads {}", fmt::join(heads, ", "))));
  }

  void check_plus_inf(std::size_t k, std::size_t layer) {
    if (table_.k_values[k] == 0) return;
    count_in(
        k, layer,
        [&](std::size_t at, std::int64_t, std::int64_t) { return table_.values[at] == kInf; },
        [&](const std::string& first, std::int64_t count) {
          warning("plus-inf", fmt::format("{}: +inf skips every off-diagonal tile although k is "
                                          "not 0 ({} in this layer)",
                                          first, count));
        });
  }

  void check_length() {
    const core::TileGeometry geometry(*problem_);
    const std::int64_t needed =
        geometry.position(geometry.q_blocks() - 1) / problem_->gate.q_block + 1;
    if (table_.blocks >= needed) return;
    warning("short", fmt::format("{} blocks for a sequence of {}: the last one is repeated for {} "
                                 "more",
                                 table_.blocks, needed, needed - table_.blocks));
  }

  const core::ThresholdTable& table_;
  const std::optional<core::Problem>& problem_;
  std::vector<LintFinding> findings_;
};

}  // namespace

std::vector<LintFinding> lint(const core::ThresholdTable& table,
                              const std::optional<core::Problem>& problem) {
  return Linter(table, problem).lint();
}

std::string_view name_of(Severity severity) noexcept {
  return severity == Severity::kError ? "error" : "warning";
}

}  // namespace bsfa::analysis
