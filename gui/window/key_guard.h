// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QWidget>

namespace bsfa::gui {

/// Whether typed characters belong to this widget: line and text editors, spin boxes, editable
/// combo boxes, read-only ones included, since people press keys there to search and copy.
bool takes_text(const QWidget* widget);

/// Whether a key with these modifiers is one that a text field would take for itself.
bool is_typing(int key, Qt::KeyboardModifiers modifiers);

/// Keeps actions on single keys (N, F, ?, Space) from acting while a text field has the focus.
/// Installed on the application: shortcuts are decided before any widget sees the key.
class KeyGuard : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;
  bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace bsfa::gui
