// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include "kernels/host/library.h"
#include "tests/mutants/mutation.h"

namespace bsfa::test {

/// What a verdict blames; several may be right at once (a scale applied twice changes the scores
/// that the gate sees as well as the softmax).
enum Blame : unsigned {
  kNothing = 0,
  kArithmetic = 1,
  kGating = 2,
  kContract = 4,
};

/// A mistake, the problem on which it shows, what must be blamed where the kernel reports its mask,
/// and what where it does not: then a wrong decision shows as wrong arithmetic under the right
/// mask.
struct BlameRow {
  Mutation mutation;
  const char* scenario;
  unsigned with_mask;
  unsigned without_mask;
};

/// Every mutant, on host and device alike, but the one that shows only where a work list is given.
std::span<const BlameRow> gate_rows();
std::span<const BlameRow> arithmetic_rows();
std::span<const BlameRow> score_rows();  ///< wrong in reading Q and K, so gate and softmax are
std::span<const BlameRow> contract_rows();
std::span<const BlameRow> equivalent_rows();  ///< no mistakes, or none on these problems: must pass

/// The kernel that makes a mistake, kNone the one that makes none.
using KernelOf = std::function<kernels::Kernel(Mutation)>;

/// Checks each row with and without a mask, and that it is the mutation that fails, not the
/// problem: the kernel without it passes, having skipped something and kept something.
void require_blame(std::span<const BlameRow> rows, const KernelOf& kernel_of);

}  // namespace bsfa::test
