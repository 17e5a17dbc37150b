// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGridLayout>
#include <QImage>
#include <QSize>
#include <QWidget>
#include <vector>

namespace bsfa::gui {

/// What every exported page measures.
inline constexpr QSize kPageSize{1440, 900};

/// One picture of several views: a title, a line about the run, titled views in a grid.
class ExportPage : public QWidget {
  Q_OBJECT

 public:
  ExportPage(const QString& title, const QString& subtitle, QWidget* parent = nullptr);

  /// Takes the view into the page. Stretch is that of its row and column.
  void add(QWidget* view, const QString& title, int row, int column, int row_span = 1,
           int column_span = 1);
  void set_stretch(const QList<int>& rows, const QList<int>& columns);
  /// The page as it looks at kPageSize, with all layouts settled.
  QImage image();

 private:
  QGridLayout* grid_;
};

struct Picture {
  QString file;
  QImage image;
};

/// Writes PNGs under temporary names and renames them once all are complete: where one cannot be
/// written, none is. Throws core::OutputError.
void write_pngs(const std::vector<Picture>& pictures);
void write_png(const QImage& image, const QString& file);

}  // namespace bsfa::gui
