// SPDX-License-Identifier: Apache-2.0
#include "tests/support/brute_force.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/random.h"
#include "tests/support/half_bits.h"

namespace bsfa::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
enum Code : std::uint8_t { kOutside = 0, kSkipped = 1, kKept = 2, kDiagonal = 3 };

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

template <typename Value>
Inputs fill(const core::Problem& problem, Value&& value) {
  Inputs inputs{core::with_default_scale(problem), {}, {}, {}};
  const core::Problem& p = inputs.problem;
  inputs.q.resize(size(p.batch * p.heads * p.q_len * p.head_dim));
  inputs.k.resize(size(p.batch * p.kv_heads * p.kv_len * p.head_dim));
  inputs.v.resize(inputs.k.size());
  for (auto* tensor : {&inputs.q, &inputs.k, &inputs.v}) {
    for (auto& element : *tensor) element = half_bits(value(), p.dtype);
  }
  return inputs;
}

double normal(core::SplitMix64& random) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * random.uniform());
}

std::vector<double> values_of(const std::vector<std::uint16_t>& bits, core::Dtype dtype) {
  std::vector<double> values;
  values.reserve(bits.size());
  for (const std::uint16_t b : bits) values.push_back(half_value(b, dtype));
  return values;
}

double norm(const double* row, std::int64_t d) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < d; ++i) sum += row[i] * row[i];
  return std::sqrt(sum);
}

/// One Q block of one head.
class Block {
 public:
  Block(const core::Problem& p, const double* q, const double* k, const double* v, std::int64_t m)
      : p_(p),
        q_(q),
        k_(k),
        v_(v),
        m_(m),
        rows_(std::min(p.gate.q_block, p.q_len - m * p.gate.q_block)) {}

  std::int64_t rows() const { return rows_; }
  std::int64_t position(std::int64_t r) const {
    return p_.kv_len - p_.q_len + m_ * p_.gate.q_block + r;
  }
  bool visible(std::int64_t r, std::int64_t c) const { return !p_.causal || c <= position(r); }
  Code place(std::int64_t n) const {
    const std::int64_t first = n * p_.gate.k_block;
    const std::int64_t last = std::min(first + p_.gate.k_block, p_.kv_len) - 1;
    const bool overlap = first <= position(rows_ - 1) && last >= position(0);
    if (overlap) return kDiagonal;
    return p_.causal && first > position(rows_ - 1) ? kOutside : kKept;
  }

