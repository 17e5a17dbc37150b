// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/action_registry.h"

#include <QMenuBar>
#include <utility>

namespace bsfa::gui {
namespace {

constexpr const char* kMenuProperty = "bsfa_menu";

QString without_mnemonic(QString text) {
  text.replace(QStringLiteral("&&"), QStringLiteral("\x01"));
  text.remove(QLatin1Char('&'));
  return text.replace(QStringLiteral("\x01"), QStringLiteral("&"));
}

}  // namespace

ActionRegistry::ActionRegistry(QMainWindow& window) : QObject(&window), window_(window) {}

QMenu* ActionRegistry::menu(const QString& title) {
  QMenu*& entry = menus_[title];
  if (entry == nullptr) {
    entry = window_.menuBar()->addMenu(title);
    entry->setToolTipsVisible(true);
  }
  return entry;
}

void ActionRegistry::add_separator(const QString& title) {
  menu(title)->addSeparator();
}

QAction* ActionRegistry::adopt(const ActionSpec& spec, QAction* action) {
  if (by_id_.contains(spec.id)) qFatal("two actions are called %s", qPrintable(spec.id));
  for (const QAction* other : actions_) {
    for (const QKeySequence& shortcut : spec.shortcuts) {
      if (other->shortcuts().contains(shortcut)) {
        qFatal("%s and %s share a shortcut", qPrintable(spec.id), qPrintable(other->objectName()));
      }
    }
  }
  action->setObjectName(spec.id);
  action->setText(spec.text);
  action->setShortcuts(spec.shortcuts);
  action->setShortcutContext(Qt::WindowShortcut);
  action->setStatusTip(spec.hint);
  action->setToolTip(spec.hint.isEmpty() ? without_mnemonic(spec.text) : spec.hint);
  action->setProperty(kMenuProperty, without_mnemonic(spec.menu));
  menu(spec.menu)->addAction(action);
  window_.addAction(action);
  actions_ << action;
  by_id_.insert(spec.id, action);
  return action;
}

QAction* ActionRegistry::add(const ActionSpec& spec, std::function<void()> run) {
  auto* action = adopt(spec, new QAction(this));
  connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
  return action;
}

QAction* ActionRegistry::add_toggle(const ActionSpec& spec, bool on,
                                    std::function<void(bool)> run) {
  auto* action = adopt(spec, new QAction(this));
  action->setCheckable(true);
  action->setChecked(on);
  connect(action, &QAction::toggled, this, std::move(run));
  return action;
}

QAction* ActionRegistry::action(const QString& id) const {
  return by_id_.value(id, nullptr);
}

QString ActionRegistry::menu_of(const QAction& action) {
  return action.property(kMenuProperty).toString();
}

QString ActionRegistry::plain_text(const QAction& action) {
  return without_mnemonic(action.text());
}

QString ActionRegistry::shortcuts_of(const QAction& action) {
  QStringList texts;
  for (const QKeySequence& shortcut : action.shortcuts()) {
    texts << shortcut.toString(QKeySequence::NativeText);
  }
  return texts.join(QStringLiteral(", "));
}

}  // namespace bsfa::gui
