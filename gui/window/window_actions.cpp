// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/window_actions.h"

#include <QCoreApplication>
#include <QLineEdit>
#include <array>

#include "gui/views/table_panel.h"
#include "gui/window/command_palette.h"
#include "gui/window/main_window.h"
#include "gui/window/panel_walk.h"
#include "gui/window/shortcut_list.h"
#include "gui/window/window_commands.h"

namespace bsfa::gui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("bsfa::gui::Actions", text);
}

QKeySequence ctrl(Qt::Key key) {
  return QKeySequence(Qt::CTRL | key);
}
QKeySequence ctrl_shift(Qt::Key key) {
  return QKeySequence(Qt::CTRL | Qt::SHIFT | key);
}

void add_recent(ActionRegistry& registry, MainWindow& window, const QString& menu) {
  auto* recent = registry.menu(menu)->addMenu(tr("Open &recent"));
  QObject::connect(recent, &QMenu::aboutToShow, recent, [recent, &window] {
    recent->clear();
    for (const QString& file : window.settings().recent_files()) {
      recent->addAction(file, &window, [&window, file] { window.open(file); });
    }
    recent->addSeparator();
    recent->addAction(tr("&Clear"), &window, [&window] { window.settings().clear_recent(); });
  });
}

void add_file(ActionRegistry& registry, MainWindow& window, WindowCommands& commands) {
  const QString menu = tr("&File");
  registry.add({"file.open", menu, tr("&Open..."), {ctrl(Qt::Key_O)}},
               [&] { commands.open_dialog(); });
  registry.add({"file.open_remote",
                menu,
                tr("Open re&mote..."),
                {ctrl_shift(Qt::Key_O)},
                tr("Copy a trace from another machine by ssh and open it")},
               [&] { commands.open_remote(); });
  add_recent(registry, window, menu);
  registry.add({"file.reload",
                menu,
                tr("&Reload"),
                {QKeySequence(Qt::Key_F5)},
                tr("Read the trace again and stay at this place")},
               [&] { window.reload(); });
  registry.add({"file.compare",
                menu,
                tr("Compare &with..."),
                {ctrl(Qt::Key_D)},
                tr("Two traces side by side, and their difference")},
               [&] { commands.compare(); });
  registry.add_separator(menu);
  registry.add({"file.export_view", menu, tr("Export &view as PNG..."), {ctrl(Qt::Key_E)}},
               [&] { commands.export_view(); });
  registry.add({"file.export_table", menu, tr("Export &table as CSV..."), {ctrl_shift(Qt::Key_E)}},
               [&] { commands.export_table(); });
  registry.add({"file.export_pictures", menu, tr("Export five &pictures..."), {}},
               [&] { commands.export_pictures(); });
  registry.add_separator(menu);
  registry.add({"file.close", menu, tr("&Close trace"), {ctrl(Qt::Key_W)}},
               [&] { window.close_trace(); });
  registry.add({"file.quit", menu, tr("&Quit"), {ctrl(Qt::Key_Q)}}, [&] { window.close(); });
}

void add_edit(ActionRegistry& registry, MainWindow& window, WindowCommands& commands) {
  const QString menu = tr("&Edit");
  QUndoStack& undo = window.workspace().thresholds().undo_stack();
  QAction* back = undo.createUndoAction(&registry, tr("&Undo"));
  QAction* forth = undo.createRedoAction(&registry, tr("&Redo"));
  registry.adopt({"edit.undo", menu, tr("&Undo"), {ctrl(Qt::Key_Z)}}, back);
  registry.adopt({"edit.redo", menu, tr("&Redo"), {ctrl_shift(Qt::Key_Z), ctrl(Qt::Key_Y)}}, forth);
  registry.add_separator(menu);
  registry.add({"edit.copy_link",
                menu,
                tr("Copy &link"),
                {ctrl(Qt::Key_L)},
                tr("The selection as trace.h5#L4/H2/Q47/K70")},
               [&] { commands.copy_link(); });
  registry.add({"edit.copy_tile",
                menu,
                tr("Copy tile as c&ommand"),
                {ctrl_shift(Qt::Key_C)},
                tr("The bsfa line that checks this Q block again")},
               [&] { commands.copy_tile(); });
  registry.add_separator(menu);
  registry.add({"edit.find_action", menu, tr("&Find action..."), {ctrl_shift(Qt::Key_P)}},
               [&] { (new CommandPalette(registry, &window))->show(); });
  registry.add({"edit.filter_heads",
                menu,
                tr("Filter &heads"),
                {ctrl(Qt::Key_F)},
                tr("Words such as 4.2, fail, density<0.3")},
               [&] {
                 window.docks().raise({"heads"});
                 window.views().heads->filter_field().setFocus();
               });
}

