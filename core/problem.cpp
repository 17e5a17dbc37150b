// SPDX-License-Identifier: Apache-2.0
#include "core/problem.h"

#include <cmath>
#include <string>

#include "core/error.h"

namespace bsfa::core {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw InvalidProblem(text);
}

void require_positive(std::int64_t value, const char* what) {
  constexpr std::int64_t kLargestDimension = std::int64_t{1} << 31;
  if (value < 1 || value > kLargestDimension) {
    refuse(std::string(what) + " is " + std::to_string(value) + ", must be 1 to 2^31");
  }
}

bool is_supported(const GateShape& gate) {
  return gate == GateShape{128, 64} || gate == GateShape{64, 64} || gate == GateShape{128, 128};
}

void require_countable(const Problem& p) {
  constexpr double kLargestCount = 0x1p62;
  const double elements = static_cast<double>(p.batch) * static_cast<double>(p.heads) *
                          static_cast<double>(p.kv_len) * static_cast<double>(p.head_dim);
  if (elements > kLargestCount) refuse("the tensors have more than 2^62 elements");
}

}  // namespace

Problem with_default_scale(Problem problem) noexcept {
  if (problem.scale == 0.0F && problem.head_dim > 0) {
    problem.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(problem.head_dim)));
  }
  return problem;
}

void validate(const Problem& p) {
  require_positive(p.batch, "batch size B");
  require_positive(p.heads, "number of query heads H");
  require_positive(p.kv_heads, "number of key/value heads Hkv");
  require_positive(p.q_len, "query length M");
  require_positive(p.kv_len, "key length N");
  if (p.head_dim != 64 && p.head_dim != 128) {
    refuse("head dimension D is " + std::to_string(p.head_dim) + ", must be 64 or 128");
  }
  if (p.heads % p.kv_heads != 0) {
    refuse("H = " + std::to_string(p.heads) + " query heads are no multiple of Hkv = " +
           std::to_string(p.kv_heads) + " key/value heads");
  }
  if (p.q_len > p.kv_len) {
    refuse("query length M = " + std::to_string(p.q_len) +
           " exceeds key length N = " + std::to_string(p.kv_len));
  }
  if (p.dtype != Dtype::kFloat16 && p.dtype != Dtype::kBfloat16) {
    refuse("dtype " + std::string(name_of(p.dtype)) + " is not supported, must be fp16 or bf16");
  }
  if (!is_supported(p.gate)) {
    refuse("gate " + std::to_string(p.gate.q_block) + "x" + std::to_string(p.gate.k_block) +
           " is not supported, must be 128x64, 64x64 or 128x128");
  }
  if (!std::isfinite(p.scale) || p.scale <= 0.0F) refuse("scale must be finite and positive");
  require_countable(p);
}

}  // namespace bsfa::core
