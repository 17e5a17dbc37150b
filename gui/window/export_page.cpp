// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/export_page.h"

#include <QCoreApplication>
#include <QLabel>
#include <QPainter>
#include <QSaveFile>
#include <QVBoxLayout>
#include <memory>

#include "core/error.h"
#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

QLabel* label_of(const QString& text, double size, bool bold, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  QFont font = label->font();
  font.setPointSizeF(size * font.pointSizeF());
  font.setBold(bold);
  label->setFont(font);
  return label;
}

}  // namespace

ExportPage::ExportPage(const QString& title, const QString& subtitle, QWidget* parent)
    : QWidget(parent), grid_(new QGridLayout) {
  setAttribute(Qt::WA_DontShowOnScreen);
  setAutoFillBackground(true);
  // Views stand on the window's colour, as in the window: indicators are drawn to be seen there.
  setBackgroundRole(QPalette::Base);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 12, 16, 14);
  auto* about = label_of(subtitle, 1.0, false, this);
  QPalette quiet = about->palette();
  quiet.setColor(QPalette::WindowText, theme_of(*this).muted);
  about->setPalette(quiet);
  column->addWidget(label_of(title, 1.5, true, this));
  column->addWidget(about);
  column->addLayout(grid_, 1);
  grid_->setSpacing(10);
}

void ExportPage::add(QWidget* view, const QString& title, int row, int column, int row_span,
                     int column_span) {
  auto* frame = new QWidget(this);
  frame->setAutoFillBackground(true);
  frame->setBackgroundRole(QPalette::Window);
  auto* layout = new QVBoxLayout(frame);
  layout->setContentsMargins(8, 6, 8, 8);
  if (!title.isEmpty()) layout->addWidget(label_of(title, 1.0, true, frame));
  layout->addWidget(view, 1);
  view->show();
  grid_->addWidget(frame, row, column, row_span, column_span);
}

void ExportPage::set_stretch(const QList<int>& rows, const QList<int>& columns) {
  for (int i = 0; i < rows.size(); ++i) grid_->setRowStretch(i, rows[i]);
  for (int i = 0; i < columns.size(); ++i) grid_->setColumnStretch(i, columns[i]);
}

QImage ExportPage::image() {
  setFixedSize(kPageSize);
  show();
  // Layouts of layouts settle one level at a time; plots replot when they have their size.
  for (int round = 0; round < 4; ++round) {
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents(QEventLoop::ExcludeUserInputEvents);
  }
  QImage picture(kPageSize, QImage::Format_RGB32);
  picture.fill(palette().color(QPalette::Base));
  render(&picture);
  hide();
  return picture;
}

void write_pngs(const std::vector<Picture>& pictures) {
  std::vector<std::unique_ptr<QSaveFile>> files;
  const auto check = [](bool done, const QSaveFile& out) {
    if (done) return;
    throw core::OutputError(out.fileName().toStdString(), out.errorString().toStdString());
  };
  for (const Picture& picture : pictures) {
    QSaveFile& out = *files.emplace_back(std::make_unique<QSaveFile>(picture.file));
    check(out.open(QIODevice::WriteOnly) && picture.image.save(&out, "PNG") && out.flush(), out);
  }
  for (const auto& out : files) check(out->commit(), *out);
}

void write_png(const QImage& image, const QString& file) {
  write_pngs({{file, image}});
}

}  // namespace bsfa::gui
