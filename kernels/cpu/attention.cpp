// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/attention.h"

#include <cmath>
#include <limits>

#include <Eigen/Core>

// Gated attention of one Q block, panel by panel of K tiles:
//
//   load_queries   Q block to float, transposed, so that rows of Q are contiguous
//   for each panel of K tiles inside the mask:
//     load_keys    K panel to float
//     score        S = Q Kᵀ; masked entries of S become -inf
//     decide       tile_max = scale · max S; kept iff diagonal, NaN, or tile_max >= τ (τ < +inf)
//     accumulate   kept tiles only: m' = max(m, row maxima); P = exp(scale · S - m');
//                  l, O = exp(m - m') · (l, O) + (row sums of P, P V)
//   store          O / l, LSE = m + log l
//
// All matrices are column-major with the rows of Q along columns, so that everything that is done
// per row is done for a vector of rows.
namespace bsfa::kernels::cpu {
namespace {

using Index = Eigen::Index;
using Matrix = Eigen::Map<Eigen::MatrixXf, Eigen::Aligned64>;
using Vector = Eigen::Map<Eigen::ArrayXf, Eigen::Aligned64>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr Index kPanelColumns = 256;
constexpr Index kMaxTiles = kPanelColumns / 64;

/// The larger one, or NaN if either is.
using MaxOrNan = Eigen::internal::scalar_max_op<float, float, Eigen::PropagateNaN>;

Index panel_tiles(const bsfa_problem& problem) {
  return kPanelColumns / problem.gate_k_block;
}

/// The buffers of one worker, carved out of its scratch memory.
struct Scratch {
  Scratch(const bsfa_problem& problem, float* memory)
      : queries(take(memory, problem.gate_q_block * problem.head_dim), problem.gate_q_block,
                problem.head_dim),
        keys(take(memory, problem.head_dim * kPanelColumns), problem.head_dim, kPanelColumns),
        values(take(memory, problem.head_dim * kPanelColumns), problem.head_dim, kPanelColumns),
        scores(take(memory, problem.gate_q_block * kPanelColumns), problem.gate_q_block,
               kPanelColumns),
        output(take(memory, problem.gate_q_block * problem.head_dim), problem.gate_q_block,
               problem.head_dim),
        tile_row_max(take(memory, problem.gate_q_block * kMaxTiles), problem.gate_q_block,
                     kMaxTiles),
        row_max(take(memory, problem.gate_q_block), problem.gate_q_block),
        row_sum(take(memory, problem.gate_q_block), problem.gate_q_block),
        shift(take(memory, problem.gate_q_block), problem.gate_q_block),
        used(memory) {}

  Matrix queries;       ///< [Bq, D]
  Matrix keys, values;  ///< [D, columns]: row-major K and V as they lie in memory
  Matrix scores;        ///< [Bq, columns]: raw scores, then P
  Matrix output;        ///< [Bq, D], not yet divided by row_sum
  Matrix tile_row_max;  ///< [Bq, tiles], raw
  Vector row_max;       ///< m, natural units
  Vector row_sum;       ///< l
  Vector shift;         ///< m, or 0 where m is -inf
  float* used;

