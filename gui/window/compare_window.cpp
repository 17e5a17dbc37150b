// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/compare_window.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QSaveFile>
#include <QShortcut>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "gui/models/table_text.h"
#include "gui/views/axis.h"

namespace bsfa::gui {
namespace {

constexpr QSize kFirstSize{1440, 900};

QString head_name(HeadKey key) {
  QString name = CompareWindow::tr("layer %1, head %2").arg(key.sequence.layer).arg(key.head);
  if (key.sequence.sequence != 0) {
    name += CompareWindow::tr(", sequence %1").arg(key.sequence.sequence);
  }
  return name;
}

QSizeF size_of(const TileField& field) {
  return {static_cast<double>(field.columns()), static_cast<double>(field.rows())};
}

bool names_head(const Link& link) {
  return link.layer || link.sequence || link.head;
}

}  // namespace

CompareWindow::CompareWindow(QWidget* parent)
    : QWidget(parent, Qt::Window),
      heads_(new QComboBox(this)),
      fields_(new QComboBox(this)),
      read_out_(new QLabel(this)),
      figures_(new QTableWidget(0, 4, this)),
      histogram_(new HistogramPlot(tr("Values of both runs"), QString(), this)),
      message_(new MessageBar(this)) {
  setWindowTitle(tr("Compare — bsfa-viewer"));
  auto* column = new QVBoxLayout(this);
  column->addWidget(message_);
  column->addWidget(build_bar());
  auto* split = new QSplitter(Qt::Vertical, this);
  split->addWidget(build_maps());
  split->addWidget(build_below());
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 1);
  column->addWidget(split, 1);
  resize(kFirstSize);
  connect_parts();
}

CompareWindow::~CompareWindow() {
  for (Workspace& run : runs_) run.disconnect(this);
  // Views refer to the selection, which as a member would go before the children.
  for (HeatmapView* map : maps_) delete map;
}

QWidget* CompareWindow::build_bar() {
  auto* bar = new QWidget(this);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  heads_->setAccessibleName(tr("Head"));
  fields_->setAccessibleName(tr("Values shown"));
  for (QComboBox* box : {heads_, fields_}) box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  for (const Field field :
       {Field::kTileMax, Field::kMargin, Field::kTileMass, Field::kLostMass, Field::kKernelMask}) {
    fields_->addItem(name_of(field), static_cast<int>(field));
  }
  auto* head_label = new QLabel(tr("&Head"), bar);
  head_label->setBuddy(heads_);
  auto* field_label = new QLabel(tr("&Show"), bar);
  field_label->setBuddy(fields_);
  row->addWidget(head_label);
  row->addWidget(heads_);
  row->addWidget(field_label);
  row->addWidget(fields_);
  row->addWidget(read_out_, 1);
  read_out_->setAccessibleName(tr("Tile under the pointer"));
  return bar;
}

QWidget* CompareWindow::build_maps() {
  auto* box = new QWidget(this);
  auto* grid = new QGridLayout(box);
  grid->setContentsMargins(0, 0, 0, 0);
  const std::array<QString, 3> names{tr("First run"), tr("Second run"), tr("Difference")};
  for (int i = 0; i < 3; ++i) {
    const auto at = static_cast<std::size_t>(i);
    titles_[at] = new QLabel(names[at], box);
    maps_[at] = new HeatmapView(selection_, box);
    maps_[at]->setAccessibleName(names[at]);
    const int column = i < 2 ? i : 3;
    grid->addWidget(titles_[at], 0, column);
    grid->addWidget(maps_[at], 1, column);
    grid->setColumnStretch(column, 1);
  }
  for (auto& bar : bars_) bar = new ColorBar(box);
  grid->addWidget(bars_[0], 1, 2);
  grid->addWidget(bars_[1], 1, 4);
  return box;
}

QWidget* CompareWindow::build_below() {
  auto* split = new QSplitter(Qt::Horizontal, this);
  figures_->setAccessibleName(tr("Figures of both runs"));
  figures_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  figures_->verticalHeader()->hide();
  auto* table = new QWidget(split);
  auto* column = new QVBoxLayout(table);
  column->setContentsMargins(0, 0, 0, 0);
  auto* save = new QPushButton(tr("Save &table..."), table);
  connect(save, &QPushButton::clicked, this, &CompareWindow::ask_for_file);
  auto* copy = new QShortcut(QKeySequence(QKeySequence::Copy), figures_);
  copy->setContext(Qt::WidgetShortcut);
  connect(copy, &QShortcut::activated, this,
          [this] { QGuiApplication::clipboard()->setText(to_tsv(*figures_->model())); });
  column->addWidget(figures_, 1);
  column->addWidget(save, 0, Qt::AlignLeft);
  split->addWidget(table);
  split->addWidget(histogram_);
  return split;
}

