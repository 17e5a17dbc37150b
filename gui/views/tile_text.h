// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>

#include "core/problem.h"
#include "gui/models/tile_field.h"

namespace bsfa::gui {

/// First and last token of a block, in positions of the whole sequence.
struct TokenRange {
  std::int64_t first = 0, last = 0;
  QString text() const;
};
TokenRange q_tokens(const core::Problem& problem, std::int64_t q_block);
TokenRange k_tokens(const core::Problem& problem, std::int64_t k_block);

/// A field's value of a tile in words: a number, the name of a class or of a disagreement.
QString value_text(const TileField& field, std::int64_t row, std::int64_t column);

/// Indices, token ranges, value and class of a tile in one line.
QString tile_line(const HeadArrays& head, const TileField& field, std::int64_t row,
                  std::int64_t column);

}  // namespace bsfa::gui
