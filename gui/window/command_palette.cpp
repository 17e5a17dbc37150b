// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/command_palette.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

namespace bsfa::gui {

bool matches_words(const QString& text, const QString& wanted) {
  const QStringList words = wanted.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  return std::all_of(words.begin(), words.end(),
                     [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

CommandPalette::CommandPalette(const ActionRegistry& registry, QWidget* parent)
    : QDialog(parent),
      registry_(registry),
      input_(new QLineEdit(this)),
      list_(new QListWidget(this)) {
  setWindowTitle(tr("Find action"));
  setAttribute(Qt::WA_DeleteOnClose);
  input_->setPlaceholderText(tr("What to do"));
  input_->setAccessibleName(tr("Words of the action's name"));
  input_->setClearButtonEnabled(true);
  list_->setAccessibleName(tr("Actions found"));
  list_->setUniformItemSizes(true);
  list_->setFocusPolicy(Qt::NoFocus);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(input_);
  layout->addWidget(list_);
  const int width = fontMetrics().averageCharWidth();
  resize(70 * width, 22 * fontMetrics().height());

  input_->installEventFilter(this);
  connect(input_, &QLineEdit::textChanged, this, &CommandPalette::filter);
  connect(input_, &QLineEdit::returnPressed, this, &CommandPalette::run_current);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::run_current);
  filter({});
  input_->setFocus();
}

void CommandPalette::filter(const QString& wanted) {
  list_->clear();
  for (QAction* action : registry_.actions()) {
    const QString title = QStringLiteral("%1: %2").arg(ActionRegistry::menu_of(*action),
                                                       ActionRegistry::plain_text(*action));
    if (!action->isEnabled() || !matches_words(title, wanted)) continue;
    const QString keys = ActionRegistry::shortcuts_of(*action);
    auto* item =
        new QListWidgetItem(keys.isEmpty() ? title : QStringLiteral("%1    [%2]").arg(title, keys));
    item->setData(Qt::UserRole, action->objectName());
    item->setToolTip(action->toolTip());
    list_->addItem(item);
  }
  list_->setCurrentRow(0);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == input_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    // The list moves while the typing goes on.
    if (key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_PageUp ||
        key == Qt::Key_PageDown) {
      QCoreApplication::sendEvent(list_, event);
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

void CommandPalette::run_current() {
  const QListWidgetItem* item = list_->currentItem();
  if (item == nullptr) return;
  QAction* action = registry_.action(item->data(Qt::UserRole).toString());
  accept();
  // After the palette is gone, so that what the action opens does not lie under it.
  QTimer::singleShot(0, action, &QAction::trigger);
}

}  // namespace bsfa::gui
