// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/number_box.h"

#include <algorithm>

namespace bsfa::gui {

NumberBox::NumberBox(const QString& name, QWidget* parent) : QDoubleSpinBox(parent) {
  setAccessibleName(name);
  setDecimals(12);  // what is kept, not what is shown
  setRange(-1e9, 1e9);
  setKeyboardTracking(false);
  setButtonSymbols(QAbstractSpinBox::UpDownArrows);
  setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("-00.0000")) + 24);
}

QSize NumberBox::sizeHint() const {
  // Room for what is shown, not for all digits that are kept.
  return {
      std::max(minimumWidth(), fontMetrics().horizontalAdvance(QStringLiteral("-00.000000")) + 24),
      QDoubleSpinBox::sizeHint().height()};
}

QString NumberBox::textFromValue(double value) const {
  return QString::number(value, 'g', 5);
}

double NumberBox::valueFromText(const QString& text) const {
  QString number = text.trimmed();
  if (!suffix().isEmpty() && number.endsWith(suffix())) number.chop(suffix().size());
  return number.trimmed().toDouble();
}

QValidator::State NumberBox::validate(QString& text, int&) const {
  QString number = text.trimmed();
  if (!suffix().isEmpty() && number.endsWith(suffix().trimmed())) {
    number.chop(suffix().trimmed().size());
  }
  bool is_number = false;
  const double value = number.trimmed().toDouble(&is_number);
  if (is_number) {
    return value >= minimum() && value <= maximum() ? QValidator::Acceptable
                                                    : QValidator::Intermediate;
  }
  // What may still become a number.
  for (const QChar letter : number) {
    if (!letter.isDigit() && !QStringLiteral("+-.eE ").contains(letter)) return QValidator::Invalid;
  }
  return QValidator::Intermediate;
}

}  // namespace bsfa::gui
