// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QStatusBar>
#include <QVBoxLayout>

#include "gui/window/window_actions.h"
#include "gui/window/window_commands.h"

namespace bsfa::gui {
namespace {

constexpr QSize kFirstSize{1440, 900};
constexpr int kLayoutVersion = 1;
constexpr int kTellMs = 5000;

/// What a drop names: the first file, here or on another machine.
QString dropped(const QMimeData& data) {
  for (const QUrl& url : data.urls()) {
    if (url.isLocalFile()) return url.toLocalFile();
    if (url.scheme() == QStringLiteral("ssh")) return url.toString();
  }
  return {};
}

}  // namespace

MainWindow::MainWindow(ViewerSettings& settings, QWidget* parent)
    : QMainWindow(parent),
      settings_(settings),
      opener_(workspace_),
      measurement_(workspace_, opener_),
      saver_(workspace_),
      registry_(*this),
      views_(new ViewSet(workspace_, this)),
      docks_(new DockSet(*this, workspace_, *views_)),
      commands_(new WindowCommands(*this)),
      center_(new QStackedWidget(this)),
      start_(new StartPage(this)),
      message_(new MessageBar(this)),
      opening_(new ProgressStrip(tr("Opening"), this)),
      measuring_(new ProgressStrip(tr("Measuring"), this)),
      saving_(new ProgressStrip(tr("Saving"), this)),
      verdict_(new VerdictLabel(this)),
      where_(new QLabel(this)) {
  build();
  add_actions(registry_, *this, *commands_);
  connect_parts();
  connect_opening();
  connect_measuring();
  connect_saving();
  qApp->installEventFilter(&guard_);

  resize(kFirstSize);
  docks_->arrange();
  restoreGeometry(settings_.geometry());
  restoreState(settings_.layout(), kLayoutVersion);
  show_file();
}

MainWindow::~MainWindow() {
  qApp->removeEventFilter(&guard_);
  // Views refer to the workspace, which as a member would go before the window's children.
  workspace_.disconnect();
  qDeleteAll(docks_->docks());
  delete takeCentralWidget();
}

void MainWindow::build() {
  setAcceptDrops(true);
  center_->addWidget(start_);
  center_->addWidget(docks_->head_frame());
  auto* center = new QWidget(this);
  auto* column = new QVBoxLayout(center);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(message_);
  column->addWidget(center_, 1);
  setCentralWidget(center);
  auto* jobs = new QWidget(this);
  auto* lines = new QVBoxLayout(jobs);
  lines->setContentsMargins(0, 0, 0, 0);
  for (ProgressStrip* strip : {opening_, measuring_, saving_}) lines->addWidget(strip);
  statusBar()->addPermanentWidget(jobs);
  statusBar()->addPermanentWidget(where_);
  statusBar()->addPermanentWidget(verdict_);
  where_->setAccessibleName(tr("Selection"));
}

void MainWindow::connect_parts() {
  connect(start_, &StartPage::file_chosen, this, &MainWindow::open);
  connect(start_, &StartPage::open_wanted, commands_, &WindowCommands::open_dialog);
  connect(views_, &ViewSet::hovered, this,
          [this](const QString& line) { statusBar()->showMessage(line); });
  connect(&workspace_, &Workspace::file_changed, this, &MainWindow::show_file);
  connect(&workspace_.selection(), &SelectionModel::changed, this, &MainWindow::show_title);

  connect(views_->thresholds, &ThresholdPanel::measure_asked, commands_, &WindowCommands::measure);
  connect(views_->thresholds, &ThresholdPanel::save_asked, commands_,
          [this] { commands_->save_thresholds(); });
  connect(views_->thresholds, &ThresholdPanel::copy_asked, commands_,
          &WindowCommands::copy_command);
  connect(views_->overview, &OverviewView::head_activated, this,
          [this] { views_->head->heatmap().setFocus(); });
}

void MainWindow::connect_opening() {
  connect(opening_, &ProgressStrip::cancelled, &opener_, &Opener::cancel);
  connect(&opener_, &Opener::progressed, opening_, &ProgressStrip::show_progress);
  connect(&opener_, &Opener::ended, this, &MainWindow::end_opening);
  opener_.set_gate([this](const Opener::Answer& answer) { ask_to_drop(answer); });
}

void MainWindow::connect_measuring() {
  connect(measuring_, &ProgressStrip::cancelled, &measurement_, &Measurement::cancel);
  connect(&measurement_, &Measurement::progressed, measuring_, &ProgressStrip::show_progress);
  connect(&measurement_, &Measurement::ended, this, [this](const QString& error) {
    measuring_->finish();
    if (!error.isEmpty()) complain(error);
  });
  connect(&measurement_, &Measurement::measured, this, &MainWindow::tell);
  connect(&measurement_, &Measurement::rejected, this, &MainWindow::complain);
  connect(&measurement_, &Measurement::waiting, this,
          [this](const QString& line) { message_->show_message(Standing::kWarning, line); });
  // After the views have drawn the curve itself, which takes measured points off.
  const ThresholdModel& model = workspace_.thresholds();
  connect(&model, &ThresholdModel::changed, this, &MainWindow::show_measured);
  connect(&model, &ThresholdModel::evaluated, this, &MainWindow::show_measured);
  connect(&workspace_, &Workspace::head_changed, this, &MainWindow::show_measured);
  connect(&workspace_, &Workspace::sequence_changed, this, &MainWindow::show_measured);
  connect(views_->thresholds, &ThresholdPanel::scope_changed, this, &MainWindow::show_measured);
}

void MainWindow::connect_saving() {
  connect(saving_, &ProgressStrip::cancelled, &saver_, &ThresholdSaver::cancel);
  connect(&saver_, &ThresholdSaver::progressed, saving_, &ProgressStrip::show_progress);
  connect(&saver_, &ThresholdSaver::ended, this, [this](const QString& error) {
    saving_->finish();
    if (!error.isEmpty()) complain(error);
  });
  connect(&saver_, &ThresholdSaver::saved, this,
          [this](const QString& name) { tell(tr("Saved %1").arg(name)); });
}

void MainWindow::show_measured() {
  views_->curve->set_measured(
      measurement_.points(views_->thresholds->scope(), workspace_.head_key()));
}

void MainWindow::open(const QString& text) {
  start_opening([this, text] { opener_.open(text); });
}

void MainWindow::reload() {
  start_opening([this] { opener_.reload(); });
}

void MainWindow::open_measured() {
  if (measurement_.latest().isEmpty()) return tell(tr("Nothing was measured yet."));
  start_opening([this] { measurement_.open_latest(); });
}

void MainWindow::start_opening(const std::function<void()>& start) {
  ask_to_drop([this, start](bool allowed) {
    if (!allowed) return;
    const auto given_up = given_up_;
    message_->dismiss();
    start();
    // The end of the opening before has taken it back.
    if (opener_.busy()) given_up_ = given_up;
  });
}

void MainWindow::end_opening(const QString& error) {
  opening_->finish();
  given_up_.reset();
  const QString wanted = opener_.wanted(), source = opener_.source();
  if (!error.isEmpty()) {
    if (measurement_.made(wanted)) {
      measurement_.forget(wanted);
      return complain(tr("The measurement brought no trace that can be read. %1").arg(error));
    }
    if (!is_remote(wanted) && !QFileInfo::exists(wanted)) settings_.forget_recent(wanted);
    return complain(error);
  }
  if (workspace_.file() && !source.isEmpty() && !measurement_.made(source)) {
    settings_.add_recent(source);
  }
}

void MainWindow::ask_to_drop(const Opener::Answer& answer) {
  ThresholdModel& model = workspace_.thresholds();
  if (!model.edited() || model.undo_stack().isClean()) return answer(true);
  const ThresholdChoices tried = model.plan().choices;
  if (given_up_ == tried) return answer(true);
  switch (prompts_->unsaved(this, tr("The thresholds that you try are not saved."))) {
    case Prompts::Unsaved::kSave:
      // They may be changed again until they are written: those would be lost unasked.
      return commands_->save_thresholds([this, answer](const QString& file) {
        file.isEmpty() ? answer(false) : ask_to_drop(answer);
      });
    case Prompts::Unsaved::kDiscard:
      given_up_ = tried;
      return answer(true);
    case Prompts::Unsaved::kCancel:
      return answer(false);
  }
}

bool MainWindow::may_close() {
  struct Asked {
    bool allowed = false, waits = false;
  };
  const auto asked = std::make_shared<Asked>();
  const Opener::Answer answer = [this, asked](bool allowed) {
    asked->allowed = allowed;
    if (allowed && asked->waits) close();
  };
  ask_to_drop(answer);
  // Asked for, and not taken back: it is written before the window goes.
  const bool writes = saver_.busy() && !given_up_;
  if (asked->allowed && writes) {
    asked->allowed = false;
    saver_.wait([answer](const QString& file) { answer(!file.isEmpty()); });
  }
  asked->waits = true;
  return asked->allowed && may_drop_measured();
}

bool MainWindow::may_drop_measured() {
  if (measurement_.unsaved().isEmpty()) return true;
  switch (prompts_->unsaved(this, tr("The trace that you measured is not saved."))) {
    case Prompts::Unsaved::kSave:
      return commands_->save_measured();
    case Prompts::Unsaved::kDiscard:
      return true;
    case Prompts::Unsaved::kCancel:
      return false;
  }
  return false;
}

void MainWindow::close_trace() {
  ask_to_drop([this](bool allowed) {
    if (!allowed) return;
    opener_.close();
    given_up_.reset();
  });
}

void MainWindow::cancel() {
  opener_.cancel();
  measurement_.cancel();
  saver_.cancel();
}

void MainWindow::show_file() {
  const auto file = workspace_.file();
  center_->setCurrentWidget(file ? static_cast<QWidget*>(docks_->head_frame()) : start_);
  show_docks(file != nullptr);
  show_title();
  if (!file) {
    start_->set_files(settings_.recent_files(),
                      recorded_traces(QCoreApplication::applicationDirPath()));
    verdict_->hide();
    return;
  }
  const QString verdict = QString::fromStdString(file->provenance().verdict);
  verdict_->set_verdict(standing_of(verdict), verdict.isEmpty() ? tr("no verdict") : verdict);
  verdict_->show();
  const QStringList& notes = file->notes();
  if (!notes.isEmpty()) {
    const QString more = notes.size() == 1 ? QString() : tr(" (and %1 more)").arg(notes.size() - 1);
    message_->show_message(Standing::kWarning, notes.first() + more, notes.join(QLatin1Char('\n')));
  }
  if (QWidget::isVisible()) views_->head->heatmap().setFocus();
}

void MainWindow::show_title() {
  const auto file = workspace_.file();
  if (!file) {
    setWindowTitle(QStringLiteral("bsfa-viewer"));
    where_->clear();
    return;
  }
  const traces::Provenance& from = file->provenance();
  QStringList parts = {file->name(), tr("layer %1").arg(workspace_.sequence_key().layer)};
  for (const std::string& part : {from.kernel, from.gpu}) {
    if (!part.empty()) parts << QString::fromStdString(part);
  }
  setWindowTitle(parts.join(QStringLiteral(" · ")) + QStringLiteral(" — bsfa-viewer"));
  const QString link = link_of(workspace_.selection().current());
  where_->setText(link.mid(link.lastIndexOf(QLatin1Char('#')) + 1));
}

void MainWindow::show_docks(bool on) {
  if (docks_shown_ == on) return;
  docks_shown_ = on;
  if (on) {
    restoreState(layout_, kLayoutVersion);
    return;
  }
  layout_ = saveState(kLayoutVersion);
  for (QDockWidget* dock : docks_->docks()) dock->hide();
}

void MainWindow::reset_layout() {
  settings_.forget_window();
  docks_->arrange();
}

void MainWindow::tell(const QString& line) {
  statusBar()->showMessage(line, kTellMs);
}

void MainWindow::complain(const QString& line) {
  message_->show_message(Standing::kBad, line);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!may_close()) {
    given_up_.reset();
    return event->ignore();
  }
  cancel();
  settings_.set_window(saveGeometry(), docks_shown_ ? saveState(kLayoutVersion) : layout_);
  QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!dropped(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QString name = dropped(*event->mimeData());
  if (name.isEmpty()) return;
  event->acceptProposedAction();
  open(name);
}

}  // namespace bsfa::gui
