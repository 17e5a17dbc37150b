// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QMainWindow>
#include <QMenu>
#include <functional>

namespace bsfa::gui {

/// One thing that a person can do.
struct ActionSpec {
  QString id;    ///< stable, such as "view.fit"
  QString menu;  ///< title in the menu bar, such as "&View"
  QString text;
  QList<QKeySequence> shortcuts;
  QString hint = {};  ///< one line for the status bar and the palette
};

/// Every action of a window, each in a menu with its shortcut: what the menu bar, the list of
/// shortcuts and the palette show is this one list.
class ActionRegistry : public QObject {
  Q_OBJECT

 public:
  explicit ActionRegistry(QMainWindow& window);

  /// Ids and shortcuts must be new; a clash is a mistake of ours and ends the program.
  QAction* add(const ActionSpec& spec, std::function<void()> run);
  QAction* add_toggle(const ActionSpec& spec, bool on, std::function<void(bool)> run);
  /// An action made elsewhere, such as a dock's.
  QAction* adopt(const ActionSpec& spec, QAction* action);
  void add_separator(const QString& menu);
  QMenu* menu(const QString& title);

  QAction* action(const QString& id) const;
  /// In the order of their menus.
  const QList<QAction*>& actions() const { return actions_; }
  /// Title of the action's menu, and its text, without the marks of mnemonics.
  static QString menu_of(const QAction& action);
  static QString plain_text(const QAction& action);
  static QString shortcuts_of(const QAction& action);

 private:
  QMainWindow& window_;
  QList<QAction*> actions_;
  QHash<QString, QAction*> by_id_;
  QHash<QString, QMenu*> menus_;
};

}  // namespace bsfa::gui
