// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/profile.h"
#include "traces/trace.h"

namespace bsfa::traces {

/// Per-tile quantities, each a dataset of its own.
enum class TileField { kTileMax, kTileMass, kTileMassMax };
enum class MaskField { kReference, kKernel };
/// Figures of Q blocks, curves of kept share, work records.
enum class SequencePart { kFigures, kCurves, kWork };

/// Reads a trace lazily: opening reads attributes and shapes only, each call reads its own chunks.
///
/// Errors  throws core::InputError: not there, no HDF5, foreign HDF5, truncated, a higher major
///         schema version, a dataset of the wrong shape or type, damaged bytes. Unknown additions
///         are ignored.
/// Threads any function may be called from any thread; calls wait for one another, and each
///         decompresses on all cores.
/// Source  docs/trace-format.md.
class TraceReader {
 public:
  explicit TraceReader(const std::filesystem::path& path);
  ~TraceReader();
  TraceReader(TraceReader&&) noexcept;
  TraceReader& operator=(TraceReader&&) noexcept;

  const Provenance& provenance() const;
  const Report& report() const;
  std::vector<std::int64_t> layers() const;
  std::vector<std::int64_t> sequences(std::int64_t layer) const;

  /// Whether a layer has a profile, without reading it.
  bool has_profile(std::int64_t layer) const;
  /// What was measured of a layer's launch; nullopt where nothing was.
  std::optional<Profile> profile(std::int64_t layer) const;

  /// Problem, shape, q_blocks, held, per-block arrays and work records; no per-tile arrays.
  Sequence overview(std::int64_t layer, std::int64_t sequence) const;
  /// Everything, for tools that need whole traces.
  Sequence read_all(std::int64_t layer, std::int64_t sequence) const;

  /// One part of an overview beside problem, shape and q_blocks, of a trace that may be damaged:
  /// what cannot be read is absent, and `faults` gets a line for each.
  Sequence part(std::int64_t layer, std::int64_t sequence, SequencePart part,
                std::vector<std::string>& faults) const;
  /// Whether the trace has such arrays of tiles, without reading them.
  bool has(std::int64_t layer, std::int64_t sequence, TileField field) const;
  bool has(std::int64_t layer, std::int64_t sequence, MaskField field) const;

  /// One head's [rows, k_blocks]; nullopt where the trace has no such dataset.
  std::optional<std::vector<float>> head(std::int64_t layer, std::int64_t sequence, TileField field,
                                         std::int64_t head) const;
  std::optional<std::vector<std::uint8_t>> head(std::int64_t layer, std::int64_t sequence,
                                                MaskField field, std::int64_t head) const;

  /// Max-pooled levels 1, 2, ...: each halves rows and columns, rounding up; level 0 is the data.
  /// A NaN is never hidden, masks are pooled by code, rows that were not checked take no part.
  int levels(std::int64_t layer, std::int64_t sequence) const;
  struct Level {
    std::int64_t rows = 0, columns = 0;
    std::vector<float> values;
  };
  std::optional<Level> level(std::int64_t layer, std::int64_t sequence, TileField field,
                             std::int64_t head, int level) const;
  struct MaskLevel {
    std::int64_t rows = 0, columns = 0;
    std::vector<std::uint8_t> codes;
  };
  std::optional<MaskLevel> level(std::int64_t layer, std::int64_t sequence, MaskField field,
                                 std::int64_t head, int level) const;

  /// Bytes of dataset chunks read so far, for tests and budgets.
  std::uint64_t chunk_bytes_read() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bsfa::traces
