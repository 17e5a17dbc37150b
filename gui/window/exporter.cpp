// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/exporter.h"

#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTextStream>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/error.h"
#include "gui/window/dock_set.h"
#include "gui/window/export_page.h"

namespace bsfa::gui {
namespace {

constexpr int kPatienceMs = 20000;

/// Lets events run until something is so; false where it takes longer than so much, if anything.
bool wait_for(const std::function<bool()>& is_so, std::optional<int> patience_ms = kPatienceMs) {
  QElapsedTimer watch;
  watch.start();
  while (!is_so()) {
    if (patience_ms && watch.elapsed() > *patience_ms) return false;
    QEventLoop loop;
    QTimer::singleShot(5, &loop, &QEventLoop::quit);
    loop.exec(QEventLoop::ExcludeUserInputEvents);
  }
  return true;
}

/// Views of their own, so that those of a window stay where they are.
class Pages {
 public:
  explicit Pages(Workspace& workspace)
      : workspace_(workspace),
        views_(workspace, &host_),
        docks_(new DockSet(host_, workspace, views_)) {}

  /// Whether some page was drawn before its content was there.
  bool is_late() const { return is_late_; }

  QImage overview();
  QImage head();
  QImage error();
  QImage balance();
  QImage thresholds();

 private:
  struct Part {
    QString dock, title;
    int row = 0, column = 0, row_span = 1, column_span = 1;
  };
  QImage page(const QString& title, const std::vector<Part>& parts, const QList<int>& rows,
              const QList<int>& columns);
  QString subtitle() const;
  QString head_name() const;
  QWidget* frame(const QString& dock);
  bool pictures_loaded() const;
  void add_figures(QImage& image) const;

  Workspace& workspace_;
  QMainWindow host_;
  ViewSet views_;
  DockSet* docks_;
  bool is_late_ = false;
};

QString Pages::subtitle() const {
  const auto file = workspace_.file();
  const traces::Provenance& from = file->provenance();
  QStringList parts = {file->name()};
  for (const std::string& part : {from.kernel, from.gpu, from.thresholds}) {
    if (!part.empty()) parts << QString::fromStdString(part);
  }
  if (!from.verdict.empty()) {
    parts << QObject::tr("verdict: %1").arg(QString::fromStdString(from.verdict));
  }
  return parts.join(QStringLiteral("  ·  "));
}

QString Pages::head_name() const {
  const HeadKey key = workspace_.head_key();
  QString name = QObject::tr("layer %1").arg(key.sequence.layer);
  if (key.sequence.sequence != 0) name += QObject::tr(", sequence %1").arg(key.sequence.sequence);
  return name + QObject::tr(", head %1").arg(key.head);
}

QWidget* Pages::frame(const QString& dock) {
  return dock.isEmpty() ? docks_->head_frame() : docks_->frame(dock);
}

bool Pages::pictures_loaded() const {
  const OverviewView& overview = *views_.overview;
  if (!overview.isVisible()) return true;
  std::size_t visible = 0;
  for (std::size_t i = 0; i < overview.heads(); ++i)
    if (!overview.cell_rect(i).isEmpty()) ++visible;
  return overview.loaded_pictures() >= visible;
}

void Pages::add_figures(QImage& image) const {
  image.setText(QStringLiteral("Selection"), link_of(workspace_.selection().current()));
  const int row = workspace_.heads().row_of(workspace_.head_key());
  if (row < 0) return;
  const HeadFigures& head = workspace_.heads().heads()[static_cast<std::size_t>(row)];
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) image.setText(QString::fromLatin1(name), QString::number(*value, 'g', 17));
  };
  add("Density", head.density);
  add("Retained mass", head.retained_mass);
  add("Arithmetic", head.arithmetic);
  add("Method", head.method);
}

QImage Pages::page(const QString& title, const std::vector<Part>& parts, const QList<int>& rows,
                   const QList<int>& columns) {
  ExportPage paper(title, subtitle());
  for (const Part& part : parts) {
    paper.add(frame(part.dock), part.title, part.row, part.column, part.row_span, part.column_span);
  }
  paper.set_stretch(rows, columns);
  // Pictures are asked for once it is known which of them are seen.
  paper.image();
  paper.show();
  is_late_ |= !wait_for([this] { return pictures_loaded(); });
  QImage image = paper.image();
  // The next page shows some of the same views.
  for (const Part& part : parts) {
    frame(part.dock)->hide();
    frame(part.dock)->setParent(&host_);
  }
  add_figures(image);
  return image;
}

