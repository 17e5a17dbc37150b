// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/half.h"
#include "kernels/cpu/strip.h"

// Gated attention of one Q block, panel by panel of K tiles:
//
//   load_queries   Q block to float, in strips of rows
//   for each panel of K tiles inside the mask:
//     load_rows    K panel to float
//     score        S = Q Kᵀ; masked entries of S become -inf
//     decide       tile_max = scale · max S; kept iff diagonal, NaN, or tile_max >= τ (τ < +inf)
//     raise        kept tiles only: m' = max(m, row maxima); (l, O) = exp(m - m') · (l, O)
//     accumulate   runs of kept tiles: V to float; P = exp(scale · S - m'); l += row sums of P;
//                  O += P V
//   store          O / l, LSE = m + log l
namespace bsfa::kernels::cpu {
namespace {

namespace ei = Eigen::internal;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t kPanelColumns = 256;
constexpr std::int64_t kMaxTiles = kPanelColumns / 64;
/// Columns of one PV product: a strip's P of this depth stays in the first-level cache.
constexpr std::int64_t kRunColumns = 128;

/// The buffers of one worker, carved out of its scratch memory. [rows, columns] are in strips.
struct Scratch {
  /// Only `used` means something where memory is null.
  Scratch(const bsfa_problem& problem, float* memory)
      : base(memory),
        rows(problem.gate_q_block),
        depth(problem.head_dim),
        queries(take(rows * depth)),
        panel(take(kPanelColumns * depth)),
        scores(take(rows * kPanelColumns)),
        output(take(rows * depth)),
        tile_row_max(take(rows * kMaxTiles)),
        row_max(take(rows)),
        row_sum(take(rows)),
        shift(take(rows)),
        line(take(depth)) {}

  std::int64_t strips() const { return rows / kStripRows; }
  float* scores_of(std::int64_t strip) const { return scores + strip * kStripRows * kPanelColumns; }
  float* queries_of(std::int64_t strip) const { return queries + strip * kStripRows * depth; }
  float* output_of(std::int64_t strip) const { return output + strip * kStripRows * depth; }

  float* base;
  std::int64_t used = 0;     ///< floats, a multiple of 16
  std::int64_t rows, depth;  ///< Bq, D
  float* queries;            ///< [Bq, D]
  float* panel;              ///< rows of K or V: [kPanelColumns, D], row-major
  float* scores;             ///< [Bq, kPanelColumns]: q·k, then P
  float* output;             ///< [Bq, D], not yet divided by row_sum
  float* tile_row_max;       ///< [tile][Bq]: largest q·k
  float* row_max;            ///< [Bq]: m, natural units
  float* row_sum;            ///< [Bq]: l
  float* shift;              ///< [Bq]: m, or 0 where m is -inf
  float* line;               ///< [D]

