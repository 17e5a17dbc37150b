// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

namespace bsfa::gui {

/// docs/viewer.md, which is built in.
class HelpWindow : public QDialog {
  Q_OBJECT

 public:
  explicit HelpWindow(QWidget* parent);
};

/// The text of the tour as Markdown.
QString help_text();

}  // namespace bsfa::gui
