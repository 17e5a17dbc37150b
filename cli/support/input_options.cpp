// SPDX-License-Identifier: Apache-2.0
#include "cli/support/input_options.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/sampling.h"
#include "cli/support/command.h"
#include "core/error.h"
#include "core/tile_geometry.h"

namespace bsfa::cli {
namespace {

constexpr std::int64_t kDefaultSample = 64;
constexpr double kPairsCheckedInFull = 0x1p31;

std::optional<std::int64_t> parse_integer(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

core::WorkItem parse_q_block(const std::string& text, const core::Problem& p) {
  const auto first = text.find('/'), second = text.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos)
    throw core::UsageError("--q-block: " + text + " is not BATCH/HEAD/BLOCK");
  const auto batch = parse_integer(text.substr(0, first));
  const auto head = parse_integer(text.substr(first + 1, second - first - 1));
  const auto block = parse_integer(text.substr(second + 1));
  if (!batch || !head || !block)
    throw core::UsageError("--q-block: " + text + " is not BATCH/HEAD/BLOCK");
  const std::int64_t blocks = core::TileGeometry(p).q_blocks();
  const auto within = [](std::int64_t value, std::int64_t count) {
    return value >= 0 && value < count;
  };
  if (!within(*batch, p.batch) || !within(*head, p.heads) || !within(*block, blocks)) {
    throw core::UsageError(
        fmt::format("--q-block: {} is not among {} batch entries, {} heads and {} Q blocks", text,
                    p.batch, p.heads, blocks));
  }
  return {*batch, *head, *block};
}

}  // namespace

void add_input_options(CLI::App& command, InputOptions& o) {
  command.add_option("--layer", o.layer, "layer number, or all; needed if there are several")
      ->type_name("L|all");
  command.add_option("--gate", o.gate, "rows x columns of a tile")
      ->check(CLI::IsMember({"128x64", "64x64", "128x128"}))
      ->capture_default_str();
  command.add_flag("--no-causal", o.no_causal, "every row sees every column (default: causal)");
  command
      .add_option("--scale", o.scale,
                  "factor on q.k (default: the file's metadata, else 1/sqrt(D))")
      ->type_name("X");
  command.add_option("--dtype", o.dtype, "what fp32 inputs are rounded to")
      ->check(CLI::IsMember({"fp16", "bf16"}))
      ->capture_default_str();
  command.add_option("--threads", o.threads, "worker threads; 0: one for each core")
      ->check(CLI::Range(0, 4096).description(""))
      ->capture_default_str();
}

void add_sample_options(CLI::App& command, SampleOptions& o) {
  command
      .add_option("--sample", o.count, "Q blocks to check (default: all up to 2^31 pairs, else 64)")
      ->type_name("COUNT|all");
  command.add_option("--seed", o.seed, "seed of the sample")->type_name("S")->capture_default_str();
}

void add_q_block_option(CLI::App& command, SampleOptions& o) {
  command.add_option("--q-block", o.q_block, "check this Q block alone, all three from 0")
      ->type_name("BATCH/HEAD/BLOCK")
      ->excludes("--sample");
}

void add_repeat_options(CLI::App& command, RepeatOptions& o) {
  auto* always = command.add_flag("--repeat", o.always,
                                  "run twice, fail on any difference (default: if under 10 s)");
  command.add_flag("--no-repeat", o.never, "run once")->excludes(always);
}

core::GateShape parse_gate(const std::string& text) {
  if (text == "64x64") return {64, 64};
  if (text == "128x128") return {128, 128};
  if (text == "128x64") return {128, 64};
  throw core::UsageError("--gate: " + text + " is not 128x64, 64x64 or 128x128");
}

core::Dtype parse_dtype(const std::string& text) {
  return text == "bf16" ? core::Dtype::kBfloat16 : core::Dtype::kFloat16;
}

io::AttentionOptions attention_options(const InputOptions& o) {
  return {!o.no_causal, parse_gate(o.gate), o.scale, parse_dtype(o.dtype)};
}

std::vector<std::int64_t> select_layers(const io::AttentionFile& file, const std::string& layer) {
  const auto& layers = file.layers();
  const std::string path = file.file().path().string();
  if (layer == "all") return layers;
  if (layer.empty()) {
    if (layers.size() == 1) return layers;
    throw core::UsageError(
        fmt::format("{}: holds layers {}; choose one with --layer L, or --layer all", path,
                    fmt::join(layers, ", ")));
  }
  const auto number = parse_integer(layer);
  if (!number) throw core::UsageError("--layer: " + layer + " is neither a number nor all");
  if (std::find(layers.begin(), layers.end(), *number) == layers.end()) {
    throw core::InputError(
        path, fmt::format("has no layer {}; it holds {}", *number, fmt::join(layers, ", ")));
  }
  return {*number};
}

std::vector<std::int64_t> sorted_k_values(std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  if (values.empty()) throw core::UsageError("--k: at least one value is needed");
  if (values.front() < 0) throw core::UsageError("--k: a number of tiles cannot be negative");
  const auto twice = std::adjacent_find(values.begin(), values.end());
  if (twice != values.end()) throw core::UsageError(fmt::format("--k: {} is given twice", *twice));
  return values;
}

std::vector<core::WorkItem> select_items(const core::Problem& p, const SampleOptions& options) {
  if (!options.q_block.empty()) return {parse_q_block(options.q_block, p)};
  const double pairs = static_cast<double>(p.batch) * static_cast<double>(p.heads) *
                       static_cast<double>(p.q_len) * static_cast<double>(p.kv_len);
  const bool all =
      options.count == "all" || (options.count.empty() && pairs <= kPairsCheckedInFull);
  if (all) return core::all_work_items(p);
  if (options.count.empty()) return analysis::sample_work_items(p, kDefaultSample, options.seed);
  const auto count = parse_integer(options.count);
  if (!count || *count < 1) {
    throw core::UsageError("--sample: " + options.count + " is neither a positive number nor all");
  }
  return analysis::sample_work_items(p, *count, options.seed);
}

}  // namespace bsfa::cli
