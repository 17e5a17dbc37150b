// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "gui/models/tile_field.h"
#include "tests/gui_models/support.h"

using namespace bsfa::gui;
using test::head_of;
using test::problem_of;
using test::sequence_of;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNanValue = std::numeric_limits<float>::quiet_NaN();

HeadArrays sample_head() {
  return head_of(sequence_of(problem_of(1, 4, 8), 7), 0);
}

}  // namespace

TEST_CASE("a margin is tile_max less the threshold, and its classes are those of the mask") {
  const HeadArrays head = sample_head();
  const TileField field = make_field(head, Field::kMargin, MaskSource::kKernel);
  REQUIRE(field.values_known);
  REQUIRE(field.classes_known);
  int kept = 0, skipped = 0;
  for (std::int64_t m = 0; m < 4; ++m) {
    for (std::int64_t n = 0; n < 8; ++n) {
      const TileClass tile = field.tile_class(m, n);
      if (tile == TileClass::kOutside) {
        CHECK(field.value(m, n) == -kInf);
        CHECK(n >= 2 * m + 2);
        continue;
      }
      const float margin = (*head.tile_max)[head.index(m, n)] - (*head.threshold)[std::size_t(m)];
      CHECK(field.value(m, n) == margin);
      if (tile == TileClass::kDiagonal) continue;
      CHECK((tile == TileClass::kKept) == (margin >= 0.0F));
      ++(margin >= 0.0F ? kept : skipped);
    }
  }
  CHECK(kept > 0);
  CHECK(skipped > 0);
}

TEST_CASE("lost mass is the mass of skipped tiles and nothing else") {
  const HeadArrays head = sample_head();
  const TileField field = make_field(head, Field::kLostMass, MaskSource::kKernel);
  double lost = 0.0, skipped = 0.0;
  for (std::int64_t m = 0; m < 4; ++m) {
    for (std::int64_t n = 0; n < 8; ++n) {
      const std::size_t at = head.index(m, n);
      if ((*head.mask_kernel)[at] == 1) skipped += double((*head.tile_mass)[at]);
      if (field.value(m, n) > 0.0F) lost += double(field.value(m, n));
    }
  }
  CHECK(lost > 0.0);
  CHECK(lost == Approx(skipped));
}

TEST_CASE("thresholds that are tried give the mask that the gate would") {
  const HeadArrays head = sample_head();
  const std::vector<float> keep_all(4, -kInf), skip_all(4, kInf);
  const TileField kept = make_field(head, Field::kTileMax, MaskSource::kThresholds, keep_all);
  const TileField skipped = make_field(head, Field::kTileMax, MaskSource::kThresholds, skip_all);
  const auto count = [](const TileField& field, TileClass tile) {
    const auto& classes = field.levels.front().classes;
    return std::count(classes.begin(), classes.end(), tile);
  };
  CHECK(count(kept, TileClass::kSkipped) == 0);
  CHECK(count(kept, TileClass::kKept) == 12);
  CHECK(count(skipped, TileClass::kSkipped) == 12);
  CHECK(count(skipped, TileClass::kKept) == 0);
  CHECK(count(skipped, TileClass::kDiagonal) == 8);
}

TEST_CASE("a tile that equals its threshold is kept, and its margin is 0 even at infinity") {
  HeadArrays head = sample_head();
  (*head.tile_max)[head.index(3, 0)] = 4.0F;
  (*head.tile_max)[head.index(2, 0)] = -kInf;
  const std::vector<float> tau{0.0F, 0.0F, -kInf, 4.0F};
  const TileField field = make_field(head, Field::kMargin, MaskSource::kThresholds, tau);
  CHECK(field.tile_class(3, 0) == TileClass::kKept);
  CHECK(field.value(3, 0) == 0.0F);
  CHECK(field.tile_class(2, 0) == TileClass::kKept);
  CHECK(field.value(2, 0) == 0.0F);
}

TEST_CASE("what is wrong with a tile is a class of its own and never a value") {
  HeadArrays head = sample_head();
  (*head.tile_max)[head.index(2, 1)] = kNanValue;
  (*head.mask_kernel)[head.index(3, 2)] = 238;
  (*head.mask_kernel)[head.index(1, 0)] = 255;
  for (const Field shown : kFields) {
    CAPTURE(key_of(shown).toStdString());
    const TileField field = make_field(head, shown, MaskSource::kKernel);
    CHECK(field.tile_class(2, 1) == TileClass::kNan);
    if (shown != Field::kReferenceMask) CHECK(field.tile_class(3, 2) == TileClass::kUnwritten);
    if (shown != Field::kReferenceMask) CHECK(field.tile_class(1, 0) == TileClass::kNotChecked);
    for (const Plane& plane : field.levels) {
      CHECK(std::none_of(plane.values.begin(), plane.values.end(),
                         [](float value) { return std::isnan(value); }));
    }
  }
}

TEST_CASE("masks that differ are told apart by who keeps") {
  HeadArrays head = sample_head();
  (*head.mask_reference)[head.index(3, 0)] = 1;
  (*head.mask_kernel)[head.index(3, 0)] = 2;
  (*head.mask_reference)[head.index(3, 1)] = 2;
  (*head.mask_kernel)[head.index(3, 1)] = 1;
  (*head.mask_kernel)[head.index(3, 7)] = 2;
  const TileField field = make_field(head, Field::kDisagreement, MaskSource::kKernel);
  CHECK(field.value(3, 0) == float(Disagreement::kKernelKeeps));
  CHECK(field.value(3, 1) == float(Disagreement::kKernelSkips));
  CHECK(field.value(3, 7) == float(Disagreement::kOther));
  CHECK(field.value(3, 2) == float(Disagreement::kNone));
}

