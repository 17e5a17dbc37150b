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

/// What a drop names: the first local file, else the first text.
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
      measurement_(workspace_),
      registry_(*this),
      views_(new ViewSet(workspace_, this)),
      docks_(new DockSet(*this, workspace_, *views_)),
      commands_(new WindowCommands(*this)),
      center_(new QStackedWidget(this)),
      start_(new StartPage(this)),
      message_(new MessageBar(this)),
      progress_(new ProgressStrip(this)),
      verdict_(new VerdictLabel(this)),
      where_(new QLabel(this)) {
  build();
  add_actions(registry_, *this, *commands_);
  connect_parts();
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
  statusBar()->addPermanentWidget(progress_);
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

  connect(progress_, &ProgressStrip::cancelled, this, &MainWindow::cancel);
  connect(&opener_, &Opener::progressed, progress_, &ProgressStrip::show_progress);
  connect(&measurement_, &Measurement::progressed, progress_, &ProgressStrip::show_progress);
  connect(&opener_, &Opener::ended, this, [this](const QString& error) {
    progress_->finish();
    if (!error.isEmpty()) {
      if (!is_remote(opener_.wanted()) && !QFileInfo::exists(opener_.wanted())) {
        settings_.forget_recent(opener_.wanted());
      }
      return complain(error);
    }
    if (workspace_.file() && !opener_.source().isEmpty()) settings_.add_recent(opener_.source());
  });
  connect(&measurement_, &Measurement::ended, this, [this](const QString& error) {
    progress_->finish();
    if (!error.isEmpty()) complain(error);
  });
  connect(&measurement_, &Measurement::measured, this, [this] {
    views_->curve->set_measured(measurement_.points());
    tell(tr("Measured. Trace > Save measured trace keeps it."));
  });
  connect(views_->thresholds, &ThresholdPanel::measure_asked, commands_, &WindowCommands::measure);
  connect(views_->thresholds, &ThresholdPanel::save_asked, commands_,
          &WindowCommands::save_thresholds);
  connect(views_->thresholds, &ThresholdPanel::copy_asked, commands_,
          &WindowCommands::copy_command);
  connect(views_->overview, &OverviewView::head_activated, this,
          [this] { views_->head->heatmap().setFocus(); });
}

void MainWindow::open(const QString& text) {
  message_->dismiss();
  opener_.open(text);
}

void MainWindow::close_trace() {
  opener_.cancel();
  workspace_.close();
}

void MainWindow::cancel() {
  opener_.cancel();
  measurement_.cancel();
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
