// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/balance_view.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/views/axis.h"
#include "gui/views/histogram_plot.h"
#include "gui/views/profile_tables.h"
#include "gui/views/table_panel.h"
#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

/// Members of a bar that are listed, the largest first: more than anybody reads.
constexpr std::size_t kMostListed = 2000;

HistogramSeries series_of(const BarHistogram& bars, const QString& name) {
  HistogramSeries made{
      name, bars.low, bars.low + bars.width * static_cast<double>(bars.counts.size()), {}};
  made.counts.assign(bars.counts.begin(), bars.counts.end());
  return made;
}

QString table_of(const std::vector<std::pair<QString, QString>>& lines) {
  QString text = QStringLiteral("<table cellspacing='0' cellpadding='1'>");
  for (const auto& [name, value] : lines) {
    text += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align='right'><b>%2</b></td></tr>")
                .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
  }
  return text + QStringLiteral("</table>");
}

}  // namespace

BalanceView::BalanceView(QWidget* parent)
    : QWidget(parent),
      levels_(new QComboBox(this)),
      quantities_(new QComboBox(this)),
      plot_(new HistogramPlot(tr("Histogram of work"), {}, this)),
      tabs_(new QTabWidget(this)),
      text_(new QTextBrowser(this)),
      bar_(new QLabel(this)),
      rows_(new RowsModel({tr("what"), tr("time, µs"), tr("tiles kept"), tr("seen"), tr("items")},
                          this)),
      members_(new TablePanel(tr("Members of the bar"), *rows_, nullptr, this)) {
  build();
  for (const WorkQuantity each : kWorkQuantities) quantities_->addItem(name_of(each));
  connect(levels_, &QComboBox::currentIndexChanged, this, [this] { show_histogram(); });
  connect(quantities_, &QComboBox::currentIndexChanged, this, [this] { show_histogram(); });
  connect(plot_, &HistogramPlot::bar_chosen, this, [this](int bar) {
    list_bar(bar);
    tabs_->setCurrentIndex(bar < 0 ? 0 : 1);
  });
  connect(members_, &TablePanel::row_chosen, this, [this](int row) {
    const WorkGroup* from = group();
    const auto at = static_cast<std::size_t>(row);
    if (from != nullptr && at < listed_.size())
      emit item_chosen(from->members[listed_[at]].longest);
  });
  refresh();
}

void BalanceView::build() {
  setAccessibleName(tr("Balance"));
  levels_->setAccessibleName(tr("Among what work is counted"));
  quantities_->setAccessibleName(tr("What is counted"));
  text_->setAccessibleName(tr("Figures and findings"));
  text_->setFrameShape(QFrame::NoFrame);
  plot_->set_choosable(true);
  plot_->setToolTip(
      tr("Click a bar, or walk over them with Left and Right, to list what is in it"));
  bar_->setWordWrap(true);
  auto* left = new QWidget(this);
  auto* choices = new QHBoxLayout;
  choices->addWidget(levels_, 1);
  choices->addWidget(quantities_, 1);
  auto* plot_column = new QVBoxLayout(left);
  plot_column->setContentsMargins(0, 0, 0, 0);
  plot_column->addLayout(choices);
  plot_column->addWidget(plot_, 1);
  auto* list = new QWidget(this);
  auto* list_column = new QVBoxLayout(list);
  list_column->setContentsMargins(0, 2, 0, 0);
  list_column->addWidget(bar_);
  list_column->addWidget(members_, 1);
  tabs_->setDocumentMode(true);
  tabs_->addTab(text_, tr("Figures"));
  tabs_->addTab(list, tr("In the bar"));
  auto* parts = new QSplitter(Qt::Horizontal, this);
  parts->addWidget(left);
  parts->addWidget(tabs_);
  parts->setStretchFactor(0, 3);
  parts->setStretchFactor(1, 2);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(4, 4, 4, 4);
  column->addWidget(parts);
}

void BalanceView::set_report(BalanceReport report) {
  report_ = std::move(report);
  refresh();
}

void BalanceView::set_other(BalanceReport report, const QString& name) {
  other_ = std::move(report);
  other_name_ = name;
  refresh();
}

void BalanceView::refresh() {
  const QString before = levels_->currentText();
  {
    const QSignalBlocker silent(levels_);
    levels_->clear();
    for (const WorkGroup& each : report_.groups)
      levels_->addItem(tr("per %1").arg(each.name), static_cast<int>(each.level));
    levels_->setCurrentIndex(std::max(0, levels_->findText(before)));
  }
  levels_->setEnabled(levels_->count() > 0);
  quantities_->setEnabled(levels_->count() > 0);
  show_histogram();
  text_->setHtml(text());
}