TEST_CASE("rows that were not checked have no values and no classes") {
  HeadArrays head = sample_head();
  head.held = {1, 1, 0, 1};
  for (const Field shown : kFields) {
    const TileField field = make_field(head, shown, MaskSource::kKernel);
    for (std::int64_t n = 0; n < 8; ++n) {
      CHECK(field.tile_class(2, n) == TileClass::kNotChecked);
      CHECK(field.value(2, n) == -kInf);
    }
  }
}

TEST_CASE("fields whose arrays are missing know no values but draw the geometry") {
  HeadArrays head = sample_head();
  head.tile_max.reset();
  head.tile_mass.reset();
  head.tile_mass_max.reset();
  head.mask_kernel.reset();
  head.mask_reference.reset();
  head.threshold.reset();
  for (const Field shown : kFields) {
    CAPTURE(key_of(shown).toStdString());
    const TileField field = make_field(head, shown, MaskSource::kThresholds);
    CHECK_FALSE(field.values_known);
    CHECK_FALSE(field.classes_known);
    CHECK(field.tile_class(0, 0) == TileClass::kDiagonal);
    CHECK(field.tile_class(3, 0) == TileClass::kKept);
    CHECK(field.tile_class(0, 7) == TileClass::kOutside);
    CHECK(values_of(field).empty());
  }
}

TEST_CASE("the mask of the reference stands in for a kernel that reported none") {
  HeadArrays head = sample_head();
  head.mask_kernel.reset();
  const TileField field = make_field(head, Field::kTileMax, MaskSource::kKernel);
  CHECK(field.classes_known);
  const auto& classes = field.levels.front().classes;
  CHECK(std::count(classes.begin(), classes.end(), TileClass::kSkipped) > 0);
  CHECK_FALSE(make_field(head, Field::kKernelMask, MaskSource::kKernel).values_known);
}

TEST_CASE("a head without rows and one of a single tile are fields too") {
  HeadArrays head = sample_head();
  for (auto* array : {&head.tile_max, &head.tile_mass, &head.tile_mass_max, &head.threshold})
    array->emplace();
  head.mask_kernel.emplace();
  head.mask_reference.emplace();
  head.q_blocks.clear();
  for (const Field shown : kFields) {
    const TileField field = make_field(head, shown, MaskSource::kKernel);
    CHECK(field.rows() == 0);
    CHECK(field.tile_class(0, 0) == TileClass::kNotChecked);
  }
  const HeadArrays one = head_of(sequence_of(problem_of(1, 1, 2), 3), 0);
  CHECK(make_field(one, Field::kTileMax, MaskSource::kKernel).rows() == 1);
}

TEST_CASE("a pooled level holds the largest value and class of two by two, with odd edges") {
  Plane plane{3, 3, {}, {}};
  plane.values = {0, 1, 2, 3, 9, 5, 6, 7, -kInf};
  plane.classes.assign(9, TileClass::kSkipped);
  plane.classes[4] = TileClass::kKept;
  plane.classes[8] = TileClass::kNan;
  const Plane pooled = pool(plane);
  CHECK(pooled.rows == 2);
  CHECK(pooled.columns == 2);
  CHECK(pooled.values == std::vector<float>{9, 5, 7, -kInf});
  CHECK(pooled.classes == std::vector<TileClass>{TileClass::kKept, TileClass::kSkipped,
                                                 TileClass::kSkipped, TileClass::kNan});
}

TEST_CASE("levels of a large field keep one kept tile in sight up to the smallest") {
  HeadArrays head = head_of(sequence_of(problem_of(1, 100, 200), 1), 0);
  for (auto& code : *head.mask_kernel) code = code >= 1 ? 1 : 0;
  (*head.mask_kernel)[head.index(77, 13)] = 2;
  const TileField field = make_field(head, Field::kTileMass, MaskSource::kKernel);
  REQUIRE(field.levels.size() > 1);
  for (std::size_t level = 0; level < field.levels.size(); ++level) {
    const Plane& plane = field.levels[level];
    const auto at = std::size_t((77 >> level) * plane.columns + (13 >> level));
    CHECK(plane.classes[at] == TileClass::kKept);
    CHECK(std::count(plane.classes.begin(), plane.classes.end(), TileClass::kKept) == 1);
  }
}

TEST_CASE("a stored level becomes a field with its NaN told apart") {
  const std::vector<float> values{1.0F, kNanValue, -kInf, 4.0F};
  const std::vector<std::uint8_t> codes{2, 1, 0, 3};
  const TileField field = field_of_level(Field::kTileMax, 2, 2, values, codes);
  CHECK(field.tile_class(0, 0) == TileClass::kKept);
  CHECK(field.tile_class(0, 1) == TileClass::kNan);
  CHECK(field.tile_class(1, 0) == TileClass::kOutside);
  CHECK(field.value(1, 1) == 4.0F);
  CHECK_FALSE(field_of_level(Field::kTileMax, 2, 2, {}, codes).values_known);
  const TileField bare = field_of_level(Field::kTileMax, 2, 2, values, {});
  CHECK(bare.tile_class(1, 0) == TileClass::kOutside);
  CHECK(bare.tile_class(0, 0) == TileClass::kKept);
}

TEST_CASE("every field is found by its key") {
  for (const Field field : kFields) {
    CHECK(field_named(key_of(field)) == field);
    CHECK_FALSE(name_of(field).isEmpty());
    CHECK_FALSE(description_of(field).isEmpty());
  }
  CHECK_FALSE(field_named("no such").has_value());
}