 private:
  float* take(std::int64_t count) {
    float* const taken = base != nullptr ? base + used : nullptr;
    used += (count + 15) / 16 * 16;
    return taken;
  }
};

/// K tiles of one Q block that are treated together.
struct Panel {
  std::int64_t first_tile, tiles;
  std::int64_t first_column, columns;  ///< to the end of the last tile, or of K
  bool kept[kMaxTiles];
};

/// Rows first .. first+count of a tensor of halves, as floats.
template <typename Half>
void load_rows(const bsfa_tensor& tensor, std::int64_t batch, std::int64_t head, std::int64_t first,
               std::int64_t count, std::int64_t depth, float* to) {
  for (std::int64_t r = 0; r < count; ++r, to += depth) {
    convert(at<const Half>(tensor, batch, head, first + r), to, depth);
  }
}

/// Rows beyond the end of Q become 0; nothing of them is ever stored.
template <typename Half>
void load_queries(const Launch& launch, const BlockView& block, Scratch& s) {
  for (std::int64_t r = 0; r < s.rows; ++r) {
    if (r < block.rows) {
      load_rows<Half>(launch.arguments.q, block.batch, block.head, block.first_row + r, 1, s.depth,
                      s.line);
    } else {
      std::fill_n(s.line, s.depth, 0.0F);
    }
    float* to = s.queries_of(r / kStripRows) + r % kStripRows;
    for (std::int64_t d = 0; d < s.depth; ++d) to[d * kStripRows] = s.line[d];
  }
}

/// Causality: row r does not see columns right of its own position.
void mask_future(const BlockView& block, const Panel& panel, Scratch& s) {
  const std::int64_t first = std::max<std::int64_t>(block.position + 1 - panel.first_column, 0);
  for (std::int64_t c = first; c < panel.columns; ++c) {
    const std::int64_t masked = std::min(panel.first_column + c - block.position, s.rows);
    for (std::int64_t r = 0; r < masked; ++r) {
      s.scores_of(r / kStripRows)[c * kStripRows + r % kStripRows] = -kInfinity;
    }
  }
}

void score(const Launch& launch, const BlockView& block, const Panel& panel, Scratch& s) {
  for (std::int64_t strip = 0; strip < s.strips(); ++strip) {
    multiply<false>(s.queries_of(strip), {s.panel, 1, s.depth}, s.depth, panel.columns,
                    s.scores_of(strip));
  }
  if (launch.problem.causal != 0) mask_future(block, panel, s);
}

/// Largest q·k of every row over some columns, NaN where one is NaN.
void find_row_max(std::int64_t first, std::int64_t columns, const Scratch& s, float* row_max) {
  for (std::int64_t strip = 0; strip < s.strips(); ++strip) {
    const float* column = s.scores_of(strip) + first * kStripRows;
    Packet largest[kStripPackets];
    for (Packet& packet : largest) packet = ei::pset1<Packet>(-kInfinity);
    for (std::int64_t c = 0; c < columns; ++c, column += kStripRows) {
      for (std::int64_t p = 0; p < kStripPackets; ++p) {
        largest[p] = max_or_nan(ei::pload<Packet>(column + p * kPacketSize), largest[p]);
      }
    }
    for (const Packet& packet : largest) {
      ei::pstore(row_max, packet);
      row_max += kPacketSize;
    }
  }
}

/// The gate: NaN keeps, τ = +inf skips, a tie is kept.
bool passes(float tile_max, float threshold) {
  if (std::isnan(tile_max)) return true;
  return threshold != kInfinity && tile_max >= threshold;
}

void report_tile(const Launch& launch, const BlockView& block, std::int64_t tile, float tile_max,
                 bsfa_tile_code code) {
  const bsfa_tensor& maxima = launch.arguments.tile_max;
  const bsfa_tensor& mask = launch.arguments.mask;
  if (maxima.data != nullptr) {
    at<float>(maxima, block.batch, block.head, block.q_block)[tile * maxima.stride[3]] = tile_max;
  }
  if (mask.data != nullptr) {
    at<std::uint8_t>(mask, block.batch, block.head, block.q_block)[tile * mask.stride[3]] =
        static_cast<std::uint8_t>(code);
  }
}

/// Decides every tile of the panel, and reports tile_max and mask where they are wanted.
void decide(const Launch& launch, const BlockView& block, Panel& panel, Scratch& s) {
  const bsfa_problem& problem = launch.problem;
  const float threshold = launch.threshold(block);
  for (std::int64_t t = 0; t < panel.tiles; ++t) {
    const std::int64_t first = t * problem.gate_k_block;
    float* row_max = s.tile_row_max + t * s.rows;
    find_row_max(first, std::min<std::int64_t>(problem.gate_k_block, panel.columns - first), s,
                 row_max);
    const float largest = Eigen::Map<const Eigen::ArrayXf>(row_max, block.rows)
                              .template maxCoeff<Eigen::PropagateNaN>();
    const float tile_max = problem.scale * largest;
    const std::int64_t tile = panel.first_tile + t;
    const bool diagonal = tile >= block.diagonal_begin && tile < block.diagonal_end;
    panel.kept[t] =
        diagonal || (problem.gate_kind == BSFA_GATE_MASK ? launch.mask_keeps(block, tile)
                                                         : passes(tile_max, threshold));
    report_tile(launch, block, tile, tile_max,
                diagonal        ? BSFA_TILE_DIAGONAL
                : panel.kept[t] ? BSFA_TILE_KEPT
                                : BSFA_TILE_SKIPPED);
  }
}

/// Raises m to the maxima of the kept tiles and brings what was summed so far to the new m. A row
/// whose maximum is NaN or +inf becomes NaN here and stays so.
void raise(const Panel& panel, float scale, Scratch& s) {
  for (std::int64_t strip = 0; strip < s.strips(); ++strip) {
    bool changed = false;
    Packet factor[kStripPackets];
    for (std::int64_t p = 0; p < kStripPackets; ++p) {
      const std::int64_t row = strip * kStripRows + p * kPacketSize;
      const Packet before = ei::pload<Packet>(s.row_max + row);
      Packet after = before;
      for (std::int64_t t = 0; t < panel.tiles; ++t) {
        if (!panel.kept[t]) continue;
        const Packet largest = ei::pload<Packet>(s.tile_row_max + t * s.rows + row);
        after = max_or_nan(ei::pmul(largest, ei::pset1<Packet>(scale)), after);
      }
      after = ei::pselect(ei::pcmp_eq(after, ei::pset1<Packet>(kInfinity)), ei::pset1<Packet>(kNan),
                          after);
      const Packet nothing = ei::pcmp_eq(after, ei::pset1<Packet>(-kInfinity));
      const Packet shift = ei::pandnot(after, nothing);
      factor[p] = exponential(ei::psub(before, shift));
      ei::pstore(s.row_max + row, after);
      ei::pstore(s.shift + row, shift);
      ei::pstore(s.row_sum + row, ei::pmul(ei::pload<Packet>(s.row_sum + row), factor[p]));
      changed = changed || !(Eigen::Map<const Eigen::Array<float, kPacketSize, 1>>(
                                 reinterpret_cast<const float*>(&factor[p])) == 1.0F)
                                .all();
    }
    if (!changed) continue;
    float* output = s.output_of(strip);
    for (std::int64_t d = 0; d < s.depth; ++d) {
      for (std::int64_t p = 0; p < kStripPackets; ++p, output += kPacketSize) {
        ei::pstore(output, ei::pmul(ei::pload<Packet>(output), factor[p]));
      }
    }
  }
}

/// P = exp(scale · S - m) in place, and l += its row sums.
void exponentiate(std::int64_t first, std::int64_t columns, float scale, std::int64_t strip,
                  Scratch& s) {
  float* column = s.scores_of(strip) + first * kStripRows;
  const Packet factor = ei::pset1<Packet>(scale);
  Packet offset[kStripPackets];
  Packet sum[kStripPackets];
  for (std::int64_t p = 0; p < kStripPackets; ++p) {
    offset[p] = ei::pnegate(ei::pload<Packet>(s.shift + strip * kStripRows + p * kPacketSize));
    sum[p] = ei::pset1<Packet>(0.0F);
  }
  for (std::int64_t c = 0; c < columns; ++c) {
    for (std::int64_t p = 0; p < kStripPackets; ++p, column += kPacketSize) {
      const Packet value = exponential(ei::pmadd(ei::pload<Packet>(column), factor, offset[p]));
      ei::pstore(column, value);
      sum[p] = ei::padd(sum[p], value);
    }
  }
  float* total = s.row_sum + strip * kStripRows;
  for (std::int64_t p = 0; p < kStripPackets; ++p, total += kPacketSize) {
    ei::pstore(total, ei::padd(ei::pload<Packet>(total), sum[p]));
  }
}

/// One run of kept columns: P, its row sums, and O += P V. V is read here and nowhere else.
template <typename Half>
void accumulate_run(const Launch& launch, const BlockView& block, const Panel& panel,
                    std::int64_t first, std::int64_t columns, Scratch& s) {
  load_rows<Half>(launch.arguments.v, block.batch, block.kv_head, panel.first_column + first,
                  columns, s.depth, s.panel);
  for (std::int64_t strip = 0; strip < s.strips(); ++strip) {
    exponentiate(first, columns, launch.problem.scale, strip, s);
    multiply<true>(s.scores_of(strip) + first * kStripRows, {s.panel, s.depth, 1}, columns, s.depth,
                   s.output_of(strip));
  }
}

template <typename Half>
void accumulate(const Launch& launch, const BlockView& block, const Panel& panel, Scratch& s) {
  const std::int64_t tile_columns = launch.problem.gate_k_block;
  for (std::int64_t t = 0; t < panel.tiles;) {
    std::int64_t end = t;
    while (end < panel.tiles && panel.kept[end] && (end - t) * tile_columns < kRunColumns) ++end;
    const std::int64_t first = t * tile_columns;
    const std::int64_t columns = std::min(end * tile_columns, panel.columns) - first;
    if (end > t) accumulate_run<Half>(launch, block, panel, first, columns, s);
    t = std::max(end, t + 1);
  }
}

template <typename Half>
void store(const Launch& launch, const BlockView& block, const Scratch& s) {
  const auto& arguments = launch.arguments;
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const std::int64_t row = block.first_row + r;
    if (arguments.o.data != nullptr) {
      // Where nothing but -inf was kept l is 0, and so is O.
      const float inverse = s.row_sum[r] == 0.0F ? 0.0F : 1.0F / s.row_sum[r];
      const float* from = s.output_of(r / kStripRows) + r % kStripRows;
      for (std::int64_t d = 0; d < s.depth; ++d) s.line[d] = from[d * kStripRows] * inverse;
      convert(s.line, at<Half>(arguments.o, block.batch, block.head, row), s.depth);
    }
    if (arguments.lse.data != nullptr) {
      *at<float>(arguments.lse, block.batch, block.head, row) =
          s.row_max[r] + std::log(s.row_sum[r]);
    }
  }
}

template <typename Half>
BlockWork attend_typed(const Launch& launch, const BlockView& block, Scratch s) {
  const bsfa_problem& problem = launch.problem;
  load_queries<Half>(launch, block, s);
  std::fill_n(s.output, s.rows * s.depth, 0.0F);
  std::fill_n(s.row_max, s.rows, -kInfinity);
  std::fill_n(s.row_sum, s.rows, 0.0F);
  BlockWork work;
  const std::int64_t tiles = kPanelColumns / problem.gate_k_block;
  for (std::int64_t first = 0; first < block.visible; first += tiles) {
    Panel panel{};
    panel.first_tile = first;
    panel.tiles = std::min(tiles, block.visible - first);
    panel.first_column = first * problem.gate_k_block;
    panel.columns =
        std::min(panel.tiles * problem.gate_k_block, problem.kv_len - panel.first_column);
    load_rows<Half>(launch.arguments.k, block.batch, block.kv_head, panel.first_column,
                    panel.columns, s.depth, s.panel);
    score(launch, block, panel, s);
    decide(launch, block, panel, s);
    const auto kept = std::count(panel.kept, panel.kept + panel.tiles, true);
    work.kept += static_cast<std::uint64_t>(kept);
    if (kept == 0) continue;
    raise(panel, problem.scale, s);
    accumulate<Half>(launch, block, panel, s);
  }
  work.seen = static_cast<std::uint64_t>(block.visible);
  store<Half>(launch, block, s);
  for (std::int64_t tile = block.visible; tile < launch.k_blocks(); ++tile) {
    report_tile(launch, block, tile, -kInfinity, BSFA_TILE_OUTSIDE);
  }
  return work;
}

}  // namespace

std::size_t scratch_bytes(const bsfa_problem& problem) noexcept {
  return static_cast<std::size_t>(Scratch(problem, nullptr).used) * sizeof(float);
}

BlockWork attend(const Launch& launch, const BlockView& block, void* scratch) {
  const Scratch buffers(launch.problem, static_cast<float*>(scratch));
  return launch.problem.dtype_q == BSFA_FLOAT16
             ? attend_typed<Eigen::half>(launch, block, buffers)
             : attend_typed<Eigen::bfloat16>(launch, block, buffers);
}

}  // namespace bsfa::kernels::cpu
