// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/tile_field.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/mask.h"
#include "core/tile_geometry.h"

namespace bsfa::gui {
namespace {

constexpr float kNone = -std::numeric_limits<float>::infinity();
/// Levels end where a thumbnail would not shrink further.
constexpr std::int64_t kSmallestSide = 64;

constexpr std::array<TileClass, 256> kClassOfCode = [] {
  std::array<TileClass, 256> classes{};
  classes.fill(TileClass::kUnwritten);
  classes[0] = TileClass::kOutside;
  classes[1] = TileClass::kSkipped;
  classes[2] = TileClass::kKept;
  classes[3] = TileClass::kDiagonal;
  classes[255] = TileClass::kNotChecked;
  return classes;
}();

TileClass class_of(std::uint8_t code) {
  return kClassOfCode[code];
}

Disagreement disagreement_of(std::uint8_t reference, std::uint8_t kernel) {
  if (reference == kernel || reference == 255 || kernel == 255) return Disagreement::kNone;
  if (reference == 1 && kernel == 2) return Disagreement::kKernelKeeps;
  if (reference == 2 && kernel == 1) return Disagreement::kKernelSkips;
  return Disagreement::kOther;
}

/// The mask that gives the classes of a field, null where it is not in the trace.
const std::vector<std::uint8_t>* mask_for(const HeadArrays& head, Field field, MaskSource source) {
  const auto* reference = head.mask_reference ? &*head.mask_reference : nullptr;
  const auto* kernel = head.mask_kernel ? &*head.mask_kernel : nullptr;
  if (field == Field::kReferenceMask) return reference;
  if (field == Field::kKernelMask) return kernel;
  if (source == MaskSource::kReference) return reference;
  return kernel != nullptr ? kernel : reference;
}

/// One row of tiles by the geometry, with what is off-diagonal taken for kept.
void classes_by_place(const core::TileGeometry& geometry, std::int64_t q_block, TileClass* row,
                      std::int64_t columns) {
  const std::int64_t visible = std::min(geometry.visible_k_blocks(q_block), columns);
  const core::Range diagonal = geometry.diagonal_k_blocks(q_block);
  std::fill_n(row, visible, TileClass::kKept);
  std::fill(row + visible, row + columns, TileClass::kOutside);
  for (std::int64_t n = std::max<std::int64_t>(diagonal.begin, 0);
       n < std::min(diagonal.end, visible); ++n) {
    row[n] = TileClass::kDiagonal;
  }
}

bool is_known(const std::optional<std::vector<float>>& array) {
  return array.has_value();
}

bool values_known(const HeadArrays& head, Field field, bool have_tau) {
  switch (field) {
    case Field::kTileMax:
      return is_known(head.tile_max);
    case Field::kMargin:
      return is_known(head.tile_max) && have_tau;
    case Field::kTileMass:
      return is_known(head.tile_mass);
    case Field::kLostMass:
      return is_known(head.tile_mass) &&
             (head.mask_kernel || head.mask_reference || (is_known(head.tile_max) && have_tau));
    case Field::kReferenceMask:
      return head.mask_reference.has_value();
    case Field::kKernelMask:
      return head.mask_kernel.has_value();
    case Field::kDisagreement:
      return head.mask_reference && head.mask_kernel;
  }
  return false;
}

/// Fills level 0 of a field row by row.
class FieldMaker {
 public:
  FieldMaker(const HeadArrays& head, TileField& field, std::span<const float> tau)
      : head_(head), field_(field), geometry_(head.problem), plane_(field.levels.front()) {
    if (!tau.empty()) {
      tau_ = tau;
    } else if (head.threshold) {
      tau_ = *head.threshold;
    }
    if (tau_.size() != head.q_blocks.size()) tau_ = {};
    field_.values_known = values_known(head, field.field, !tau_.empty());
    by_threshold_ = field.mask == MaskSource::kThresholds && head.tile_max && !tau_.empty() &&
                    field.field != Field::kReferenceMask && field.field != Field::kKernelMask;
    mask_ = by_threshold_ ? nullptr : mask_for(head, field.field, field.mask);
    field_.classes_known = by_threshold_ || mask_ != nullptr;
  }

  void make() {
    const auto tiles = static_cast<std::size_t>(plane_.rows * plane_.columns);
    plane_.values.assign(tiles, kNone);
    plane_.classes.assign(tiles, TileClass::kNotChecked);
    for (std::int64_t row = 0; row < plane_.rows; ++row) {
      if (!head_.checked(row)) continue;
      classify(row);
      if (field_.values_known) fill(row);
    }
  }

