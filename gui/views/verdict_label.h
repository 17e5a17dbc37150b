// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPainter;

namespace bsfa::gui {

struct Theme;

/// How a thing stands; never told by colour alone.
enum class Standing { kUnknown, kGood, kWarning, kBad };

/// That of a trace's verdict: "pass", "fail", "inconclusive"; unknown for other words.
Standing standing_of(const QString& verdict);
/// A tick, an exclamation mark in a triangle, a cross or a question mark.
void draw_standing(QPainter& painter, const Theme& colors, const QRectF& box, Standing standing);
QColor color_of(Standing standing, const Theme& colors);

/// Icon and word, in the standing's colour.
class VerdictLabel : public QWidget {
  Q_OBJECT

 public:
  explicit VerdictLabel(QWidget* parent = nullptr);
  void set_verdict(Standing standing, const QString& text);
  Standing standing() const { return standing_; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Standing standing_ = Standing::kUnknown;
  QString text_;
};

}  // namespace bsfa::gui