void CompareWindow::connect_parts() {
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    connect(maps_[i], &HeatmapView::view_changed, this,
            [this, i](const QRectF& tiles) { lock_views(static_cast<int>(i), tiles); });
    connect(maps_[i], &HeatmapView::hovered, read_out_, &QLabel::setText);
  }
  for (Workspace& run : runs_) {
    connect(&run, &Workspace::open_ended, this, [this](bool opened, const QString& error) {
      if (!opened && !error.isEmpty()) message_->show_message(Standing::kBad, error);
    });
    connect(&run, &Workspace::file_changed, this, &CompareWindow::fill_heads);
    connect(&run, &Workspace::head_changed, this, &CompareWindow::refresh);
    connect(&run, &Workspace::head_failed, this, [this, &run](const QString& error) {
      message_->show_message(Standing::kBad,
                             QStringLiteral("%1: %2").arg(run.file()->path(), error));
    });
  }
  connect(heads_, &QComboBox::currentIndexChanged, this, &CompareWindow::choose_head);
  connect(fields_, &QComboBox::currentIndexChanged, this, &CompareWindow::refresh);
}

void CompareWindow::open(const QString& first, const QString& second) {
  const std::array<QString, 2> texts{first, second};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto link = parse_link(texts[i]);
    if (!link) {
      message_->show_message(Standing::kBad, tr("%1: is not a trace's name").arg(texts[i]));
      return;
    }
    links_[i] = *link;
  }
  for (std::size_t i = 0; i < texts.size(); ++i) runs_[i].open(links_[i]);
}

int CompareWindow::begin_at() const {
  return !names_head(links_[0]) && names_head(links_[1]) ? 1 : 0;
}

void CompareWindow::fill_heads() {
  if (!runs_[0].file() || !runs_[1].file()) return;
  common_heads_.clear();
  heads_->blockSignals(true);
  heads_->clear();
  for (const HeadFigures& head : runs_[0].heads().heads()) {
    if (runs_[1].heads().row_of(head.key) < 0) continue;
    common_heads_.push_back(head.key);
    heads_->addItem(head_name(head.key));
  }
  heads_->blockSignals(false);
  name_runs();
  if (common_heads_.empty()) {
    show_nothing(tr("The two traces have no head in common."));
    message_->show_message(Standing::kWarning, tr("The two traces have no head in common."));
    return;
  }
  const Selection begin = run(begin_at()).selection().current();
  const auto wanted = std::find(common_heads_.begin(), common_heads_.end(), begin.head_key());
  const bool is_there = wanted != common_heads_.end();
  const auto index = static_cast<int>(is_there ? wanted - common_heads_.begin() : 0);
  heads_->setCurrentIndex(index);
  choose_head(index);
  if (is_there && begin.q_block >= 0) selection_.select_tile(begin.q_block, begin.k_block);
}

void CompareWindow::name_runs() {
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    titles_[i]->setText(QStringLiteral("%1: %2").arg(QChar(u'A' + static_cast<ushort>(i)),
                                                     runs_[i].file()->path()));
  }
}

void CompareWindow::choose_head(int index) {
  if (index < 0 || index >= static_cast<int>(common_heads_.size())) return;
  const HeadKey key = common_heads_[static_cast<std::size_t>(index)];
  for (Workspace& run : runs_) run.selection().select_head(key);
  selection_.select_head(key);
  refresh();
}

void CompareWindow::lock_views(int from, const QRectF& tiles) {
  if (is_locking_) return;
  is_locking_ = true;
  for (int i = 0; i < 3; ++i) {
    if (i != from) heatmap(i).set_view(tiles);
  }
  is_locking_ = false;
}

void CompareWindow::refresh() {
  const auto first = runs_[0].head(), second = runs_[1].head();
  if (!first || !second || runs_[0].head_key() != runs_[1].head_key()) {
    return show_nothing(tr("Loading..."));
  }
  const auto field = static_cast<Field>(fields_->currentData().toInt());
  const std::array<std::shared_ptr<const TileField>, 2> fields{
      std::make_shared<const TileField>(make_field(*first, field, MaskSource::kKernel)),
      std::make_shared<const TileField>(make_field(*second, field, MaskSource::kKernel))};
  difference_ = difference_of(*first, *second, field);
  heatmap(0).set_head(first, fields[0]);
  heatmap(1).set_head(second, fields[1]);
  heatmap(2).set_head(difference_.arrays, difference_.field);
  if (!view_.isNull() && view_of_ == size_of(*fields[0])) heatmap(0).set_view(view_);
  view_ = {};
  titles_[2]->setText(difference_.obstacle.isEmpty()
                          ? tr("B − A of %1; tiles decided otherwise: %2")
                                .arg(name_of(field))
                                .arg(difference_.differing_tiles)
                          : difference_.obstacle);
  show_scale(fields, field);
  show_histograms(fields);
  show_figures();
}

