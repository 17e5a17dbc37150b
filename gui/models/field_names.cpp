// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/tile_field.h"

namespace bsfa::gui {

QString name_of(Field field) {
  switch (field) {
    case Field::kTileMax:
      return QStringLiteral("tile_max");
    case Field::kMargin:
      return QStringLiteral("margin to τ");
    case Field::kTileMass:
      return QStringLiteral("tile mass");
    case Field::kLostMass:
      return QStringLiteral("mass lost by skipping");
    case Field::kReferenceMask:
      return QStringLiteral("mask of the reference");
    case Field::kKernelMask:
      return QStringLiteral("mask of the kernel");
    case Field::kDisagreement:
      return QStringLiteral("disagreement of the masks");
  }
  return {};
}

QString key_of(Field field) {
  switch (field) {
    case Field::kTileMax:
      return QStringLiteral("tile_max");
    case Field::kMargin:
      return QStringLiteral("margin");
    case Field::kTileMass:
      return QStringLiteral("tile_mass");
    case Field::kLostMass:
      return QStringLiteral("lost_mass");
    case Field::kReferenceMask:
      return QStringLiteral("mask_reference");
    case Field::kKernelMask:
      return QStringLiteral("mask_kernel");
    case Field::kDisagreement:
      return QStringLiteral("disagreement");
  }
  return {};
}

QString description_of(Field field) {
  switch (field) {
    case Field::kTileMax:
      return QStringLiteral("Largest scaled score of the tile, in natural units");
    case Field::kMargin:
      return QStringLiteral("tile_max less the threshold: tiles from 0 on are kept");
    case Field::kTileMass:
      return QStringLiteral("Share of the dense softmax inside the tile, mean over its rows");
    case Field::kLostMass:
      return QStringLiteral("tile mass where the tile is skipped, 0 where it is kept");
    case Field::kReferenceMask:
      return QStringLiteral("What the reference keeps and skips under the stored thresholds");
    case Field::kKernelMask:
      return QStringLiteral("What the kernel reports to have kept and skipped");
    case Field::kDisagreement:
      return QStringLiteral("Tiles that kernel and reference decide differently");
  }
  return {};
}

std::optional<Field> field_named(const QString& key) {
  for (const Field field : kFields) {
    if (key_of(field) == key) return field;
  }
  return std::nullopt;
}

bool is_categorical(Field field) {
  return field == Field::kReferenceMask || field == Field::kKernelMask ||
         field == Field::kDisagreement;
}

bool is_diverging(Field field) {
  return field == Field::kMargin;
}

QString name_of(TileClass tile) {
  switch (tile) {
    case TileClass::kNotChecked:
      return QStringLiteral("not checked");
    case TileClass::kOutside:
      return QStringLiteral("outside");
    case TileClass::kSkipped:
      return QStringLiteral("skipped");
    case TileClass::kKept:
      return QStringLiteral("kept");
    case TileClass::kDiagonal:
      return QStringLiteral("diagonal");
    case TileClass::kUnwritten:
      return QStringLiteral("no valid code");
    case TileClass::kNan:
      return QStringLiteral("NaN");
  }
  return {};
}

QString name_of(Disagreement disagreement) {
  switch (disagreement) {
    case Disagreement::kNone:
      return QStringLiteral("the masks agree");
    case Disagreement::kKernelKeeps:
      return QStringLiteral("the kernel keeps, the reference skips");
    case Disagreement::kKernelSkips:
      return QStringLiteral("the kernel skips, the reference keeps");
    case Disagreement::kOther:
      return QStringLiteral("the kernel's code is wrong");
  }
  return {};
}

QString name_of(MaskSource source) {
  switch (source) {
    case MaskSource::kKernel:
      return QStringLiteral("kernel");
    case MaskSource::kReference:
      return QStringLiteral("reference");
    case MaskSource::kThresholds:
      return QStringLiteral("thresholds");
  }
  return {};
}

}  // namespace bsfa::gui
