// SPDX-License-Identifier: Apache-2.0
#include "cli/support/shape_options.h"

#include "cli/support/command.h"

namespace bsfa::cli {
namespace {

constexpr std::int64_t kDefaultLength = 2048;

}  // namespace

void add_shape_options(CLI::App& command, ShapeOptions& o, const char* group) {
  const auto add = [&](const char* name, std::int64_t& value, const char* help) {
    return command.add_option(name, value, help)->group(group);
  };
  add("-B,--batch", o.batch, "batch entries")->capture_default_str();
  add("-H,--heads", o.heads, "query heads")->capture_default_str();
  add("--kv-heads", o.kv_heads, "key/value heads (default: as many)");
  add("-M,--q-len", o.q_len, "query rows (default: as many as key rows, else 2048)")
      ->check(CLI::PositiveNumber);
  add("-N,--kv-len", o.kv_len, "key rows (default: as many as query rows)")
      ->check(CLI::PositiveNumber);
  add("-D,--head-dim", o.head_dim, "64 or 128")->capture_default_str();
  command.add_option("--seed", o.seed, "seed")->capture_default_str()->group(group);
}

core::Problem shaped(core::Problem p, const ShapeOptions& o) {
  const std::int64_t given = o.q_len != 0 ? o.q_len : o.kv_len;
  const std::int64_t length = given != 0 ? given : kDefaultLength;
  p.batch = o.batch;
  p.heads = o.heads;
  p.kv_heads = o.kv_heads == 0 ? o.heads : o.kv_heads;
  p.q_len = o.q_len == 0 ? length : o.q_len;
  p.kv_len = o.kv_len == 0 ? length : o.kv_len;
  p.head_dim = o.head_dim;
  p = core::with_default_scale(p);
  core::validate(p);
  return p;
}

}  // namespace bsfa::cli
