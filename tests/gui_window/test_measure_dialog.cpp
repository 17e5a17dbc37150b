// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QLineEdit>

#include <catch2/catch.hpp>

#include "gui/window/measure_dialog.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

/// Everything that the dialog says.
QString said_by(const MeasureDialog& dialog) {
  QStringList lines;
  for (const QLabel* label : dialog.findChildren<QLabel*>()) lines << label->text();
  return lines.join(QLatin1Char('\n'));
}

MeasureRequest request_for(const QString& command_line) {
  const test::Folder folder;
  const QString trace = folder / "t.h5";
  test::write_trace(trace, {test::sequence_of(test::problem_of(2, 8, 16), 1)}, "{}",
                    command_line.toStdString());
  Workspace workspace;
  Opener opener(workspace);
  Measurement measurement(workspace, opener);
  workspace.open({trace, {}, {}, {}, {}, {}});
  REQUIRE(bsfa::test::becomes([&] { return workspace.file() != nullptr && workspace.settled(); }));
  QString error;
  MeasureRequest request = measurement.suggested(&error);
  REQUIRE(error.toStdString().empty());
  return request;
}

TEST_CASE("measuring a trace of a saved output says that a kernel takes the output's place") {
  const MeasureDialog dialog(
      request_for("bsfa compare --qkv in.safetensors --topk 4 --output 'my o.npz' --out t.h5"),
      nullptr);
  CHECK(said_by(dialog).contains("default kernel"));
  CHECK(said_by(dialog).contains("saved output, my o.npz"));
  const auto fields = dialog.findChildren<QLineEdit*>();
  REQUIRE(fields.size() == 4);
  fields.last()->setText("--layer 0 --kernel cpu");
  CHECK(said_by(dialog).contains("kernel cpu"));
  CHECK(said_by(dialog).contains("saved output, my o.npz"));
}

TEST_CASE("measuring a trace of a kernel names that kernel, and no saved output") {
  const MeasureDialog dialog(
      request_for("bsfa compare --qkv in.safetensors --topk 4 --kernel ./k.so:x --out t.h5"),
      nullptr);
  CHECK(said_by(dialog).contains("kernel ./k.so:x"));
  CHECK_FALSE(said_by(dialog).contains("saved output"));
}

}  // namespace
}  // namespace bsfa::gui
