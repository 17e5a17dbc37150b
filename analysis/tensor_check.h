// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/problem.h"
#include "core/work.h"

namespace bsfa::analysis {

/// What a kernel declares of its tile products.
struct TensorCost {
  std::uint64_t per_qk = 0;      ///< warp-level tensor instructions of one QKᵀ product
  std::uint64_t per_pv = 0;      ///< of one PV product
  core::GateShape compute_tile;  ///< tile of one product
};

/// The mask checked by hardware: tensor instructions that the device counted against those that
/// the records of whole CTAs say were issued.
///
///   predicted  Σ qk_products · per_qk + Σ pv_products · per_pv; none beyond 64 bits
///   needed     the same if QKᵀ were issued for every tile seen and PV for every tile kept, no
///              more, gate tiles converted to compute tiles by area
struct TensorCheck {
  std::optional<std::uint64_t> predicted;
  std::uint64_t counted = 0;
  bool equal = false;
  double needed = 0.0;
  /// Share of what is needed that was issued beyond it, by the records: in all, by QKᵀ, by PV.
  /// Negative where a kernel issued less than its mask needs. None where nothing is needed.
  std::optional<double> beyond, qk_beyond, pv_beyond;
};

/// None where the kernel declares no instructions or has no compute tile, as on a CPU.
std::optional<TensorCheck> check_tensor_count(std::span<const core::WorkRecord> records,
                                              const TensorCost& cost, const core::GateShape& gate,
                                              std::uint64_t counted);

}  // namespace bsfa::analysis