void CompareWindow::show_nothing(const QString& why) {
  if (const auto field = heatmap(0).field()) {
    view_ = heatmap(0).viewport().view();
    view_of_ = size_of(*field);
  }
  is_locking_ = true;
  for (HeatmapView* map : maps_) map->set_head(nullptr, nullptr);
  is_locking_ = false;
  difference_ = {};
  for (ColorBar* bar : bars_) bar->hide();
  histogram_->set_series({});
  titles_[2]->setText(why);
  show_figures();
}

void CompareWindow::show_scale(const std::array<std::shared_ptr<const TileField>, 2>& fields,
                               Field field) {
  std::vector<float> both = values_of(*fields[0]);
  const std::vector<float> more = values_of(*fields[1]);
  both.insert(both.end(), more.begin(), more.end());
  const Contrast common = full_contrast(histogram_of(both), is_diverging(field));
  for (int i = 0; i < 2; ++i) heatmap(i).set_contrast(common);
  bars_[0]->show();
  bars_[0]->set_scale(field, common);
  if (!difference_.field) return bars_[1]->hide();
  Contrast apart = full_contrast(histogram_of(values_of(*difference_.field)), true);
  // Runs without a difference are the colour of 0, and not of the end of an empty scale.
  if (difference_.largest == 0.0F) apart = {-1.0, 1.0, false};
  bars_[1]->show();
  heatmap(2).set_contrast(apart);
  const QString name = tr("difference of %1").arg(name_of(field));
  heatmap(2).set_heading(name);
  bars_[1]->set_scale(difference_.field->field, apart, name);
}

void CompareWindow::show_histograms(const std::array<std::shared_ptr<const TileField>, 2>& fields) {
  if (is_categorical(fields[0]->field)) return histogram_->set_series({});
  histogram_->set_series(histograms_of(values_of(*fields[0]), values_of(*fields[1])));
}

void CompareWindow::show_figures() {
  struct Line {
    QString name;
    HeadFigure figure;
  };
  const std::array lines{Line{tr("density"), HeadFigure::kDensity},
                         Line{tr("retained mass"), HeadFigure::kRetainedMass},
                         Line{tr("arithmetic error / bound"), HeadFigure::kArithmetic},
                         Line{tr("gating ties"), HeadFigure::kTies},
                         Line{tr("gating violations"), HeadFigure::kViolations},
                         Line{tr("method error, rel. L2"), HeadFigure::kMethod},
                         Line{tr("imbalance"), HeadFigure::kImbalance}};
  figures_->setHorizontalHeaderLabels({tr("of this head"), tr("A"), tr("B"), tr("B − A")});
  figures_->setRowCount(static_cast<int>(lines.size()));
  for (int row = 0; row < figures_->rowCount(); ++row) {
    const Line& line = lines[static_cast<std::size_t>(row)];
    std::array<std::optional<double>, 2> values;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const int at = runs_[i].heads().row_of(runs_[i].head_key());
      if (at < 0) continue;
      values[i] = value_of(runs_[i].heads().heads()[static_cast<std::size_t>(at)], line.figure);
    }
    const auto shown = [](const std::optional<double>& value) {
      return value ? number_text(*value) : QStringLiteral("–");
    };
    const auto apart =
        values[0] && values[1] ? std::optional(*values[1] - *values[0]) : std::nullopt;
    const std::array texts{line.name, shown(values[0]), shown(values[1]), shown(apart)};
    for (int column = 0; column < 4; ++column) {
      auto* cell = new QTableWidgetItem(texts[static_cast<std::size_t>(column)]);
      if (column > 0) cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
      // What is copied and saved: numbers in full, and nothing where there is none.
      if (column == 0) cell->setData(kValueRole, line.name);
      const auto& full = column == 3 ? apart : values[static_cast<std::size_t>(column == 2)];
      if (column > 0 && full) cell->setData(kValueRole, *full);
      figures_->setItem(row, column, cell);
    }
  }
  figures_->resizeColumnsToContents();
}

void CompareWindow::ask_for_file() {
  const QString file = QFileDialog::getSaveFileName(
      this, tr("Save table"), QStringLiteral("comparison.csv"), tr("Tables (*.csv)"));
  if (file.isEmpty()) return;
  const QString error = save_figures(file);
  if (!error.isEmpty()) message_->show_message(Standing::kBad, error);
}

QString CompareWindow::save_figures(const QString& file) const {
  QSaveFile out(file);
  const QByteArray text = to_csv(*figures_->model()).toUtf8();
  if (out.open(QIODevice::WriteOnly) && out.write(text) == text.size() && out.commit()) return {};
  return tr("%1: %2").arg(file, out.errorString());
}

}  // namespace bsfa::gui
