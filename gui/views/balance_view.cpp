// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/balance_view.h"

#include <QComboBox>
#include <QEvent>
#include <QSplitter>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/views/histogram_plot.h"
#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

/// What the choice offers, in its order.
constexpr BarHistogram BalanceReport::*kHistograms[] = {
    &BalanceReport::item_time, &BalanceReport::item_kept, &BalanceReport::unit_time,
    &BalanceReport::unit_kept, &BalanceReport::cta_time,  &BalanceReport::warp_time,
};

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
      choice_(new QComboBox(this)),
      plot_(new HistogramPlot(tr("Histogram of work"), {}, this)),
      text_(new QTextBrowser(this)) {
  setAccessibleName(tr("Balance"));
  choice_->setAccessibleName(tr("What is counted"));
  text_->setAccessibleName(tr("Figures and findings"));
  text_->setFrameShape(QFrame::NoFrame);
  auto* left = new QWidget(this);
  auto* plot_column = new QVBoxLayout(left);
  plot_column->setContentsMargins(0, 0, 0, 0);
  plot_column->addWidget(choice_);
  plot_column->addWidget(plot_, 1);
  auto* parts = new QSplitter(Qt::Horizontal, this);
  parts->addWidget(left);
  parts->addWidget(text_);
  parts->setStretchFactor(0, 3);
  parts->setStretchFactor(1, 2);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(4, 4, 4, 4);
  column->addWidget(parts);
  connect(choice_, &QComboBox::currentIndexChanged, this, [this] { show_histogram(); });
  refresh();
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
  const QVariant before = choice_->currentData();
  {
    const QSignalBlocker silent(choice_);
    choice_->clear();
    for (std::size_t i = 0; i < std::size(kHistograms); ++i) {
      const BarHistogram& bars = report_.*kHistograms[i];
      if (!bars.counts.empty()) choice_->addItem(bars.title, static_cast<int>(i));
    }
    choice_->setCurrentIndex(std::max(0, choice_->findData(before)));
  }
  choice_->setEnabled(choice_->count() > 0);
  show_histogram();
  text_->setHtml(text());
}

void BalanceView::show_histogram() {
  if (choice_->count() == 0) return plot_->set_series({});
  const auto which = static_cast<std::size_t>(choice_->currentData().toInt());
  const BarHistogram& bars = report_.*kHistograms[which];
  std::vector<HistogramSeries> series{
      series_of(bars, other_name_.isEmpty() ? bars.title : tr("this run"))};
  const BarHistogram& beside = other_.*kHistograms[which];
  if (!other_name_.isEmpty() && !beside.counts.empty())
    series.push_back(series_of(beside, other_name_));
  plot_->set_axis_titles(bars.unit, {});
  plot_->set_series(series);
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
