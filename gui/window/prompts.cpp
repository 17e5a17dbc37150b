// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/prompts.h"

#include <QFileDialog>
#include <QMessageBox>

namespace bsfa::gui {

QString Prompts::open_name(QWidget* parent, const QString& title, const QString& filter) {
  return QFileDialog::getOpenFileName(parent, title, {}, filter);
}

QString Prompts::save_name(QWidget* parent, const QString& title, const QString& suggested,
                           const QString& filter) {
  return QFileDialog::getSaveFileName(parent, title, suggested, filter);
}

QString Prompts::folder_name(QWidget* parent, const QString& title) {
  return QFileDialog::getExistingDirectory(parent, title);
}

Prompts::Unsaved Prompts::unsaved(QWidget* parent, const QString& what) {
  QMessageBox box(QMessageBox::Warning, QStringLiteral("bsfa-viewer"), what,
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, parent);
  box.setDefaultButton(QMessageBox::Save);
  box.setEscapeButton(QMessageBox::Cancel);
  switch (box.exec()) {
    case QMessageBox::Save:
      return Unsaved::kSave;
    case QMessageBox::Discard:
      return Unsaved::kDiscard;
    default:
      return Unsaved::kCancel;
  }
}

}  // namespace bsfa::gui