  void score() {
    scores_.assign(size(rows_ * p_.kv_len), 0.0);
    low_scores_.assign(scores_.size(), 0.0F);
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int64_t c = 0; c < p_.kv_len; ++c) {
        double sum = 0.0;
        float low = 0.0F;
        for (std::int64_t d = 0; d < p_.head_dim; ++d) {
          const double product = q_[r * p_.head_dim + d] * k_[c * p_.head_dim + d];
          sum += product;
          low += static_cast<float>(product);
        }
        scores_[size(r * p_.kv_len + c)] = static_cast<double>(p_.scale) * sum;
        low_scores_[size(r * p_.kv_len + c)] = p_.scale * low;
      }
    }
  }

  double tile_max(std::int64_t n) const {
    double largest = -kInfinity;
    for_tile(n, [&](std::int64_t r, std::int64_t c) {
      const double s = scores_[size(r * p_.kv_len + c)];
      largest = std::isnan(s) || std::isnan(largest) ? kNan : std::max(largest, s);
    });
    return largest;
  }

  /// How far fp32 may lie from tile_max.
  double bound(std::int64_t n) const {
    double q_norm = 0.0, k_norm = 0.0;
    const std::int64_t last = std::min((n + 1) * p_.gate.k_block, p_.kv_len);
    for (std::int64_t r = 0; r < rows_; ++r)
      q_norm = std::max(q_norm, norm(q_ + r * p_.head_dim, p_.head_dim));
    for (std::int64_t c = n * p_.gate.k_block; c < last; ++c) {
      k_norm = std::max(k_norm, norm(k_ + c * p_.head_dim, p_.head_dim));
    }
    return static_cast<double>(p_.head_dim + 16) * 0x1p-23 * static_cast<double>(p_.scale) *
               q_norm * k_norm +
           0x1p-22 * std::fabs(tile_max(n));
  }

  /// Row r under a mask: output [D] and LSE, in double.
  double row(std::int64_t r, const std::uint8_t* mask, double* o) const {
    double maximum = -kInfinity;
    bool broken = false;
    for_row(r, mask, [&](std::int64_t c) {
      const double s = scores_[size(r * p_.kv_len + c)];
      broken = broken || std::isnan(s) || s == kInfinity;
      maximum = std::max(maximum, s);
    });
    std::fill_n(o, p_.head_dim, broken ? kNan : 0.0);
    if (broken) return kNan;
    if (maximum == -kInfinity) return -kInfinity;
    double sum = 0.0;
    for_row(r, mask, [&](std::int64_t c) {
      const double p = std::exp(scores_[size(r * p_.kv_len + c)] - maximum);
      sum += p;
      for (std::int64_t d = 0; d < p_.head_dim; ++d) o[d] += p * v_[c * p_.head_dim + d];
    });
    for (std::int64_t d = 0; d < p_.head_dim; ++d) o[d] /= sum;
    return maximum + std::log(sum);
  }

  /// The same naively in the problem's dtype: P rounded to it, sums in fp32, O rounded once.
  void low_row(std::int64_t r, const std::uint8_t* mask, double* o) const {
    float maximum = -std::numeric_limits<float>::infinity();
    for_row(r, mask, [&](std::int64_t c) {
      maximum = std::max(maximum, low_scores_[size(r * p_.kv_len + c)]);
    });
    std::vector<float> sums(size(p_.head_dim));
    float total = 0.0F;
    for_row(r, mask, [&](std::int64_t c) {
      const double exact = std::exp(low_scores_[size(r * p_.kv_len + c)] - maximum);
      const auto p = static_cast<float>(half_value(half_bits(exact, p_.dtype), p_.dtype));
      total += p;
      for (std::int64_t d = 0; d < p_.head_dim; ++d) {
        sums[size(d)] += p * static_cast<float>(v_[c * p_.head_dim + d]);
      }
    });
    for (std::int64_t d = 0; d < p_.head_dim; ++d) {
      o[d] = half_value(half_bits(sums[size(d)] / total, p_.dtype), p_.dtype);
    }
  }

 private:
  template <typename Visit>
  void for_tile(std::int64_t n, Visit&& visit) const {
    const std::int64_t last = std::min((n + 1) * p_.gate.k_block, p_.kv_len);
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int64_t c = n * p_.gate.k_block; c < last; ++c) {
        if (visible(r, c)) visit(r, c);
      }
    }
  }
  template <typename Visit>
  void for_row(std::int64_t r, const std::uint8_t* mask, Visit&& visit) const {
    for (std::int64_t c = 0; c < p_.kv_len; ++c) {
      if (visible(r, c) && mask[c / p_.gate.k_block] >= kKept) visit(c);
    }
  }

  const core::Problem& p_;
  const double *q_, *k_, *v_;
  std::int64_t m_, rows_;
  std::vector<double> scores_;
  std::vector<float> low_scores_;
};

std::int64_t q_blocks(const core::Problem& p) {
  return (p.q_len + p.gate.q_block - 1) / p.gate.q_block;
}

std::int64_t k_blocks(const core::Problem& p) {
  return (p.kv_len + p.gate.k_block - 1) / p.gate.k_block;
}

/// Calls visit(block, batch · heads + head, Q block), with its scores computed.
template <typename Visit>
void for_each_block(const Inputs& inputs, Visit&& visit) {
  const core::Problem& p = inputs.problem;
  const auto q = values_of(inputs.q, p.dtype);
  const auto k = values_of(inputs.k, p.dtype);
  const auto v = values_of(inputs.v, p.dtype);
  for (std::int64_t bh = 0; bh < p.batch * p.heads; ++bh) {
    const std::int64_t kv = bh / p.heads * p.kv_heads + bh % p.heads / (p.heads / p.kv_heads);
    const std::size_t keys = size(kv * p.kv_len * p.head_dim);
    for (std::int64_t m = 0; m < q_blocks(p); ++m) {
      const std::int64_t first = bh * p.q_len + m * p.gate.q_block;
      Block block(p, &q[size(first * p.head_dim)], &k[keys], &v[keys], m);
      block.score();
      visit(block, bh, m);
    }
  }
}

