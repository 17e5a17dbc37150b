// SPDX-License-Identifier: Apache-2.0
#include "cli/support/problem_source.h"

#include <fmt/format.h>

#include "cli/support/command.h"
#include "cli/support/progress.h"
#include "core/error.h"
#include "io/attention_file.h"
#include "io/generate.h"

namespace bsfa::cli {
namespace {

constexpr const char* kShapeGroup = "Shape of a generated input";

SourceProblem generated(const SourceOptions& source, const InputOptions& input) {
  const auto how = attention_options(input);
  core::Problem base;
  base.dtype = how.round_to;
  base.causal = how.causal;
  base.scale = how.scale.value_or(0.0F);
  base.gate = how.gate;
  Progress progress("generating");
  auto made = std::make_shared<io::GeneratedAttention>(
      io::generate(source.generate, shaped(base, source.shape), source.shape.seed));
  SourceProblem result;
  result.problem = made->problem;
  result.inputs = made->inputs();
  result.name = fmt::format("{}, seed {}", source.generate, source.shape.seed);
  result.owner = std::move(made);
  return result;
}

SourceProblem loaded(const SourceOptions& source, const InputOptions& input) {
  const auto file = io::AttentionFile::open(source.qkv);
  const auto layers = select_layers(file, input.layer);
  if (layers.size() > 1) throw core::UsageError("--layer: one layer at a time can be timed");
  auto from_file = file.load(layers.front(), attention_options(input));
  return {from_file.problem,
          from_file.inputs,
          layers.front(),
          from_file.rounded,
          fmt::format("{}, layer {}", source.qkv, layers.front()),
          from_file.owner};
}

}  // namespace

void add_source_options(CLI::App& command, SourceOptions& source, InputOptions& input) {
  command.add_option("--qkv", source.qkv, "Q, K and V: safetensors, npz")->type_name("FILE");
  auto* generate =
      command.add_option("--generate", source.generate, "an input of this kind, as bsfa generate")
          ->type_name("KIND");
  add_input_options(command, input);
  add_shape_options(command, source.shape, kShapeGroup);
  for (CLI::Option* option : command.get_options()) {
    // The seed also orders what is timed.
    if (option->get_group() == kShapeGroup && !option->check_name("--seed")) {
      option->needs(generate);
    }
  }
}

void require_one_source(const SourceOptions& source, const InputOptions& input) {
  if (source.qkv.empty() == source.generate.empty()) {
    throw core::UsageError(source.qkv.empty() ? "one of --qkv and --generate is needed"
                                              : "only one of --qkv and --generate is needed");
  }
  if (!source.generate.empty() && !input.layer.empty()) {
    throw core::UsageError("--layer chooses from a file: give --qkv too");
  }
}

SourceProblem load_problem(const SourceOptions& source, const InputOptions& input) {
  return source.qkv.empty() ? generated(source, input) : loaded(source, input);
}

}  // namespace bsfa::cli
