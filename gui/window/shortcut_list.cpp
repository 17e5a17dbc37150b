// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/shortcut_list.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QTableWidget>
#include <QVBoxLayout>

#include "gui/window/command_palette.h"

namespace bsfa::gui {
namespace {

QList<Gesture> rows_of(const ActionRegistry& registry) {
  QList<Gesture> rows;
  for (const QAction* action : registry.actions()) {
    const QString keys = ActionRegistry::shortcuts_of(*action);
    if (keys.isEmpty()) continue;
    rows << Gesture{ActionRegistry::menu_of(*action), keys, ActionRegistry::plain_text(*action)};
  }
  return rows + view_gestures();
}

void fill(QTableWidget& table, const QList<Gesture>& rows) {
  table.setRowCount(static_cast<int>(rows.size()));
  for (int row = 0; row < table.rowCount(); ++row) {
    table.setItem(row, 0, new QTableWidgetItem(rows[row].where));
    table.setItem(row, 1, new QTableWidgetItem(rows[row].keys));
    table.setItem(row, 2, new QTableWidgetItem(rows[row].what));
  }
  table.resizeColumnsToContents();
}

void show_matching(QTableWidget& table, const QString& wanted) {
  for (int row = 0; row < table.rowCount(); ++row) {
    QString text;
    for (int column = 0; column < table.columnCount(); ++column) {
      text += table.item(row, column)->text() + QLatin1Char(' ');
    }
    table.setRowHidden(row, !matches_words(text, wanted));
  }
}

}  // namespace

QList<Gesture> view_gestures() {
  const QString heatmap = ShortcutList::tr("Heatmap");
  const QString timeline = ShortcutList::tr("Timeline");
  const QString tables = ShortcutList::tr("Tables");
  return {
      {heatmap, ShortcutList::tr("wheel"), ShortcutList::tr("zoom at the cursor")},
      {heatmap, ShortcutList::tr("drag"), ShortcutList::tr("pan")},
      {heatmap, ShortcutList::tr("double click"), ShortcutList::tr("fit")},
      {heatmap, ShortcutList::tr("arrows"), ShortcutList::tr("move by one tile")},
      {heatmap, ShortcutList::tr("Space held"),
       ShortcutList::tr("blink the reference's mask against the kernel's")},
      {timeline, ShortcutList::tr("wheel, Ctrl+wheel"), ShortcutList::tr("scroll, zoom")},
      {timeline, ShortcutList::tr("W S, A D"), ShortcutList::tr("zoom in and out, pan")},
      {timeline, ShortcutList::tr("F, Esc"), ShortcutList::tr("fit, clear the selection")},
      {tables, ShortcutList::tr("Ctrl+C"), ShortcutList::tr("copy the selected rows, or all")},
  };
}

ShortcutList::ShortcutList(const ActionRegistry& registry, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Keyboard shortcuts"));
  setAttribute(Qt::WA_DeleteOnClose);
  auto* input = new QLineEdit(this);
  input->setPlaceholderText(tr("Filter"));
  input->setAccessibleName(tr("Filter of the shortcuts"));
  auto* table = new QTableWidget(0, 3, this);
  table->setAccessibleName(tr("Shortcuts"));
  table->setHorizontalHeaderLabels({tr("Where"), tr("Keys"), tr("What")});
  table->horizontalHeader()->setStretchLastSection(true);
  table->verticalHeader()->hide();
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  fill(*table, rows_of(registry));
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(input);
  layout->addWidget(table);
  resize(80 * fontMetrics().averageCharWidth(), 34 * fontMetrics().height());
  connect(input, &QLineEdit::textChanged, this,
          [table](const QString& wanted) { show_matching(*table, wanted); });
}

}  // namespace bsfa::gui
