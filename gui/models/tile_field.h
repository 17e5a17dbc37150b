// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <QtCore/QString>

#include "core/problem.h"

namespace bsfa::gui {

/// What a heatmap can show of a tile.
enum class Field : std::uint8_t {
  kTileMax,
  kMargin,         ///< tile_max - τ: kept from 0 on
  kTileMass,       ///< mean over rows of the dense softmax inside the tile
  kLostMass,       ///< tile_mass where the mask skips, 0 where it keeps
  kReferenceMask,  ///< codes of the reference's mask
  kKernelMask,     ///< codes of the kernel's mask
  kDisagreement,   ///< Disagreement of the two
};
inline constexpr std::array kFields{Field::kTileMax,     Field::kMargin,        Field::kTileMass,
                                    Field::kLostMass,    Field::kReferenceMask, Field::kKernelMask,
                                    Field::kDisagreement};

QString name_of(Field field);         ///< as shown: "margin to τ"
QString key_of(Field field);          ///< for settings and file names: "margin"
QString description_of(Field field);  ///< one line
std::optional<Field> field_named(const QString& key);
/// Values of the field are a few kinds of things without a scale.
bool is_categorical(Field field);
/// The field's sign counts: shown with a diverging map.
bool is_diverging(Field field);

/// What a tile is. In the order of pooling: the largest of several tiles stands for all, so that
/// no kept tile hides among skipped ones and no NaN hides at all.
enum class TileClass : std::uint8_t {
  kNotChecked = 0,
  kOutside = 1,
  kSkipped = 2,
  kKept = 3,
  kDiagonal = 4,
  kUnwritten = 5,  ///< no code that exists: a faulty kernel left or wrote it
  kNan = 6,        ///< some score is NaN, or a value that ought to be there is
};
inline constexpr std::size_t kTileClasses = 7;
QString name_of(TileClass tile);

/// Values of Field::kDisagreement.
enum class Disagreement : std::uint8_t {
  kNone = 0,
  kKernelKeeps = 1,  ///< the reference skips
  kKernelSkips = 2,  ///< the reference keeps
  kOther = 3,        ///< another code than the geometry has, or none that exists
};
QString name_of(Disagreement disagreement);

/// Whose mask says what is kept.
enum class MaskSource : std::uint8_t {
  kKernel,      ///< as the kernel reported it; the reference's where it reported none
  kReference,   ///< as the reference decides under the stored thresholds
  kThresholds,  ///< tile_max against the thresholds that are being tried
};
QString name_of(MaskSource source);

/// A trace's arrays of one head.
///
/// Shapes  tiles: [rows, k_blocks]; held, threshold: [rows]. Absent ones were not measured, or
///         could not be read.
struct HeadArrays {
  core::Problem problem;
  std::vector<std::int64_t> q_blocks;  ///< [rows] Q block of each row, ascending
  std::int64_t k_blocks = 0;
  std::vector<std::uint8_t> held;  ///< [rows] 1 where checked; empty: all are
  std::optional<std::vector<float>> tile_max, tile_mass, tile_mass_max;
  std::optional<std::vector<std::uint8_t>> mask_reference, mask_kernel;
  std::optional<std::vector<float>> threshold;  ///< τ that was applied

  std::int64_t rows() const noexcept { return static_cast<std::int64_t>(q_blocks.size()); }
  bool checked(std::int64_t row) const {
    return held.empty() || held[static_cast<std::size_t>(row)] != 0;
  }
  std::size_t index(std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(row * k_blocks + column);
  }
  /// The row of a Q block, none where the trace does not hold it.
  std::optional<std::int64_t> row_of(std::int64_t q_block) const;
  std::size_t bytes() const noexcept;
};

/// One level of a field: level l holds the largest of 2^l by 2^l tiles.
///
/// Values of tiles that have none (outside, not checked, NaN) are -inf, so that they never hide
/// others; their class says what they are.
struct Plane {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;       ///< [rows, columns], never NaN
  std::vector<TileClass> classes;  ///< [rows, columns]
};

/// A field of one head with its levels, ready to be drawn. Level 0 is tile by tile.
struct TileField {
  Field field = Field::kTileMax;
  MaskSource mask = MaskSource::kKernel;
  bool values_known = false;   ///< values are there at all: the arrays behind the field are present
  bool classes_known = false;  ///< kept and skipped are told apart; else all off-diagonal are kept
  std::vector<Plane> levels;   ///< at least level 0, which may have no tiles

  std::int64_t rows() const noexcept { return levels.empty() ? 0 : levels.front().rows; }
  std::int64_t columns() const noexcept { return levels.empty() ? 0 : levels.front().columns; }
  /// Class and value of a tile; an index outside gives kNotChecked and -inf.
  TileClass tile_class(std::int64_t row, std::int64_t column) const;
  float value(std::int64_t row, std::int64_t column) const;
};

/// Computes a field of one head. `tau` [rows] takes the place of the stored thresholds, for
/// MaskSource::kThresholds and for margins; empty: the stored ones.
TileField make_field(const HeadArrays& head, Field field, MaskSource mask,
                     std::span<const float> tau = {});

/// A level of a stored pyramid as a field of that one level, whose tiles stand for 2^level by
/// 2^level; for pictures too small to show more. `values` or `codes` may be empty.
TileField field_of_level(Field field, std::int64_t rows, std::int64_t columns,
                         std::span<const float> values, std::span<const std::uint8_t> codes);

/// Halves rows and columns (rounded up) by the largest value and class.
Plane pool(const Plane& plane);

/// The values that a histogram or a common scale should count: level 0 without tiles that have
/// none.
std::vector<float> values_of(const TileField& field);

}  // namespace bsfa::gui
