// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/device_code.h"
#include "tests/mutants/mutation.h"

namespace bsfa::test {

/// What one Q block is computed in.
struct PlainTiles {
  static constexpr std::int64_t kMaxBlock = 128;
  static constexpr std::int64_t kMaxDim = 128;
  static constexpr std::int64_t kSize = kMaxBlock * kMaxDim;

  float q[kSize], keys[kSize], values[kSize], s[kSize], o[kSize];  // keys [D, Bk], others by rows
  float max[kMaxBlock], sum[kMaxBlock];
};

/// A team of one: the host computes a Q block with one thread.
struct HostTeam {
  static std::int64_t first() { return 0; }
  static std::int64_t size() { return 1; }
  static void meet() {}
};

/// Block-sparse attention written as plainly as it goes, one Q block at a time:
///
///     for each K block n that the rows may see:
///       S = scale·Q·Kᵀ, masked;  t = max S
///       skip the tile if it is off-diagonal and t < τ
///       P = exp(S - running row maximum), rounded to the dtype;  rescale O and l;  O += P·V
///     O /= l
///
/// Float accumulation in order, P rounded to the dtype as matrix units want it: the arithmetic of a
/// GPU kernel. Shares nothing with the product but the C interface. With a mutation it makes that
/// one mistake and no other; every mistake is an `is(...)` at the place where it would be made.
///
/// Threads  a team shares the tiles and takes the rows in turn; every member has an object of its
///          own and comes to the same decisions. HostTeam is one thread.
template <typename Team>
class PlainAttention {
 public:
  BSFA_MUTANT_CODE PlainAttention(const bsfa_problem& problem, const bsfa_arguments& arguments,
                                  Mutation mutation, bool reverse, PlainTiles& tiles);
  BSFA_MUTANT_CODE void compute(std::int64_t batch, std::int64_t head, std::int64_t q_block);

 private:
  BSFA_MUTANT_CODE bool is(Mutation mutation) const { return mutation == mutation_; }

  BSFA_MUTANT_CODE void start_block();
  BSFA_MUTANT_CODE void visit(std::int64_t n);
  BSFA_MUTANT_CODE float threshold() const;
  BSFA_MUTANT_CODE void add_values(std::int64_t n);
  BSFA_MUTANT_CODE std::int64_t value_block(std::int64_t n) const;

  BSFA_MUTANT_CODE void load_queries();
  BSFA_MUTANT_CODE void load_keys(std::int64_t n);
  BSFA_MUTANT_CODE void load_values(std::int64_t n);
  BSFA_MUTANT_CODE void score(std::int64_t n);
  template <std::size_t kColumns>
  BSFA_MUTANT_CODE void multiply_keys();
  BSFA_MUTANT_CODE void mask_scores(std::int64_t n);
  BSFA_MUTANT_CODE std::int64_t columns_seen(std::int64_t row, std::int64_t n) const;

  BSFA_MUTANT_CODE float tile_maximum(std::int64_t n) const;
  BSFA_MUTANT_CODE float maximum_over(std::int64_t rows, bool fmax_drops_nan) const;
  BSFA_MUTANT_CODE bool keeps(float tile_max);

  BSFA_MUTANT_CODE void softmax(bool only_denominator);
  BSFA_MUTANT_CODE void raise_maximum();
  BSFA_MUTANT_CODE void clear_scores();
  BSFA_MUTANT_CODE float update_row(std::int64_t row, float* p);
  template <std::size_t kDim>
  BSFA_MUTANT_CODE void multiply_values();

  BSFA_MUTANT_CODE void report(std::int64_t n, int code, float tile_max);
  BSFA_MUTANT_CODE void store();
  BSFA_MUTANT_CODE void store_row(std::int64_t row);
  BSFA_MUTANT_CODE void store_lse(std::int64_t row);
  BSFA_MUTANT_CODE std::uint16_t* output_row(std::int64_t row) const;
  BSFA_MUTANT_CODE float round(float x) const;

  const bsfa_problem& problem_;
  const bsfa_arguments& arguments_;
  const Mutation mutation_;
  const bool reverse_, half_;
  const std::int64_t bq_, bk_, dim_, q_blocks_, k_blocks_, offset_;
  const float scale_;

  std::int64_t batch_ = 0, head_ = 0, m_ = 0;
  std::int64_t kv_head_ = 0, position_ = 0, rows_ = 0;
  std::int64_t first_diagonal_ = 0, end_diagonal_ = 0, end_visible_ = 0;
  float previous_max_ = 0.0F, running_tile_max_ = 0.0F, unmasked_max_ = 0.0F;
  bool previous_skipped_ = false, have_previous_ = false;

  PlainTiles& t_;
};

}  // namespace bsfa::test