QImage Pages::overview() {
  return page(QObject::tr("Overview: %1").arg(head_name().section(QStringLiteral(","), 0, 0)),
              {{"overview", {}, 0, 0}, {"heads", QObject::tr("Heads"), 1, 0}}, {3, 2}, {1});
}

QImage Pages::head() {
  return page(QObject::tr("Head: %1").arg(head_name()),
              {{{}, {}, 0, 0, 2, 1},
               {"inspector", QObject::tr("Inspector"), 0, 1},
               {"contrast", QObject::tr("Contrast"), 1, 1}},
              {3, 2}, {4, 1});
}

QImage Pages::error() {
  return page(QObject::tr("Error: %1").arg(head_name()), {{"error", {}, 0, 0}}, {1}, {1});
}

QImage Pages::balance() {
  return page(QObject::tr("Balance: %1").arg(head_name().section(QStringLiteral(","), 0, 0)),
              {{"timeline", {}, 0, 0, 1, 2},
               {"balance", QObject::tr("Work"), 1, 0},
               {"tables", QObject::tr("Counters and stalls"), 1, 1}},
              {5, 4}, {1, 1});
}

QImage Pages::thresholds() {
  const HeadKey key = workspace_.head_key();
  is_late_ |= !wait_for([this, key] {
    return !workspace_.head() || !workspace_.thresholds().effect(key).approximate;
  });
  return page(QObject::tr("Thresholds: %1").arg(head_name()),
              {{"thresholds", QObject::tr("Thresholds"), 0, 0},
               {"curve", QObject::tr("What each k would give"), 1, 0},
               {{}, {}, 0, 1, 2, 1}},
              {1, 1}, {2, 3});
}

}  // namespace

QStringList exported_names() {
  return {QStringLiteral("overview.png"), QStringLiteral("head.png"), QStringLiteral("error.png"),
          QStringLiteral("balance.png"), QStringLiteral("thresholds.png")};
}

QString export_workspace(Workspace& workspace, const QString& folder) {
  if (!workspace.file()) return QObject::tr("No trace is open.");
  const QString late = QObject::tr("%1: loading takes too long").arg(workspace.file()->name());
  if (!wait_for([&] { return workspace.settled(); })) return late;
  Pages pages(workspace);
  const std::vector<QImage> images = {pages.overview(), pages.head(), pages.error(),
                                      pages.balance(), pages.thresholds()};
  if (pages.is_late()) return late;
  const bool was_there = QDir(folder).exists();
  if (!QDir().mkpath(folder)) {
    return QObject::tr("%1: the folder cannot be made").arg(folder);
  }
  std::vector<Picture> pictures;
  const QStringList names = exported_names();
  for (const QImage& image : images) {
    pictures.push_back({QDir(folder).filePath(names[std::ssize(pictures)]), image});
  }
  try {
    write_pngs(pictures);
  } catch (const core::OutputError& error) {
    if (!was_there) QDir().rmdir(folder);
    return QString::fromUtf8(error.what());
  }
  return {};
}

int export_trace(const QString& link_text, const QString& folder) {
  const auto complain = [](const QString& line, core::ExitCode code) {
    QTextStream(stderr) << "bsfa-viewer: " << line << Qt::endl;
    return static_cast<int>(code);
  };
  const auto link = parse_link(link_text);
  if (!link) {
    return complain(QObject::tr("%1: what follows # is not a place").arg(link_text),
                    core::ExitCode::kUsage);
  }
  Workspace workspace;
  QString error;
  QObject::connect(&workspace, &Workspace::open_ended, &workspace,
                   [&](bool, const QString& line) { error = line; });
  workspace.open(*link);
  // As long as it takes: a file server may be slow, and nobody waits for this but a shell.
  wait_for([&] { return !workspace.opening(); }, std::nullopt);
  if (!workspace.file()) return complain(error, core::ExitCode::kInput);
  error = export_workspace(workspace, folder);
  return error.isEmpty() ? 0 : complain(error, core::ExitCode::kOutput);
}

}  // namespace bsfa::gui