void add_fields(ActionRegistry& registry, MainWindow& window, const QString& menu) {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const Field field = kFields[i];
    const auto key = static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(i));
    registry.add({"view.field." + key_of(field),
                  menu,
                  tr("Show %1").arg(name_of(field)),
                  {QKeySequence(key)},
                  description_of(field)},
                 [&window, field] { window.views().head->set_field(field); });
  }
}

void add_arrangements(ActionRegistry& registry, MainWindow& window, const QString& menu) {
  struct Arrangement {
    const char *id, *text;
    QStringList docks;
  };
  const std::array arrangements{
      Arrangement{"view.overview", "Go to &overview", {"heads", "overview"}},
      Arrangement{"view.head", "Go to &head", {"contrast", "inspector"}},
      Arrangement{"view.error", "Go to &error", {"error"}},
      Arrangement{"view.balance", "Go to &balance", {"timeline", "balance"}},
      Arrangement{"view.thresholds", "Go to &thresholds", {"thresholds", "curve"}}};
  for (std::size_t i = 0; i < arrangements.size(); ++i) {
    const Arrangement& each = arrangements[i];
    const auto key = static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(i));
    const QString id = QString::fromLatin1(each.id);
    registry.add({id, menu, tr(each.text), {ctrl(key)}}, [&window, id, docks = each.docks] {
      window.docks().raise(docks);
      if (id == QStringLiteral("view.head")) {
        window.views().head->heatmap().setFocus();
      } else {
        focus_into(*window.docks().frame(docks.last()));
      }
    });
  }
}

void add_view(ActionRegistry& registry, MainWindow& window, WindowCommands& commands) {
  const QString menu = tr("&View");
  add_arrangements(registry, window, menu);
  registry.add_separator(menu);
  registry.add({"view.next_panel",
                menu,
                tr("Next &panel"),
                {QKeySequence(Qt::Key_F6)},
                tr("Also those behind tabs")},
               [&] { step_panel(window.docks(), 1); });
  registry.add(
      {"view.previous_panel", menu, tr("Previous pane&l"), {QKeySequence(Qt::SHIFT | Qt::Key_F6)}},
      [&] { step_panel(window.docks(), -1); });
  registry.add_separator(menu);
  add_fields(registry, window, menu);
  registry.add_separator(menu);
  registry.add({"view.zoom_back", menu, tr("Zoom bac&k"), {QKeySequence(Qt::ALT | Qt::Key_Left)}},
               [&] { window.views().head->heatmap().go_back(); });
  registry.add(
      {"view.zoom_forward", menu, tr("Zoom for&ward"), {QKeySequence(Qt::ALT | Qt::Key_Right)}},
      [&] { window.views().head->heatmap().go_forward(); });
  registry.add({"view.fit", menu, tr("&Fit head"), {ctrl(Qt::Key_0)}},
               [&] { window.views().head->heatmap().fit(); });
  registry.add_toggle({"view.blink",
                       menu,
                       tr("Blin&k masks"),
                       {ctrl(Qt::Key_B)},
                       tr("The reference's mask and the kernel's in turn")},
                      false, [&](bool on) { window.views().head->heatmap().set_blink(on); });
  registry.add_separator(menu);
  for (const char* theme : {"light", "dark", "system"}) {
    const QString name = QString::fromLatin1(theme);
    registry.add({"view.theme." + name, menu, tr("Theme: %1").arg(name), {}},
                 [&commands, name] { commands.set_theme(name); });
  }
  registry.add(
      {"view.font_larger", menu, tr("&Larger text"), {ctrl(Qt::Key_Plus), ctrl(Qt::Key_Equal)}},
      [&] { commands.scale_font(window.settings().font_percent() + 10); });
  registry.add({"view.font_smaller", menu, tr("&Smaller text"), {ctrl(Qt::Key_Minus)}},
               [&] { commands.scale_font(window.settings().font_percent() - 10); });
  registry.add({"view.full_screen", menu, tr("F&ull screen"), {QKeySequence(Qt::Key_F11)}},
               [&] { window.setWindowState(window.windowState() ^ Qt::WindowFullScreen); });
  registry.add_separator(menu);
  for (QDockWidget* dock : window.docks().docks()) {
    registry.adopt(
        {"view.dock." + dock->objectName(), menu, tr("Panel: %1").arg(dock->windowTitle()), {}},
        dock->toggleViewAction());
  }
  registry.add({"view.reset", menu, tr("Reset layou&t"), {}}, [&] { window.reset_layout(); });
}

