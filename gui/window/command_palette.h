// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QLineEdit>
#include <QListWidget>

#include "gui/window/action_registry.h"

namespace bsfa::gui {

/// Whether every word of `wanted` begins or continues somewhere in `text`, whatever its case.
bool matches_words(const QString& text, const QString& wanted);

/// Finds any action by a few letters of its words; Enter runs it, Escape closes.
class CommandPalette : public QDialog {
  Q_OBJECT

 public:
  CommandPalette(const ActionRegistry& registry, QWidget* parent);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void filter(const QString& wanted);
  void run_current();

  const ActionRegistry& registry_;
  QLineEdit* input_;
  QListWidget* list_;
};

}  // namespace bsfa::gui
