// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/key_guard.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextEdit>

namespace bsfa::gui {

bool takes_text(const QWidget* widget) {
  if (const auto* box = qobject_cast<const QComboBox*>(widget)) return box->isEditable();
  return qobject_cast<const QLineEdit*>(widget) != nullptr ||
         qobject_cast<const QAbstractSpinBox*>(widget) != nullptr ||
         qobject_cast<const QTextEdit*>(widget) != nullptr ||
         qobject_cast<const QPlainTextEdit*>(widget) != nullptr;
}

bool is_typing(int key, Qt::KeyboardModifiers modifiers) {
  const auto chords = modifiers & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
  return chords == Qt::NoModifier && key < Qt::Key_Escape;
}

bool KeyGuard::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && takes_text(qobject_cast<QWidget*>(watched))) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (is_typing(key->key(), key->modifiers())) {
      event->accept();
      return true;
    }
  }
  return QObject::eventFilter(watched, event);
}

}  // namespace bsfa::gui
