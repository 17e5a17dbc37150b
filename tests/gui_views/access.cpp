// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QScrollBar>

#include <catch2/catch.hpp>

#include "gui/views/balance_view.h"
#include "gui/views/contrast_panel.h"
#include "gui/views/curve_plot.h"
#include "gui/views/error_view.h"
#include "gui/views/head_list.h"
#include "gui/views/head_panel.h"
#include "gui/views/inspector.h"
#include "gui/views/overview_view.h"
#include "gui/views/profile_tables.h"
#include "gui/views/threshold_panel.h"
#include "gui/views/timeline_view.h"
#include "tests/gui_models/support.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

/// All views, with a head and records where they take them.
struct Views {
  traces::Sequence sequence = test::sequence_of(test::problem_of(2, 32, 64), 3);
  SelectionModel selection;
  ThresholdModel thresholds;
  HeadTableModel heads;
  std::vector<std::unique_ptr<QWidget>> all;

  Views() {
    auto head = std::make_shared<HeadArrays>(test::head_of(sequence, 0));
    auto panel = std::make_unique<HeadPanel>(selection);
    panel->set_head(head, &sequence, 0);
    auto contrast = std::make_unique<ContrastPanel>();
    contrast->set_field(panel->tile_field());
    auto timeline = std::make_unique<TimelineView>(selection);
    const auto records = test::records_of(sequence, 4);
    timeline->set_model(std::make_shared<TimelineModel>(records), 0);
    auto inspector = std::make_unique<Inspector>(selection);
    inspector->set_head(head, panel->tile_field(), &sequence);
    auto balance = std::make_unique<BalanceView>();
    balance->set_report(balance_report(records));
    all.push_back(std::move(panel));
    all.push_back(std::move(contrast));
    all.push_back(std::move(timeline));
    all.push_back(std::move(inspector));
    all.push_back(std::move(balance));
    all.push_back(std::make_unique<OverviewView>(selection));
    all.push_back(std::make_unique<ErrorView>(selection));
    all.push_back(std::make_unique<ProfileTables>());
    all.push_back(std::make_unique<ThresholdPanel>(thresholds, selection));
    all.push_back(std::make_unique<CurvePlot>());
    std::vector<HeadFigures> figures(6);
    for (std::size_t i = 0; i < figures.size(); ++i) {
      figures[i].key.head = static_cast<std::int64_t>(i);
      figures[i].density = 0.1 * static_cast<double>(i);
    }
    heads.set_heads(std::move(figures));
    all.push_back(std::make_unique<HeadList>(heads, selection));
    selection.select_tile(20, 11);
  }
};

bool is_control(const QWidget& widget) {
  return widget.focusPolicy() != Qt::NoFocus && widget.isEnabled() &&
         qobject_cast<const QScrollBar*>(&widget) == nullptr;
}

TEST_CASE("everything that can have the focus has a name for assistive technology") {
  const Views views;
  for (const auto& view : views.all) {
    for (const QWidget* child : view->findChildren<QWidget*>()) {
      const QString type = QString::fromUtf8(child->metaObject()->className());
      // Parts that Qt makes of its own widgets are read through their parents.
      const bool is_part =
          type.startsWith(QStringLiteral("QTab")) || type == QStringLiteral("QLineEdit") ||
          type == QStringLiteral("QLabel") || type == QStringLiteral("QSplitter") ||
          type.contains(QStringLiteral("Header")) ||
          qobject_cast<const QAbstractButton*>(child) != nullptr ||
          type.contains(QStringLiteral("ComboBoxPrivate")) || type == QStringLiteral("QListView");
      if (!is_control(*child) || is_part) continue;
      CAPTURE(type.toStdString(), view->accessibleName().toStdString());
      CHECK_FALSE(child->accessibleName().isEmpty());
    }
  }
}

TEST_CASE("every view can be drawn with fonts of twice the size and on a dense screen") {
  const QFont before = QApplication::font();
  const int line = em(QWidget());
  QFont twice = before;
  twice.setPointSizeF(before.pointSizeF() * 2.0);
  QApplication::setFont(twice);
  {
    const Views views;
    int index = 0;
    for (const auto& view : views.all) {
      test::show(*view, 1200, 760);
      CHECK(em(*view) >= 2 * line - 2);
      test::keep_picture(*view, "twice-" + std::to_string(index++));
    }
  }
  QApplication::setFont(before);
}

TEST_CASE("views can be shrunk to nothing and grown again") {
  const Views views;
  for (const auto& view : views.all) {
    test::show(*view, 600, 400);
    view->setMinimumSize(1, 1);
    view->resize(1, 1);
    test::grab(*view);
    view->resize(30, 500);
    test::grab(*view);
    view->resize(500, 30);
    test::grab(*view);
  }
  SUCCEED();
}

TEST_CASE("a change of theme repaints every view in its colours") {
  const Views views;
  for (const auto& view : views.all) {
    test::use_theme(ThemeKind::kDark);
    test::show(*view, 600, 400);
    const QImage dark = test::grab(*view);
    test::use_theme(ThemeKind::kLight);
    CAPTURE(view->accessibleName().toStdString());
    CHECK(test::changed_pixels(*view, dark) > 600 * 400 / 4);
    test::use_theme(ThemeKind::kDark);
    CHECK(test::changed_pixels(*view, dark) == 0);
  }
}

}  // namespace
}  // namespace bsfa::gui
