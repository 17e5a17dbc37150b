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
#include "io/tensor_file.h"

namespace bsfa::cli {
namespace {

struct GenerateOptions {
  std::string kind, out;
  std::int64_t batch = 1, heads = 4, kv_heads = 0, q_len = 2048, kv_len = 0, head_dim = 64;
  std::string dtype = "fp16", gate = "128x64";
  bool no_causal = false;
  float scale = 0.0F;
  std::uint64_t seed = 0;
};

core::Problem problem_of(const GenerateOptions& o) {
  core::Problem p;
  p.batch = o.batch;
  p.heads = o.heads;
  p.kv_heads = o.kv_heads == 0 ? o.heads : o.kv_heads;
  p.q_len = o.q_len;
  p.kv_len = o.kv_len == 0 ? o.q_len : o.kv_len;
  p.head_dim = o.head_dim;
  p.dtype = parse_dtype(o.dtype);
  p.causal = !o.no_causal;
  p.scale = o.scale;
  p.gate = parse_gate(o.gate);
  p = core::with_default_scale(p);
  core::validate(p);
  return p;
}

core::ExitCode run_generate(const GenerateOptions& o, const Session& session) {
  require_writable(o.out);
  const auto made = io::generate(o.kind, problem_of(o), o.seed);
  const core::Problem& p = made.problem;
  session.control(0).throw_if_cancelled();
  const std::vector<std::int64_t> q_shape{p.batch, p.heads, p.q_len, p.head_dim};
  const std::vector<std::int64_t> kv_shape{p.batch, p.kv_heads, p.kv_len, p.head_dim};
  const std::array<io::TensorToWrite, 3> tensors{{{"q", p.dtype, q_shape, made.q.data()},
                                                  {"k", p.dtype, kv_shape, made.k.data()},
                                                  {"v", p.dtype, kv_shape, made.v.data()}}};
  io::write_safetensors(o.out, tensors,
                        {{"generator", o.kind},
                         {"seed", std::to_string(o.seed)},
                         {"scale", fmt::format("{}", p.scale)}});
  write_stdout(fmt::format("{}: {}, seed {}\n  {}\n", o.out, o.kind, o.seed, describe(p)));
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
  command->add_option("-B,--batch", options->batch, "batch entries")->capture_default_str();
  command->add_option("-H,--heads", options->heads, "query heads")->capture_default_str();
  command->add_option("--kv-heads", options->kv_heads, "key/value heads (default: as many)");
  command->add_option("-M,--q-len", options->q_len, "query rows")->capture_default_str();
  command->add_option("-N,--kv-len", options->kv_len, "key rows (default: as many as query rows)");
  command->add_option("-D,--head-dim", options->head_dim, "64 or 128")->capture_default_str();
  command->add_option("--dtype", options->dtype, "element type")
      ->check(CLI::IsMember({"fp16", "bf16"}))
      ->capture_default_str();
  command->add_option("--gate", options->gate, "rows x columns of a tile")
      ->check(CLI::IsMember({"128x64", "64x64", "128x128"}))
      ->capture_default_str();
  command->add_flag("--no-causal", options->no_causal, "make it for non-causal attention");
  command->add_option("--scale", options->scale,
                      "factor on q.k, kept in the file (default: 1/sqrt(D))");
  command->add_option("--seed", options->seed, "seed")->capture_default_str();
  command->footer(kinds());
  on_chosen(command, commands, options, run_generate);
}

}  // namespace bsfa::cli