 private:
  static float* take(float*& memory, std::int64_t count) {
    float* taken = memory;
    memory += (count + 15) / 16 * 16;
    return taken;
  }
};

/// Some K tiles of one Q block that are treated together.
struct Panel {
  Index first_tile, tiles;
  Index first_column, columns;  ///< columns counts to the end of the last tile or of K
  bool kept[kMaxTiles];
};

template <typename Half>
void load_queries(const Launch& launch, const BlockView& block, Matrix& queries) {
  queries.setZero();
  for (Index r = 0; r < block.rows; ++r) {
    const auto* row =
        at<const Half>(launch.arguments.q, block.batch, block.head, block.first_row + r);
    for (Index d = 0; d < queries.cols(); ++d) queries(r, d) = static_cast<float>(row[d]);
  }
}

/// Columns first .. first+count of K or V into consecutive columns of `to`.
template <typename Half>
void load_columns(const bsfa_tensor& tensor, const BlockView& block, Index first, Index count,
                  Eigen::Ref<Eigen::MatrixXf> to) {
  for (Index c = 0; c < count; ++c) {
    const auto* row = at<const Half>(tensor, block.batch, block.kv_head, first + c);
    to.col(c) = Eigen::Map<const Eigen::Matrix<Half, Eigen::Dynamic, 1>>(row, to.rows())
                    .template cast<float>();
  }
}

/// Causality: entry (r, c) is masked where column c lies right of row r's own position.
void mask_future(const BlockView& block, const Panel& panel, Matrix& scores) {
  const Index first = std::max<Index>(block.position + 1 - panel.first_column, 0);
  for (Index c = first; c < panel.columns; ++c) {
    const Index masked = std::min<Index>(panel.first_column + c - block.position, scores.rows());
    scores.col(c).head(masked).setConstant(-kInfinity);
  }
}

void score(const Launch& launch, const BlockView& block, const Panel& panel, Scratch& s) {
  auto scores = s.scores.leftCols(panel.columns);
  scores.noalias() = s.queries * s.keys.leftCols(panel.columns);
  if (launch.problem.causal != 0) mask_future(block, panel, s.scores);
}

bool keeps(float tile_max, float threshold) {
  if (std::isnan(tile_max)) return true;
  return threshold != kInfinity && tile_max >= threshold;
}

/// Decides every tile of the panel and reports tile_max and mask where they are wanted.
void decide(const Launch& launch, const BlockView& block, Panel& panel, Scratch& s) {
  const auto& [problem, arguments] = launch;
  const float threshold = launch.threshold(block);
  for (Index t = 0; t < panel.tiles; ++t) {
    const Index tile = panel.first_tile + t;
    const Index first = t * problem.gate_k_block;
    const Index columns = std::min<Index>(problem.gate_k_block, panel.columns - first);
    auto row_max = s.tile_row_max.col(t);
    row_max = s.scores.col(first);
    for (Index c = first + 1; c < first + columns; ++c) {
      row_max = row_max.binaryExpr(s.scores.col(c), MaxOrNan{});
    }
    const float tile_max =
        problem.scale * row_max.head(block.rows).template maxCoeff<Eigen::PropagateNaN>();
    const bool diagonal = tile >= block.diagonal_begin && tile < block.diagonal_end;
    bool kept = diagonal || keeps(tile_max, threshold);
    if (problem.gate_kind == BSFA_GATE_MASK && !diagonal) {
      kept = *(at<const std::uint8_t>(arguments.mask_in, block.batch, block.head, block.q_block) +
               tile * arguments.mask_in.stride[3]) >= BSFA_TILE_KEPT;
    }
    panel.kept[t] = kept;
    if (arguments.tile_max.data != nullptr) {
      *(at<float>(arguments.tile_max, block.batch, block.head, block.q_block) +
        tile * arguments.tile_max.stride[3]) = tile_max;
    }
    if (arguments.mask.data != nullptr) {
      const auto code = diagonal ? BSFA_TILE_DIAGONAL : kept ? BSFA_TILE_KEPT : BSFA_TILE_SKIPPED;
      *(at<std::uint8_t>(arguments.mask, block.batch, block.head, block.q_block) +
        tile * arguments.mask.stride[3]) = static_cast<std::uint8_t>(code);
    }
  }
}

/// Raises m to the maxima of the kept tiles and scales what was summed so far to it. A row whose
/// maximum is NaN or +inf becomes NaN here and stays so.
void raise_row_max(const Panel& panel, float scale, Scratch& s) {
  const float nan = kNan;
  Eigen::ArrayXf raised = s.row_max;
  for (Index t = 0; t < panel.tiles; ++t) {
    if (!panel.kept[t]) continue;
    const auto candidate = s.tile_row_max.col(t).array() * scale;
    raised = raised.binaryExpr(candidate, MaxOrNan{});
  }
  raised = (raised == kInfinity).select(nan, raised);
  s.shift = (raised == -kInfinity).select(0.0F, raised);
  const Eigen::ArrayXf factor = (s.row_max - s.shift).exp();
  s.row_sum *= factor;
  s.output.array().colwise() *= factor;
  s.row_max = raised;
}

template <typename Half>
void accumulate(const Launch& launch, const BlockView& block, const Panel& panel, Scratch& s) {
  const float scale = launch.problem.scale;
  raise_row_max(panel, scale, s);
  for (Index t = 0; t < panel.tiles; ++t) {
    if (!panel.kept[t]) continue;
    const Index first = t * launch.problem.gate_k_block;
    const Index columns = std::min<Index>(launch.problem.gate_k_block, panel.columns - first);
    for (Index c = first; c < first + columns; ++c) {
      s.scores.col(c) = (s.scores.col(c).array() * scale - s.shift).exp();
      s.row_sum += s.scores.col(c).array();
    }
    load_columns<Half>(launch.arguments.v, block, panel.first_column + first, columns,
                       s.values.leftCols(columns));
    s.output.noalias() +=
        s.scores.middleCols(first, columns) * s.values.leftCols(columns).transpose();
  }
}

template <typename Half>
void store(const Launch& launch, const BlockView& block, Scratch& s) {
  const auto& arguments = launch.arguments;
  const Eigen::ArrayXf inverse =
      (s.row_sum == 0.0F).select(0.0F, 1.0F / s.row_sum);  // nothing kept but -inf: O = 0
  s.output.array().colwise() *= inverse;
  for (Index r = 0; r < block.rows; ++r) {
    const std::int64_t row = block.first_row + r;
    if (arguments.o.data != nullptr) {
      auto* o = at<Half>(arguments.o, block.batch, block.head, row);
      for (Index d = 0; d < s.output.cols(); ++d) o[d] = static_cast<Half>(s.output(r, d));
    }
    if (arguments.lse.data != nullptr) {
      *at<float>(arguments.lse, block.batch, block.head, row) =
          s.row_max[r] + std::log(s.row_sum[r]);
    }
  }
}

/// Tiles that causality masks altogether: never computed, but their codes are part of the outputs.
void report_outside(const Launch& launch, const BlockView& block) {
  const auto& arguments = launch.arguments;
  for (Index tile = block.visible; tile < launch.k_blocks(); ++tile) {
    if (arguments.tile_max.data != nullptr) {
      *(at<float>(arguments.tile_max, block.batch, block.head, block.q_block) +
        tile * arguments.tile_max.stride[3]) = -kInfinity;
    }
    if (arguments.mask.data != nullptr) {
      *(at<std::uint8_t>(arguments.mask, block.batch, block.head, block.q_block) +
        tile * arguments.mask.stride[3]) = BSFA_TILE_OUTSIDE;
    }
  }
}

template <typename Half>
BlockWork attend_typed(const Launch& launch, const BlockView& block, Scratch s) {
  load_queries<Half>(launch, block, s.queries);
  s.output.setZero();
  s.row_max.setConstant(-kInfinity);
  s.row_sum.setZero();
  BlockWork work;
  const Index tiles = panel_tiles(launch.problem);
  for (Index first = 0; first < block.visible; first += tiles) {
    Panel panel{};
    panel.first_tile = first;
    panel.tiles = std::min<Index>(tiles, block.visible - first);
    panel.first_column = first * launch.problem.gate_k_block;
    panel.columns = std::min<Index>(panel.tiles * launch.problem.gate_k_block,
                                    launch.problem.kv_len - panel.first_column);
    load_columns<Half>(launch.arguments.k, block, panel.first_column, panel.columns,
                       s.keys.leftCols(panel.columns));
    score(launch, block, panel, s);
    decide(launch, block, panel, s);
    accumulate<Half>(launch, block, panel, s);
    for (Index t = 0; t < panel.tiles; ++t) work.kept += panel.kept[t] ? 1 : 0;
  }
  work.seen = static_cast<std::uint64_t>(block.visible);
  store<Half>(launch, block, s);
  report_outside(launch, block);
  return work;
}

}  // namespace

std::size_t scratch_bytes(const bsfa_problem& problem) noexcept {
  float* const none = nullptr;
  return static_cast<std::size_t>(Scratch(problem, none).used - none) * sizeof(float);
}

BlockWork attend(const Launch& launch, const BlockView& block, void* scratch) {
  Scratch buffers(launch.problem, static_cast<float*>(scratch));
  return launch.problem.dtype_q == BSFA_FLOAT16
             ? attend_typed<Eigen::half>(launch, block, buffers)
             : attend_typed<Eigen::bfloat16>(launch, block, buffers);
}

}  // namespace bsfa::kernels::cpu