void add_trace(ActionRegistry& registry, MainWindow& window, WindowCommands& commands) {
  const QString menu = tr("&Trace");
  SelectionModel& selection = window.workspace().selection();
  registry.add({"trace.next_head", menu, tr("Next &head"), {QKeySequence(Qt::Key_BracketRight)}},
               [&] { commands.step_head(1); });
  registry.add(
      {"trace.previous_head", menu, tr("Pre&vious head"), {QKeySequence(Qt::Key_BracketLeft)}},
      [&] { commands.step_head(-1); });
  registry.add(
      {"trace.worst_head", menu, tr("&Worst head"), {QKeySequence(Qt::CTRL | Qt::Key_Home)}},
      [&] { commands.show_worst_head(); });
  registry.add_separator(menu);
  registry.add({"trace.next_fault", menu, tr("&Next violation"), {QKeySequence(Qt::Key_N)}},
               [&] { commands.step_fault(false); });
  registry.add({"trace.previous_fault",
                menu,
                tr("&Previous violation"),
                {QKeySequence(Qt::SHIFT | Qt::Key_N)}},
               [&] { commands.step_fault(true); });
  registry.add_separator(menu);
  registry.add(
      {"trace.back", menu, tr("Selection &back"), {QKeySequence(Qt::CTRL | Qt::Key_BracketLeft)}},
      [&selection] { selection.back(); });
  registry.add({"trace.forward",
                menu,
                tr("Selection &forward"),
                {QKeySequence(Qt::CTRL | Qt::Key_BracketRight)}},
               [&selection] { selection.forward(); });
  registry.add_separator(menu);
  registry.add({"trace.open_measured",
                menu,
                tr("Open &measured trace"),
                {},
                tr("The last that was measured in this window")},
               [&] { window.open_measured(); });
  registry.add({"trace.save_measured", menu, tr("&Save measured trace..."), {}},
               [&] { commands.save_measured(); });
  registry.add({"trace.notes",
                menu,
                tr("N&otes on this trace"),
                {},
                tr("What is missing from it or could not be read")},
               [&] { commands.show_notes(); });
}

void add_thresholds(ActionRegistry& registry, MainWindow& window, WindowCommands& commands) {
  const QString menu = tr("Th&resholds");
  registry.add({"thresholds.measure",
                menu,
                tr("&Measure..."),
                {ctrl(Qt::Key_M)},
                tr("Run bsfa under these thresholds, here or by ssh")},
               [&] { commands.measure(); });
  registry.add({"thresholds.save", menu, tr("&Save..."), {ctrl(Qt::Key_S)}},
               [&] { commands.save_thresholds(); });
  registry.add({"thresholds.copy_command",
                menu,
                tr("Copy as &command"),
                {ctrl_shift(Qt::Key_X)},
                tr("The bsfa line that repeats what is shown")},
               [&] { commands.copy_command(); });
  registry.add({"thresholds.reset", menu, tr("&Reset"), {}, tr("As the trace has them")}, [&] {
    window.workspace().thresholds().reset(ThresholdScope::kAll, window.workspace().head_key());
  });
}

void add_help(ActionRegistry& registry, MainWindow& window, WindowCommands& commands) {
  const QString menu = tr("&Help");
  registry.add({"help.contents", menu, tr("&Tour and reference"), {QKeySequence(Qt::Key_F1)}},
               [&] { commands.show_help(); });
  registry.add({"help.shortcuts",
                menu,
                tr("Keyboard &shortcuts"),
                {QKeySequence(Qt::Key_Question), QKeySequence(Qt::SHIFT | Qt::Key_Question)}},
               [&] { (new ShortcutList(registry, &window))->show(); });
  registry.add({"help.about", menu, tr("&About"), {}}, [&] { commands.show_about(); });
}

}  // namespace

void add_actions(ActionRegistry& registry, MainWindow& window, WindowCommands& commands) {
  add_file(registry, window, commands);
  add_edit(registry, window, commands);
  add_view(registry, window, commands);
  add_trace(registry, window, commands);
  add_thresholds(registry, window, commands);
  add_help(registry, window, commands);
}

}  // namespace bsfa::gui
