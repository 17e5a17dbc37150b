// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/legend.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "gui/views/theme.h"

namespace bsfa::gui {

Legend::Legend(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Legend"));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void Legend::set_field(Field field, bool classes_known) {
  if (field == field_ && classes_known == classes_known_ && !accessibleDescription().isEmpty())
    return;
  field_ = field;
  classes_known_ = classes_known;
  QStringList names;
  for (const Entry& entry : entries(heat_style(field_, true), 8)) names << entry.name;
  setAccessibleDescription(names.join(QStringLiteral(", ")));
  updateGeometry();
  update();
}

std::vector<Legend::Entry> Legend::entries(const HeatStyle& style, int side) const {
  std::vector<Entry> made;
  const auto one_tile = [&](float value, TileClass tile) {
    TileField one;
    one.field = field_;
    one.values_known = one.classes_known = true;
    one.levels.push_back({1, 1, {value}, {tile}});
    return render_heat(one, {QRectF(0, 0, 1, 1), QSize(side, side), kCategoricalContrast}, style);
  };
  const bool is_disagreement = field_ == Field::kDisagreement;
  if (is_disagreement) {
    for (const Disagreement kind : {Disagreement::kNone, Disagreement::kKernelKeeps,
                                    Disagreement::kKernelSkips, Disagreement::kOther}) {
      made.push_back({name_of(kind), one_tile(static_cast<float>(kind), TileClass::kKept)});
    }
  }
  // A mask's values are its codes, and each has its own colour.
  const std::pair<TileClass, float> classes[] = {
      {TileClass::kKept, 2.0F},    {TileClass::kSkipped, 1.0F},    {TileClass::kDiagonal, 3.0F},
      {TileClass::kOutside, 0.0F}, {TileClass::kNotChecked, 0.0F}, {TileClass::kUnwritten, 0.0F},
      {TileClass::kNan, 0.0F}};
  for (const auto& [tile, code] : classes) {
    if (!classes_known_ && (tile == TileClass::kSkipped || tile == TileClass::kUnwritten)) continue;
    if (is_disagreement &&
        (tile == TileClass::kKept || tile == TileClass::kSkipped || tile == TileClass::kDiagonal)) {
      continue;
    }
    made.push_back({name_of(tile), is_categorical(field_)
                                       ? one_tile(code, tile)
                                       : render_look(tile, style, QSize(side, side))});
  }
  return made;
}

int Legend::lay_out(int width, QPainter* painter) const {
  const QFontMetrics metrics(small_font(*this));
  const int side = metrics.height(), gap = side / 3, line = side + gap;
  const double ratio = devicePixelRatioF();
  const HeatStyle style = heat_style(field_, theme_of(*this).kind == ThemeKind::kDark, ratio);
  int x = 4, y = gap / 2;
  for (Entry& entry : entries(style, static_cast<int>(std::lround(side * ratio)))) {
    const int needed = side + gap + metrics.horizontalAdvance(entry.name) + 3 * gap;
    if (x > 4 && x + needed > width) x = 4, y += line;
    if (painter != nullptr) {
      entry.look.setDevicePixelRatio(ratio);
      const QRect box(x, y, side, side);
      painter->drawImage(box.topLeft(), entry.look);
      painter->setPen(theme_of(*this).border);
      painter->drawRect(box.adjusted(0, 0, -1, -1));
      painter->setPen(theme_of(*this).text);
      painter->drawText(QRect(x + side + gap, y, needed, side), Qt::AlignVCenter | Qt::AlignLeft,
                        entry.name);
    }
    x += needed;
  }
  return y + line;
}

QSize Legend::sizeHint() const {
  return {em(*this, 30), lay_out(em(*this, 30), nullptr)};
}

int Legend::heightForWidth(int width) const {
  return lay_out(width, nullptr);
}

void Legend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_of(*this).panel);
  painter.setFont(small_font(*this));
  lay_out(width(), &painter);
}

}  // namespace bsfa::gui