const WorkGroup* BalanceView::group() const {
  const auto at = static_cast<std::size_t>(std::max(0, levels_->currentIndex()));
  return at < report_.groups.size() ? &report_.groups[at] : nullptr;
}

WorkQuantity BalanceView::quantity() const {
  return kWorkQuantities[static_cast<std::size_t>(std::max(0, quantities_->currentIndex()))];
}

void BalanceView::show_histogram() {
  const WorkGroup* shown = group();
  bars_ = {};
  if (shown == nullptr) {
    plot_->set_series({});
    return list_bar(-1);
  }
  const auto found =
      std::find_if(other_.groups.begin(), other_.groups.end(),
                   [&](const WorkGroup& each) { return each.level == shown->level; });
  const WorkGroup none;
  auto [bars, beside] =
      histograms_of(*shown, found == other_.groups.end() ? none : *found, quantity());
  bars_ = std::move(bars);
  std::vector<HistogramSeries> series{
      series_of(bars_, other_name_.isEmpty() ? bars_.title : tr("this run"))};
  if (!beside.counts.empty()) series.push_back(series_of(beside, other_name_));
  plot_->set_axis_titles(tr("%1 per %2, %3").arg(name_of(quantity()), shown->name, bars_.unit),
                         tr("%1s").arg(shown->name));
  plot_->set_series(series);
  list_bar(-1);
}

void BalanceView::list_bar(int bar) {
  const WorkGroup* from = group();
  listed_ =
      from == nullptr ? std::vector<std::size_t>() : members_in(*from, quantity(), bars_, bar);
  const std::size_t count = listed_.size();
  listed_.resize(std::min(count, kMostListed));
  std::vector<RowsModel::Row> rows;
  for (const std::size_t i : listed_) {
    const WorkMember& one = from->members[i];
    rows.push_back({name_of(*from, one), one.time_us, static_cast<qlonglong>(one.kept),
                    static_cast<qlonglong>(one.seen), static_cast<qlonglong>(one.items)});
  }
  rows_->set_rows(std::move(rows));
  tabs_->setTabText(1, bar < 0 ? tr("In the bar") : tr("In the bar (%1)").arg(count));
  if (bar < 0) return bar_->setText(tr("Click a bar of the histogram to list what is in it."));
  const double low = bars_.low + bars_.width * bar;
  QString line =
      tr("%1 from %2 to %3 %4")
          .arg(name_of(quantity()), number_text(low), number_text(low + bars_.width), bars_.unit);
  if (count > kMostListed) line += tr(": the largest %1 of %2").arg(kMostListed).arg(count);
  bar_->setText(line);
}

QString BalanceView::text() const {
  const Theme& colors = theme_of(*this);
  QString made;
  for (const BalanceFinding& finding : report_.findings) {
    // The word says what the colour says.
    const QString word = finding.warning ? tr("Warning") : tr("Note");
    made += QStringLiteral("<p><span style='color:%1'><b>%2</b></span> %3</p>")
                .arg((finding.warning ? colors.warning : colors.muted).name(), word,
                     finding.text.toHtmlEscaped());
  }
  if (!report_.work) return made + tr("<p>This trace holds no work records.</p>");
  if (report_.findings.empty()) {
    made += QStringLiteral("<p><span style='color:%1'><b>%2</b></span> %3</p>")
                .arg(colors.good.name(), tr("Even"), tr("Nothing stands out."));
  }
  const analysis::WorkProfile& work = *report_.work;
  for (const analysis::Balance* balance :
       {&work.units, &work.ctas, &work.warpgroups, &work.warps}) {
    if (balance->units.empty()) continue;
    const std::string_view level = analysis::name_of(balance->level);
    made += QStringLiteral("<p><b>%1</b></p>")
                .arg(QString::fromUtf8(level.data(), static_cast<qsizetype>(level.size())));
    made += table_of(balance_lines(*balance, work.records.clock));
  }
  const QString cost = cost_text(work.model);
  if (!cost.isEmpty()) made += QStringLiteral("<p>%1</p>").arg(cost.toHtmlEscaped());
  return made;
}

void BalanceView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) text_->setHtml(text());
  QWidget::changeEvent(event);
}

}  // namespace bsfa::gui
