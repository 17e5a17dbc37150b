// SPDX-License-Identifier: Apache-2.0
#include "io/generate.h"

#include <array>
#include <memory>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/support/format.h"
#include "cli/support/input_options.h"
#include "cli/support/output.h"
#include "cli/support/shape_options.h"
#include "io/tensor_file.h"

namespace bsfa::cli {
namespace {

struct GenerateOptions {
  std::string kind, out;
  ShapeOptions shape;
  std::string dtype = "fp16", gate = "128x64";
  bool no_causal = false;
  float scale = 0.0F;
};

core::Problem problem_of(const GenerateOptions& o) {
  core::Problem p;
  p.dtype = parse_dtype(o.dtype);
  p.causal = !o.no_causal;
  p.scale = o.scale;
  p.gate = parse_gate(o.gate);
  return shaped(p, o.shape);
}

core::ExitCode run_generate(const GenerateOptions& o, const Session& session) {
  require_writable(o.out);
  const auto made = io::generate(o.kind, problem_of(o), o.shape.seed);
  const core::Problem& p = made.problem;
  session.control(0).throw_if_cancelled();
  const std::vector<std::int64_t> q_shape{p.batch, p.heads, p.q_len, p.head_dim};
  const std::vector<std::int64_t> kv_shape{p.batch, p.kv_heads, p.kv_len, p.head_dim};
  const std::array<io::TensorToWrite, 3> tensors{{{"q", p.dtype, q_shape, made.q.data()},
                                                  {"k", p.dtype, kv_shape, made.k.data()},
                                                  {"v", p.dtype, kv_shape, made.v.data()}}};
  io::write_safetensors(o.out, tensors,
                        {{"generator", o.kind},
                         {"seed", std::to_string(o.shape.seed)},
                         {"scale", fmt::format("{}", p.scale)}});
  write_stdout(fmt::format("{}: {}, seed {}\n  {}\n", o.out, o.kind, o.shape.seed, describe(p)));
  return core::ExitCode::kPassed;
}

std::string kinds() {
  std::string text = "Kinds\n";
  for (const auto& generator : io::generators()) {
    text += fmt::format("  {:<16} {}\n", generator.name, generator.description);
  }
  return text +
         "\nThe same kind, shape and seed give the same bytes on every machine.\n\n"
         "Example\n  bsfa generate structured --out qkv.safetensors -M 4096 -H 8 --kv-heads 2\n";
}

}  // namespace

void add_generate(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<GenerateOptions>();
  auto* command = app.add_subcommand("generate", "Make seeded inputs, ordinary and hostile");
  command->add_option("KIND", options->kind, "one of the kinds below")->required();
  command->add_option("--out", options->out, "safetensors with q, k and v")
      ->type_name("FILE")
      ->required();
  add_shape_options(*command, options->shape);
  command->add_option("--dtype", options->dtype, "element type")
      ->check(CLI::IsMember({"fp16", "bf16"}))
      ->capture_default_str();
  command->add_option("--gate", options->gate, "rows x columns of a tile")
      ->check(CLI::IsMember({"128x64", "64x64", "128x128"}))
      ->capture_default_str();
  command->add_flag("--no-causal", options->no_causal, "make it for non-causal attention");
  command->add_option("--scale", options->scale,
                      "factor on q.k, kept in the file (default: 1/sqrt(D))");
  command->footer(kinds());
  on_chosen(command, commands, options, run_generate);
}

}  // namespace bsfa::cli
