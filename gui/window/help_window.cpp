// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/help_window.h"

#include <QFile>
#include <QTextBrowser>
#include <QVBoxLayout>

/// A static library's resources are linked in only where somebody asks for them; the macro wants
/// the global namespace.
static void need_help_resource() {
  Q_INIT_RESOURCE(help);
}

namespace bsfa::gui {

QString help_text() {
  need_help_resource();
  QFile file(QStringLiteral(":/help/viewer.md"));
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

HelpWindow::HelpWindow(QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("The viewer"));
  auto* text = new QTextBrowser(this);
  text->setAccessibleName(tr("Tour and reference"));
  text->setMarkdown(help_text());
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(text);
  resize(90 * fontMetrics().averageCharWidth(), 45 * fontMetrics().height());
}

}  // namespace bsfa::gui
