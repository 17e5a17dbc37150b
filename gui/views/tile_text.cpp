// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/tile_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"

namespace bsfa::gui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("tile_text", text);
}

}  // namespace

QString TokenRange::text() const {
  return first == last ? QString::number(first) : QStringLiteral("%1–%2").arg(first).arg(last);
}

TokenRange q_tokens(const core::Problem& problem, std::int64_t q_block) {
  const std::int64_t before = problem.kv_len - problem.q_len;
  const std::int64_t first = q_block * problem.gate.q_block;
  const std::int64_t last = std::min(first + problem.gate.q_block, problem.q_len) - 1;
  return {before + first, before + last};
}

TokenRange k_tokens(const core::Problem& problem, std::int64_t k_block) {
  const std::int64_t first = k_block * problem.gate.k_block;
  return {first, std::min(first + problem.gate.k_block, problem.kv_len) - 1};
}

QString value_text(const TileField& field, std::int64_t row, std::int64_t column) {
  const float value = field.value(row, column);
  if (field.field == Field::kDisagreement && value >= 0.0F) {
    return name_of(static_cast<Disagreement>(static_cast<int>(value)));
  }
  const TileClass tile = field.tile_class(row, column);
  const bool has_value = field.values_known && !is_categorical(field.field) &&
                         tile != TileClass::kOutside && tile != TileClass::kNotChecked &&
                         tile != TileClass::kNan;
  if (!has_value) return name_of(tile);
  const QString number = number_text(static_cast<double>(value), 5);
  return field.classes_known ? QStringLiteral("%1, %2").arg(number, name_of(tile)) : number;
}

QString tile_line(const HeadArrays& head, const TileField& field, std::int64_t row,
                  std::int64_t column) {
  if (row < 0 || row >= head.rows() || column < 0 || column >= head.k_blocks) return {};
  const std::int64_t q_block = head.q_blocks[static_cast<std::size_t>(row)];
  return tr("Q block %1 (tokens %2) · K block %3 (tokens %4) · %5: %6")
      .arg(QString::number(q_block), q_tokens(head.problem, q_block).text(),
           QString::number(column), k_tokens(head.problem, column).text(), name_of(field.field),
           value_text(field, row, column));
}

}  // namespace bsfa::gui