bool keeps(double tile_max, float tau) {
  if (std::isnan(tile_max)) return true;
  return tau != std::numeric_limits<float>::infinity() && tile_max >= static_cast<double>(tau);
}

}  // namespace

core::AttentionInputs Inputs::views() const {
  const core::Problem& p = problem;
  const auto view = [&](const std::vector<std::uint16_t>& data, std::int64_t heads,
                        std::int64_t rows) {
    return core::TensorView::contiguous(data.data(), p.dtype, {p.batch, heads, rows, p.head_dim});
  };
  return {view(q, p.heads, p.q_len), view(k, p.kv_heads, p.kv_len), view(v, p.kv_heads, p.kv_len)};
}

Inputs gaussian(const core::Problem& problem, std::uint64_t seed) {
  core::SplitMix64 random(seed);
  return fill(problem, [&] { return normal(random); });
}

Inputs integers(const core::Problem& problem, std::uint64_t seed, int limit) {
  core::SplitMix64 random(seed);
  return fill(problem, [&] {
    return static_cast<double>(random.below(static_cast<std::uint64_t>(2 * limit + 1))) - limit;
  });
}

Gating gating(const Inputs& inputs, const core::Thresholds* thresholds) {
  const core::Problem& p = inputs.problem;
  Gating gating;
  for_each_block(inputs, [&](Block& block, std::int64_t bh, std::int64_t) {
    for (std::int64_t n = 0; n < k_blocks(p); ++n) {
      gating.tile_max.push_back(block.tile_max(n));
      gating.bound.push_back(block.bound(n));
      Code code = block.place(n);
      if (code == kKept && thresholds != nullptr) {
        const std::int64_t i = std::min(block.position(0) / p.gate.q_block, thresholds->blocks - 1);
        code = keeps(gating.tile_max.back(), thresholds->at(bh % p.heads, i)) ? kKept : kSkipped;
      }
      gating.mask.push_back(code);
    }
  });
  return gating;
}

Exact attention(const Inputs& inputs, const std::vector<std::uint8_t>& mask) {
  const core::Problem& p = inputs.problem;
  const double unit = core::unit_roundoff(p.dtype);
  const auto summed = static_cast<double>(p.gate.k_block + k_blocks(p)) * 0x1p-23;
  Exact exact;
  exact.o.resize(inputs.q.size());
  exact.lse.resize(size(p.batch * p.heads * p.q_len));
  exact.lse_bound.resize(exact.lse.size());
  for_each_block(inputs, [&](Block& block, std::int64_t bh, std::int64_t m) {
    const std::uint8_t* own = mask.data() + (bh * q_blocks(p) + m) * k_blocks(p);
    double beta = 0.0, low_error = 0.0, magnitude = 0.0;
    for (std::int64_t n = 0; n < k_blocks(p); ++n) {
      if (own[n] >= kKept) beta = std::max(beta, block.bound(n));
    }
    std::vector<double> low(size(p.head_dim));
    for (std::int64_t r = 0; r < block.rows(); ++r) {
      const std::size_t row = size(bh * p.q_len + m * p.gate.q_block + r);
      double* o = &exact.o[row * low.size()];
      exact.lse[row] = block.row(r, own, o);
      exact.lse_bound[row] = beta + summed + 0x1p-22 * std::fabs(exact.lse[row]);
      block.low_row(r, own, low.data());
      for (std::size_t i = 0; i < low.size(); ++i) {
        if (!std::isfinite(o[i])) continue;
        low_error = std::max(low_error, std::fabs(low[i] - o[i]));
        magnitude = std::max(magnitude, std::fabs(o[i]));
      }
    }
    exact.o_bound.push_back(2.0 * low_error + 2.0 * unit * magnitude);
  });
  return exact;
}

}  // namespace bsfa::test
