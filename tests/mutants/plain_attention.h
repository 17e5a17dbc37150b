// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/mutation.h"

namespace bsfa::test {

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
/// Threads  one object, one thread.
class PlainAttention {
 public:
  PlainAttention(const bsfa_problem& problem, const bsfa_arguments& arguments, Mutation mutation,
                 bool reverse);
  void compute(std::int64_t batch, std::int64_t head, std::int64_t q_block);

 private:
  static constexpr std::int64_t kMaxBlock = 128;
  static constexpr std::int64_t kMaxDim = 128;
  using Tile = std::array<float, kMaxBlock * kMaxDim>;

  bool is(Mutation mutation) const { return mutation == mutation_; }

  void start_block();
  void visit(std::int64_t n);
  float threshold() const;
  std::int64_t value_block(std::int64_t n) const;

  void load_queries();
  void load_keys(std::int64_t n);
  void load_values(std::int64_t n);
  void score(std::int64_t n);
  template <std::size_t kColumns>
  void multiply_keys();
  void mask_scores(std::int64_t n);
  std::int64_t columns_seen(std::int64_t row, std::int64_t n) const;

  float tile_maximum(std::int64_t n) const;
  float maximum_over(std::int64_t rows, bool fmax_drops_nan) const;
  bool keeps(float tile_max);

  void softmax(bool only_denominator);
  void raise_maximum();
  float update_row(std::int64_t row, float* p);
  template <std::size_t kDim>
  void multiply_values();

  void report(std::int64_t n, int code, float tile_max);
  void store();
  void store_row(std::int64_t row);
  void store_lse(std::int64_t row);
  std::uint16_t* output_row(std::int64_t row) const;
  float round(float x) const;

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

  Tile q_{}, keys_{}, values_{}, s_{}, o_{};  // keys_ is [D, Bk], the others [rows, D or Bk]
  std::array<float, kMaxBlock> max_{}, sum_{};
};

}  // namespace bsfa::test
