// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/start_page.h"

#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

/// build/release/bin lies three folders below the one that has traces/.
constexpr int kFoldersUp = 4;

}  // namespace

QStringList recorded_traces(const QString& folder) {
  QDir place(folder);
  for (int up = 0; up <= kFoldersUp; ++up) {
    const QDir recorded(place.filePath(QStringLiteral("traces/recorded")));
    QStringList files;
    for (const QFileInfo& file :
         recorded.entryInfoList({QStringLiteral("*.h5")}, QDir::Files, QDir::Name)) {
      files << file.absoluteFilePath();
    }
    if (!files.isEmpty() || !place.cdUp()) return files;
  }
  return {};
}

StartPage::StartPage(QWidget* parent) : QWidget(parent), list_(new QListWidget(this)) {
  auto* title = new QLabel(tr("Open a trace"), this);
  QFont large = title->font();
  large.setPointSizeF(1.6 * large.pointSizeF());
  title->setFont(large);
  auto* hint = new QLabel(tr("Drop a file here, press Ctrl+O, or make one:\n"
                             "bsfa compare --qkv FILE --topk 16 --out t.h5"),
                          this);
  hint->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  hint->setAccessibleName(tr("How to get a trace"));
  list_->setAccessibleName(tr("Traces to open"));
  auto* open = new QPushButton(tr("&Open..."), this);
  connect(open, &QPushButton::clicked, this, &StartPage::open_wanted);

  auto* column = new QVBoxLayout;
  column->addStretch(1);
  column->addWidget(title);
  column->addWidget(hint);
  column->addWidget(list_, 6);
  column->addWidget(open, 0, Qt::AlignLeft);
  column->addStretch(1);
  auto* row = new QHBoxLayout(this);
  row->addStretch(1);
  row->addLayout(column, 4);
  row->addStretch(1);

  connect(list_, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
    const QString file = item->data(Qt::UserRole).toString();
    if (!file.isEmpty()) emit file_chosen(file);
  });
}

void StartPage::add_heading(const QString& text) {
  auto* item = new QListWidgetItem(text, list_);
  item->setFlags(Qt::NoItemFlags);
}

void StartPage::add_files(const QStringList& files) {
  for (const QString& file : files) {
    const QFileInfo info(file);
    auto* item =
        new QListWidgetItem(QStringLiteral("   %1    %2").arg(info.fileName(), info.path()), list_);
    item->setData(Qt::UserRole, file);
    item->setToolTip(file);
  }
}

void StartPage::set_files(const QStringList& recent, const QStringList& recorded) {
  list_->clear();
  if (!recent.isEmpty()) {
    add_heading(tr("Recent"));
    add_files(recent);
  }
  if (!recorded.isEmpty()) {
    add_heading(tr("Recorded samples"));
    add_files(recorded);
  }
  list_->setVisible(list_->count() > 0);
  if (list_->count() > 1) list_->setCurrentRow(1);
}

}  // namespace bsfa::gui
