// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/window_commands.h"

#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QFileInfo>
#include <QInputDialog>
#include <QMessageBox>
#include <QSaveFile>

#include "core/error.h"
#include "gui/models/commands.h"
#include "gui/models/table_text.h"
#include "gui/views/table_panel.h"
#include "gui/window/appearance.h"
#include "gui/window/compare_window.h"
#include "gui/window/export_page.h"
#include "gui/window/exporter.h"
#include "gui/window/help_window.h"
#include "gui/window/main_window.h"
#include "gui/window/measure_dialog.h"

namespace bsfa::gui {
namespace {

constexpr qint64 kCopiedAtOnce = qint64{1} << 20;

/// Copies a file, which may be larger than the memory; empty, or one line that says what failed.
QString copy_file(const QString& from, const QString& to) {
  QFile source(from);
  if (!source.open(QIODevice::ReadOnly)) {
    return QStringLiteral("%1: %2").arg(from, source.errorString());
  }
  QSaveFile target(to);
  bool written = target.open(QIODevice::WriteOnly);
  while (written && !source.atEnd()) {
    const QByteArray bytes = source.read(kCopiedAtOnce);
    if (bytes.isEmpty()) return QStringLiteral("%1: %2").arg(from, source.errorString());
    written = target.write(bytes) == bytes.size();
  }
  if (written && target.commit()) return {};
  return QStringLiteral("%1: %2").arg(to, target.errorString());
}

}  // namespace

WindowCommands::WindowCommands(MainWindow& window) : QObject(&window), window_(window) {}

void WindowCommands::open_dialog() {
  const QString name = window_.prompts().open_name(&window_, tr("Open trace"),
                                                   tr("Traces (*.h5 *.hdf5);;All files (*)"));
  if (!name.isEmpty()) window_.open(name);
}

void WindowCommands::open_remote() {
  bool accepted = false;
  const QString text = QInputDialog::getText(
      &window_, tr("Open remote trace"), tr("ssh://[user@]host[:port]/path/trace.h5"),
      QLineEdit::Normal, QStringLiteral("ssh://"), &accepted);
  if (accepted && !text.isEmpty()) window_.open(text);
}

void WindowCommands::compare() {
  const auto file = window_.workspace().file();
  if (!file) return;
  const QString other = window_.prompts().open_name(&window_, tr("Compare with"),
                                                    tr("Traces (*.h5 *.hdf5);;All files (*)"));
  if (other.isEmpty()) return;
  auto* compared = new CompareWindow(&window_);
  compared->setAttribute(Qt::WA_DeleteOnClose);
  compared->show();
  compared->open(file->path(), other);
}

QString WindowCommands::save_name(const QString& title, const QString& suggested,
                                  const QString& filter) {
  return window_.prompts().save_name(&window_, title, suggested, filter);
}

bool WindowCommands::save_measured() {
  Measurement& measurement = window_.measurement();
  QString from = measurement.open_trace();
  if (from.isEmpty()) from = measurement.latest();
  if (from.isEmpty()) {
    window_.tell(tr("Nothing was measured yet."));
    return false;
  }
  const QString name =
      save_name(tr("Save measured trace"), QStringLiteral("measured.h5"), tr("Traces (*.h5)"));
  if (name.isEmpty()) return false;
  const QString error = copy_file(from, name);
  if (!error.isEmpty()) {
    window_.complain(error);
    return false;
  }
  const QString path = QFileInfo(name).absoluteFilePath();
  measurement.set_saved(from, path);
  window_.settings().add_recent(path);
  window_.tell(tr("Saved %1").arg(name));
  return true;
}

void WindowCommands::export_pictures() {
  if (!window_.workspace().file()) return;
  const QString folder = window_.prompts().folder_name(&window_, tr("Folder for the pictures"));
  if (folder.isEmpty()) return;
  const QString error = export_workspace(window_.workspace(), folder);
  if (!error.isEmpty()) return window_.complain(error);
  window_.tell(tr("Wrote five pictures to %1").arg(folder));
}

QWidget* WindowCommands::view_in_focus() const {
  for (QWidget* at = QApplication::focusWidget(); at != nullptr; at = at->parentWidget()) {
    if (qobject_cast<StateFrame*>(at) != nullptr) return at;
  }
  return window_.docks().head_frame();
}

QTableView* WindowCommands::table_in_focus() const {
  for (QWidget* at = QApplication::focusWidget(); at != nullptr; at = at->parentWidget()) {
    if (auto* table = qobject_cast<QTableView*>(at)) return table;
    if (auto* panel = qobject_cast<TablePanel*>(at)) return &panel->table();
  }
  return &window_.views().heads->table().table();
}

void WindowCommands::export_view() {
  QWidget* view = view_in_focus();
  const QImage picture = view->grab().toImage();
  const QString name =
      save_name(tr("Export view"), view->accessibleName().toLower() + QStringLiteral(".png"),
                tr("Pictures (*.png)"));
  if (name.isEmpty()) return;
  try {
    write_png(picture, name);
    window_.tell(tr("Wrote %1").arg(name));
  } catch (const core::OutputError& error) {
    window_.complain(QString::fromUtf8(error.what()));
  }
}

void WindowCommands::export_table() {
  const QByteArray text = to_csv(*table_in_focus()->model()).toUtf8();
  const QString name =
      save_name(tr("Export table"), QStringLiteral("heads.csv"), tr("Tables (*.csv)"));
  if (name.isEmpty()) return;
  QSaveFile file(name);
  if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit()) {
    return window_.complain(tr("%1: %2").arg(name, file.errorString()));
  }
  window_.tell(tr("Wrote %1").arg(name));
}