 private:
  void classify(std::int64_t row) {
    const std::size_t first = head_.index(row, 0);
    TileClass* classes = plane_.classes.data() + first;
    const auto columns = static_cast<std::size_t>(plane_.columns);
    if (mask_ != nullptr) {
      for (std::size_t n = 0; n < columns; ++n) classes[n] = class_of((*mask_)[first + n]);
    } else {
      classes_by_place(geometry_, head_.q_blocks[static_cast<std::size_t>(row)], classes,
                       plane_.columns);
    }
    if (!head_.tile_max) return;
    const float* scores = head_.tile_max->data() + first;
    if (by_threshold_) {
      const float tau = tau_[static_cast<std::size_t>(row)];
      for (std::size_t n = 0; n < columns; ++n) {
        if (classes[n] == TileClass::kKept && !core::gate_keeps(scores[n], tau))
          classes[n] = TileClass::kSkipped;
      }
    }
    mark_nan(scores, classes, columns);
  }

  static bool has_value(TileClass tile) {
    return tile == TileClass::kSkipped || tile == TileClass::kKept || tile == TileClass::kDiagonal;
  }

  static void mark_nan(const float* values, TileClass* classes, std::size_t columns) {
    for (std::size_t n = 0; n < columns; ++n) {
      if (std::isnan(values[n]) && has_value(classes[n])) classes[n] = TileClass::kNan;
    }
  }

  void fill(std::int64_t row) {
    const std::size_t first = head_.index(row, 0);
    const float tau = tau_.empty() ? 0.0F : tau_[static_cast<std::size_t>(row)];
    switch (field_.field) {
      case Field::kTileMax:
        return fill(first, [&](std::size_t at) { return (*head_.tile_max)[at]; });
      case Field::kMargin:
        return fill(first, [&](std::size_t at) { return margin((*head_.tile_max)[at], tau); });
      case Field::kTileMass:
        return fill(first, [&](std::size_t at) { return (*head_.tile_mass)[at]; });
      case Field::kLostMass:
        return fill(first, [&](std::size_t at) {
          return plane_.classes[at] == TileClass::kSkipped ? (*head_.tile_mass)[at] : 0.0F;
        });
      case Field::kReferenceMask:
        return fill(
            first, [&](std::size_t at) { return static_cast<float>((*head_.mask_reference)[at]); });
      case Field::kKernelMask:
        return fill(first,
                    [&](std::size_t at) { return static_cast<float>((*head_.mask_kernel)[at]); });
      case Field::kDisagreement:
        return fill(first, [&](std::size_t at) {
          return static_cast<float>(
              disagreement_of((*head_.mask_reference)[at], (*head_.mask_kernel)[at]));
        });
    }
  }

  template <typename Value>
  void fill(std::size_t first, Value value_of) {
    const std::size_t last = first + static_cast<std::size_t>(plane_.columns);
    for (std::size_t at = first; at < last; ++at) {
      const TileClass tile = plane_.classes[at];
      const float value = value_of(at);
      const bool lacks = tile == TileClass::kOutside || tile == TileClass::kNotChecked;
      plane_.values[at] = lacks || std::isnan(value) ? kNone : value;
      plane_.classes[at] = std::isnan(value) && has_value(tile) ? TileClass::kNan : tile;
    }
  }

  /// inf - inf would be NaN, which it is not: equal infinities are a tie, and a tie has no margin.
  static float margin(float score, float tau) { return score == tau ? 0.0F : score - tau; }

