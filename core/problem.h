// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/dtype.h"

namespace bsfa::core {

/// Rows and columns of a tile, the unit in which attention is kept or skipped.
struct GateShape {
  std::int64_t q_block = 128;
  std::int64_t k_block = 64;
  friend bool operator==(const GateShape&, const GateShape&) = default;
};

/// One attention problem, without its tensors.
///
/// Shapes  Q [B,H,M,D]; K and V [B,Hkv,N,D]; query head h reads K and V head h / (H/Hkv).
///         Query row i stands at absolute position N-M+i; with `causal` it sees columns 0 .. N-M+i.
/// Units   scale multiplies q·k; 0 stands for 1/sqrt(D) until `with_default_scale` has run.
struct Problem {
  std::int64_t batch = 1;
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t q_len = 0;     ///< M
  std::int64_t kv_len = 0;    ///< N
  std::int64_t head_dim = 0;  ///< D
  Dtype dtype = Dtype::kFloat16;
  bool causal = true;
  float scale = 0.0F;
  GateShape gate;

  std::int64_t kv_head_of(std::int64_t head) const noexcept { return head / (heads / kv_heads); }
  friend bool operator==(const Problem&, const Problem&) = default;
};

/// The same problem with scale 1/sqrt(D) where none was given.
Problem with_default_scale(Problem problem) noexcept;

/// Checks everything that the method asks of a problem.
///
/// Errors  throws InvalidProblem naming the first limit that is broken: lengths at least 1, M <= N,
///         H a multiple of Hkv, D 64 or 128, fp16 or bf16, gate 128x64, 64x64 or 128x128, a finite
///         positive scale, and sizes small enough that element counts fit 63 bits.
void validate(const Problem& problem);

}  // namespace bsfa::core