void WindowCommands::copy_text(const QString& text, const QString& what) {
  if (text.isEmpty()) return window_.tell(tr("There is nothing to copy."));
  QApplication::clipboard()->setText(text);
  window_.tell(tr("Copied %1").arg(what));
}

void WindowCommands::copy_link() {
  if (!window_.workspace().file()) return;
  Selection place = window_.workspace().selection().current();
  // Where it was opened from: a copy from another machine, or of a measurement, is gone tomorrow.
  place.run = window_.opener().source();
  const Measurement& measurement = window_.measurement();
  const bool lasts = !measurement.made(place.run) || !measurement.saved_as(place.run).isEmpty();
  if (measurement.made(place.run) && lasts) place.run = measurement.saved_as(place.run);
  copy_text(link_of(place),
            lasts ? tr("the link") : tr("the link; it holds until this window is closed"));
}

void WindowCommands::with_thresholds(const std::function<void(const QString& file)>& use) {
  Workspace& workspace = window_.workspace();
  if (!workspace.thresholds().edited() && !thresholds_are_gone(*workspace.file())) return use({});
  const QString saved = window_.saver().file_of_shown();
  if (!saved.isEmpty()) return use(saved);
  save_thresholds([this, use](const QString& file) {
    if (!file.isEmpty()) return use(file);
    window_.tell(tr("Not copied: the command needs the thresholds in a file."));
  });
}

void WindowCommands::copy_tile() {
  const auto file = window_.workspace().file();
  if (!file || !names_input(*file)) return;
  const auto copy = [this, file,
                     place = window_.workspace().selection().current()](const QString& thresholds) {
    copy_text(tile_command(*file, place, thresholds), tr("the command"));
  };
  // The measured mask is checked again, not thresholds that are tried.
  thresholds_are_gone(*file) ? with_thresholds(copy) : copy({});
}

void WindowCommands::copy_command() {
  const auto file = window_.workspace().file();
  if (!file || !names_input(*file)) return;
  with_thresholds([this, file](const QString& thresholds) {
    copy_text(repeat_command(*file, std::nullopt, thresholds), tr("the command"));
  });
}