  const HeadArrays& head_;
  TileField& field_;
  core::TileGeometry geometry_;
  Plane& plane_;
  std::span<const float> tau_;
  bool by_threshold_ = false;
  const std::vector<std::uint8_t>* mask_ = nullptr;
};

void add_levels(TileField& field) {
  while (std::max(field.levels.back().rows, field.levels.back().columns) > kSmallestSide)
    field.levels.push_back(pool(field.levels.back()));
}

template <typename T>
void pool_rows(const T* upper, const T* lower, std::size_t columns, T* both, T* out) {
  for (std::size_t c = 0; c < columns; ++c) both[c] = std::max(upper[c], lower[c]);
  const std::size_t pairs = columns / 2;
  for (std::size_t c = 0; c < pairs; ++c) out[c] = std::max(both[2 * c], both[2 * c + 1]);
  if (columns % 2 != 0) out[pairs] = both[columns - 1];
}

}  // namespace

std::optional<std::int64_t> HeadArrays::row_of(std::int64_t q_block) const {
  const auto at = std::lower_bound(q_blocks.begin(), q_blocks.end(), q_block);
  if (at == q_blocks.end() || *at != q_block) return std::nullopt;
  return at - q_blocks.begin();
}

std::size_t HeadArrays::bytes() const noexcept {
  std::size_t total = sizeof(*this) + q_blocks.size() * sizeof(std::int64_t) + held.size();
  for (const auto* array : {&tile_max, &tile_mass, &tile_mass_max, &threshold})
    if (*array) total += (*array)->size() * sizeof(float);
  for (const auto* array : {&mask_reference, &mask_kernel})
    if (*array) total += (*array)->size();
  return total;
}

TileClass TileField::tile_class(std::int64_t row, std::int64_t column) const {
  if (row < 0 || column < 0 || row >= rows() || column >= columns()) return TileClass::kNotChecked;
  return levels.front().classes[static_cast<std::size_t>(row * columns() + column)];
}

float TileField::value(std::int64_t row, std::int64_t column) const {
  if (row < 0 || column < 0 || row >= rows() || column >= columns()) return kNone;
  return levels.front().values[static_cast<std::size_t>(row * columns() + column)];
}

TileField make_field(const HeadArrays& head, Field field, MaskSource mask,
                     std::span<const float> tau) {
  TileField out;
  out.field = field;
  out.mask = mask;
  out.levels.emplace_back();
  out.levels.front().rows = head.rows();
  out.levels.front().columns = head.k_blocks;
  FieldMaker(head, out, tau).make();
  add_levels(out);
  return out;
}

TileField field_of_level(Field field, std::int64_t rows, std::int64_t columns,
                         std::span<const float> values, std::span<const std::uint8_t> codes) {
  TileField out;
  out.field = field;
  Plane plane{rows, columns, {}, {}};
  const auto tiles = static_cast<std::size_t>(rows * columns);
  out.values_known = is_categorical(field) ? codes.size() == tiles : values.size() == tiles;
  out.classes_known = codes.size() == tiles;
  plane.values.assign(tiles, kNone);
  plane.classes.assign(tiles, out.classes_known ? TileClass::kNotChecked : TileClass::kKept);
  for (std::size_t i = 0; i < tiles; ++i) {
    TileClass& tile = plane.classes[i];
    if (out.classes_known) tile = class_of(codes[i]);
    if (tile == TileClass::kOutside || tile == TileClass::kNotChecked) continue;
    if (!out.values_known) continue;
    const float value = is_categorical(field) ? static_cast<float>(codes[i]) : values[i];
    if (std::isnan(value)) {
      tile = TileClass::kNan;
    } else if (!out.classes_known && value == kNone) {
      tile = TileClass::kOutside;
    } else {
      plane.values[i] = value;
    }
  }
  out.levels.push_back(std::move(plane));
  return out;
}

Plane pool(const Plane& plane) {
  Plane out{(plane.rows + 1) / 2, (plane.columns + 1) / 2, {}, {}};
  const auto columns = static_cast<std::size_t>(plane.columns);
  const auto pooled = static_cast<std::size_t>(out.columns);
  out.values.resize(static_cast<std::size_t>(out.rows) * pooled);
  out.classes.resize(out.values.size());
  std::vector<float> values(columns);
  std::vector<std::uint8_t> classes(columns);
  const auto* codes = reinterpret_cast<const std::uint8_t*>(plane.classes.data());
  auto* pooled_codes = reinterpret_cast<std::uint8_t*>(out.classes.data());
  for (std::int64_t row = 0; row < out.rows; ++row) {
    const std::size_t upper = static_cast<std::size_t>(2 * row) * columns;
    const std::size_t lower =
        static_cast<std::size_t>(std::min(2 * row + 1, plane.rows - 1)) * columns;
    const std::size_t to = static_cast<std::size_t>(row) * pooled;
    pool_rows(plane.values.data() + upper, plane.values.data() + lower, columns, values.data(),
              out.values.data() + to);
    pool_rows(codes + upper, codes + lower, columns, classes.data(), pooled_codes + to);
  }
  return out;
}

std::vector<float> values_of(const TileField& field) {
  std::vector<float> out;
  if (field.levels.empty() || !field.values_known) return out;
  const Plane& plane = field.levels.front();
  for (std::size_t i = 0; i < plane.values.size(); ++i) {
    const TileClass tile = plane.classes[i];
    if (tile == TileClass::kSkipped || tile == TileClass::kKept || tile == TileClass::kDiagonal)
      out.push_back(plane.values[i]);
  }
  return out;
}

}  // namespace bsfa::gui
