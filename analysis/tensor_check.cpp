// SPDX-License-Identifier: Apache-2.0
#include "analysis/tensor_check.h"

namespace bsfa::analysis {
namespace {

/// An unsigned sum of products that knows when it left 64 bits.
class ExactSum {
 public:
  void add_product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t product = 0;
    overflow_ = __builtin_mul_overflow(a, b, &product) || overflow_;
    overflow_ = __builtin_add_overflow(sum_, product, &sum_) || overflow_;
  }
  std::optional<std::uint64_t> value() const {
    return overflow_ ? std::nullopt : std::optional(sum_);
  }

 private:
  std::uint64_t sum_ = 0;
  bool overflow_ = false;
};

std::optional<double> share_beyond(double issued, double needed) {
  if (!(needed > 0.0)) return std::nullopt;
  return issued / needed - 1.0;
}

double area(const core::GateShape& tile) {
  return static_cast<double>(tile.q_block) * static_cast<double>(tile.k_block);
}

}  // namespace

std::optional<TensorCheck> check_tensor_count(std::span<const core::WorkRecord> records,
                                              const TensorCost& cost, const core::GateShape& gate,
                                              std::uint64_t counted) {
  if (cost.per_qk == 0 || cost.per_pv == 0 || !(area(cost.compute_tile) > 0.0)) return std::nullopt;
  ExactSum predicted;
  double qk = 0.0, pv = 0.0, seen = 0.0, kept = 0.0;
  for (const core::WorkRecord& record : records) {
    if (record.warp != -1) continue;
    predicted.add_product(record.qk_products, cost.per_qk);
    predicted.add_product(record.pv_products, cost.per_pv);
    qk += static_cast<double>(record.qk_products);
    pv += static_cast<double>(record.pv_products);
    seen += static_cast<double>(record.tiles_seen);
    kept += static_cast<double>(record.tiles_kept);
  }
  const double products_per_tile = area(gate) / area(cost.compute_tile);
  const double per_qk = static_cast<double>(cost.per_qk), per_pv = static_cast<double>(cost.per_pv);
  TensorCheck check;
  check.predicted = predicted.value();
  check.counted = counted;
  check.equal = check.predicted == counted;
  check.needed = products_per_tile * (seen * per_qk + kept * per_pv);
  check.beyond = share_beyond(qk * per_qk + pv * per_pv, check.needed);
  check.qk_beyond = share_beyond(qk, seen * products_per_tile);
  check.pv_beyond = share_beyond(pv, kept * products_per_tile);
  return check;
}

}  // namespace bsfa::analysis
