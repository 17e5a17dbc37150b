// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/work.h"
#include "io/attention_file.h"

namespace CLI {
class App;
}

namespace bsfa::cli {

/// How Q, K and V are read, shared by the commands that compute on them.
struct InputOptions {
  std::string layer;  ///< "", a number or "all"
  std::string gate = "128x64";
  std::string dtype = "fp16";
  bool no_causal = false;
  std::optional<float> scale;
  int threads = 0;
};

/// Adds --layer, --gate, --no-causal, --scale, --dtype and --threads.
void add_input_options(CLI::App& command, InputOptions& options);

/// Which Q blocks are checked.
struct SampleOptions {
  std::string count;  ///< "", a number or "all"
  std::uint64_t seed = 0;
  std::string q_block = {};  ///< "", or BATCH/HEAD/BLOCK: this one alone
};
void add_sample_options(CLI::App& command, SampleOptions& options);
/// Adds --q-block, after add_sample_options().
void add_q_block_option(CLI::App& command, SampleOptions& options);

/// What --kernel says of itself in every command.
inline constexpr const char* kKernelHelp =
    "cpu, portable, cuda (fastest on this GPU), auto, or PATH.so[:NAME]";

/// Whether a kernel runs twice; without a choice it does where that is cheap.
struct RepeatOptions {
  bool always = false, never = false;
  std::optional<bool> choice() const {
    return always ? std::optional(true) : never ? std::optional(false) : std::nullopt;
  }
};
void add_repeat_options(CLI::App& command, RepeatOptions& options);

core::GateShape parse_gate(const std::string& text);
core::Dtype parse_dtype(const std::string& text);
io::AttentionOptions attention_options(const InputOptions& options);

/// The layers that --layer asks for.
///
/// Errors  throws core::UsageError where the file holds several and none was chosen, or the text is
///         no layer; core::InputError where the layer is not in the file.
std::vector<std::int64_t> select_layers(const io::AttentionFile& file, const std::string& layer);

/// k values, ascending. Throws core::UsageError for a negative or repeated one.
std::vector<std::int64_t> sorted_k_values(std::vector<std::int64_t> values);

/// The Q blocks to check: the one that was chosen, or all, or a seeded sample where asked for or
/// where the problem has more than 2^31 pairs of query and key (32 heads at 8192 tokens).
///
/// Errors  throws core::UsageError for a sample or a Q block that is none, or not in the problem.
std::vector<core::WorkItem> select_items(const core::Problem& problem,
                                         const SampleOptions& options);

}  // namespace bsfa::cli