bool WindowCommands::names_input(const TraceFile& file) {
  if (!repeat_command(file, std::nullopt, {}).isEmpty()) return true;
  window_.tell(tr("Not copied: %1 does not name its input.").arg(file.name()));
  return false;
}

void WindowCommands::measure() {
  Measurement& measurement = window_.measurement();
  if (measurement.running()) return window_.tell(tr("A measurement is running."));
  QString error;
  MeasureRequest request = measurement.suggested(&error);
  if (!error.isEmpty()) return window_.complain(error);
  ViewerSettings& settings = window_.settings();
  request.host = settings.measure_host();
  request.program = settings.measure_program();
  if (request.program.isEmpty()) {
    request.program = request.host.isEmpty() ? local_bsfa() : QStringLiteral("bsfa");
  }
  MeasureDialog dialog(request, &window_);
  if (dialog.exec() != QDialog::Accepted) return;
  request = dialog.request();
  settings.set_measure(request.host, request.program);
  measurement.start(request);
}

void WindowCommands::save_thresholds(const ThresholdSaver::Then& then) {
  ThresholdSaver& saver = window_.saver();
  const auto give_up = [&] {
    if (then) then({});
  };
  if (!window_.workspace().file()) return give_up();
  if (saver.busy() && !then) return window_.tell(tr("Thresholds are being saved."));
  if (saver.writes_shown()) return saver.wait(then);
  if (saver.busy()) return saver.wait([this, then](const QString&) { save_thresholds(then); });
  const QString name = save_name(tr("Save thresholds"), QStringLiteral("thresholds.safetensors"),
                                 tr("Thresholds (*.safetensors)"));
  if (name.isEmpty()) return give_up();
  saver.save(name, then);
}

void WindowCommands::step_head(int by) {
  const HeadTableModel& heads = window_.workspace().heads();
  const int count = heads.rowCount();
  if (count == 0) return;
  const int row = heads.row_of(window_.workspace().head_key());
  window_.workspace().selection().select_head(heads.key_at(((row + by) % count + count) % count));
}

void WindowCommands::show_worst_head() {
  if (const auto worst = worst_head(window_.workspace().heads().heads())) {
    window_.workspace().selection().select_head(*worst);
  }
}

void WindowCommands::step_fault(bool backward) {
  Workspace& workspace = window_.workspace();
  const traces::Sequence* sequence = workspace.sequence();
  if (sequence == nullptr) return;
  const Selection& now = workspace.selection().current();
  const auto next = next_fault(*sequence, {now.head, now.q_block}, backward);
  if (!next) return window_.tell(tr("This layer has no violation and no error beyond its bound."));
  workspace.selection().select_block({workspace.sequence_key(), next->head}, next->q_block);
}

void WindowCommands::show_notes() {
  const auto file = window_.workspace().file();
  if (!file) return;
  const QStringList& notes = file->notes();
  QMessageBox::information(
      &window_, tr("Notes on %1").arg(file->name()),
      notes.isEmpty() ? tr("Nothing is missing from this trace.") : notes.join(QLatin1Char('\n')));
}

void WindowCommands::show_help() {
  auto* help = new HelpWindow(&window_);
  help->setAttribute(Qt::WA_DeleteOnClose);
  help->show();
}

void WindowCommands::show_about() {
  QMessageBox::about(&window_, tr("About bsfa-viewer"),
                     tr("bsfa-viewer %1\n\nLooks at traces of bsfa.\nQt %2; GPL-3.0-or-later.")
                         .arg(QStringLiteral(BSFA_VERSION), QString::fromLatin1(qVersion())));
}

void WindowCommands::set_theme(const QString& name) {
  window_.settings().set_theme(name);
  apply_appearance(name, window_.settings().font_percent());
}

void WindowCommands::scale_font(int percent) {
  window_.settings().set_font_percent(percent);
  apply_appearance(window_.settings().theme(), window_.settings().font_percent());
}

}  // namespace bsfa::gui
