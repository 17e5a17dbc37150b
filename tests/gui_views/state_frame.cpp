// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/state_frame.h"

#include <QClipboard>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <catch2/catch.hpp>

#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

QPushButton* button(const QWidget& in, const QString& text) {
  for (QPushButton* one : in.findChildren<QPushButton*>()) {
    if (one->text() == text) return one;
  }
  return nullptr;
}

struct Framed {
  QLabel* content = new QLabel(QStringLiteral("content"));
  StateFrame frame{QStringLiteral("Timeline"), content};
  Framed() { test::show(frame, 500, 260); }
};

TEST_CASE("a dock shows its content unless there is a reason not to") {
  Framed made;
  CHECK(made.content->isVisible());
  made.frame.set_error(QStringLiteral("t.h5: truncated"));
  CHECK_FALSE(made.content->isVisible());
  made.frame.set_stale(QStringLiteral("thresholds changed"));
  CHECK(made.content->isVisible());
  CHECK(made.frame.accessibleDescription().contains(QStringLiteral("thresholds changed")));
  test::keep_picture(made.frame, "state-stale");
  made.frame.set_ready();
  CHECK(made.frame.accessibleDescription().isEmpty());
}

TEST_CASE("an empty dock names the command that would fill it and copies it") {
  Framed made;
  made.frame.set_empty(QStringLiteral("This trace holds no work records."),
                       QStringLiteral("bsfa profile --qkv t.safetensors --out t.h5"));
  QPushButton* copy = button(made.frame, QStringLiteral("Copy command"));
  REQUIRE(copy != nullptr);
  REQUIRE(copy->isVisible());
  QTest::mouseClick(copy, Qt::LeftButton);
  CHECK(QGuiApplication::clipboard()->text().toStdString() ==
        "bsfa profile --qkv t.safetensors --out t.h5");
  test::keep_picture(made.frame, "state-empty");
  made.frame.set_empty(QStringLiteral("Nothing is selected."), {});
  CHECK_FALSE(copy->isVisible());
}

TEST_CASE("loading shows how far it is and can be cancelled by key") {
  Framed made;
  made.frame.set_loading(QStringLiteral("Head 4.2"), 40);
  CHECK(made.frame.findChild<QProgressBar*>()->value() == 40);
  test::keep_picture(made.frame, "state-loading");
  QPushButton* cancel = button(made.frame, QStringLiteral("Cancel"));
  REQUIRE(cancel->isVisible());
  const QSignalSpy cancelled(&made.frame, &StateFrame::cancelled);
  cancel->setFocus();
  QTest::keyClick(cancel, Qt::Key_Space);
  CHECK(cancelled.count() == 1);
  made.frame.set_loading(QStringLiteral("Head 4.2"), -1);
  CHECK(made.frame.findChild<QProgressBar*>()->maximum() == 0);
}

TEST_CASE("an error is one line with a way to try again") {
  Framed made;
  made.frame.set_error(QStringLiteral("t.h5: not an HDF5 file"));
  test::keep_picture(made.frame, "state-error");
  const QSignalSpy retried(&made.frame, &StateFrame::retried);
  QTest::mouseClick(button(made.frame, QStringLiteral("Retry")), Qt::LeftButton);
  CHECK(retried.count() == 1);
}

}  // namespace
}  // namespace bsfa::gui
