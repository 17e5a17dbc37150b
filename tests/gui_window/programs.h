// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/measure.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::test {

void write_text(const QString& file, const QByteArray& text);
/// A script of /bin/sh that takes the place of a program.
void write_program(const QString& file, const QByteArray& text);

/// Scripts that take the place of ssh and bsfa, and a folder of its own for temporary files.
///
/// The bsfa says that it runs, waits for a file `go`, and then hands out next.h5, or what is in
/// `fail`. The ssh knows one machine, me@there, which is this one, and waits for a file `connect`.
struct Programs {
  gui::test::Folder place;
  QString bsfa = place / "bsfa";
  QString input = place / "in.safetensors";

  Programs();
  ~Programs();
  void allow(const char* file) const { write_text(place / file, ""); }
  bool there(const char* file) const;
  /// What lies in the folder for temporary files.
  QStringList temporaries() const;
};

/// A window over such programs.
struct RemoteBench : Programs, Bench {
  QStringList openings, measurings;  ///< how each ended

  RemoteBench();
  /// As the window suggests it, for the scripts.
  gui::MeasureRequest request();
  void measure() { window->measurement().start(request()); }
  QString remote(const QString& file) const { return "ssh://me@there" + file; }
  /// Waits for the end of so many measurements, and of what they open.
  void wait_for_measurements(int count);
  void wait_for_opening();
};

}  // namespace bsfa::test
