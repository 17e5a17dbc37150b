// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/support/input_options.h"
#include "cli/support/shape_options.h"
#include "core/problem.h"
#include "core/tensor.h"

namespace CLI {
class App;
}

namespace bsfa::cli {

/// Where Q, K and V of a command that times come from: a file, or a generator.
struct SourceOptions {
  std::string qkv, generate;
  ShapeOptions shape;
};

/// Adds --qkv, --generate, the options of add_input_options and those of a generated shape, which
/// need --generate (but for --seed).
void add_source_options(CLI::App& command, SourceOptions& source, InputOptions& input);

/// Errors  throws core::UsageError unless there is one source, and --layer only beside a file.
void require_one_source(const SourceOptions& source, const InputOptions& input);

/// One layer's Q, K and V with what keeps them alive.
struct SourceProblem {
  core::Problem problem;
  core::AttentionInputs inputs;
  std::int64_t layer = 0;
  bool rounded = false;  ///< the file held fp32
  std::string name;      ///< "qkv.safetensors, layer 4" or "structured, seed 0"
  std::shared_ptr<const void> owner;
};

/// Errors  throws core::UsageError (several layers in a file and none chosen, an unknown
///         generator), core::InputError, core::InvalidProblem.
SourceProblem load_problem(const SourceOptions& source, const InputOptions& input);

}  // namespace bsfa::cli
