// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QString>
#include <QWidget>
#include <string>

#include "gui/views/theme.h"

namespace bsfa::gui::test {

/// Shows a widget in a size and waits until it has been painted.
void show(QWidget& widget, int width, int height);
/// Puts every widget of the application into a theme.
void use_theme(ThemeKind kind);
/// Writes what the widget looks like in both themes to the folder that BSFA_TEST_PICTURES names;
/// nothing where it names none.
void keep_picture(QWidget& widget, const std::string& name);
/// How many pixels of the widget differ from `before`, which grab() made.
int changed_pixels(QWidget& widget, const QImage& before);
QImage grab(QWidget& widget);
/// Moves the pointer over the widget, no button held. QTest moves the cursor for that, which cannot
/// leave the screen; the widget may be larger.
void hover(QWidget& widget, const QPoint& at);
/// Median of `runs` calls, milliseconds.
template <typename Call>
double median_ms(int runs, Call&& call);

}  // namespace bsfa::gui::test

#include <QElapsedTimer>
#include <algorithm>
#include <vector>

template <typename Call>
double bsfa::gui::test::median_ms(int runs, Call&& call) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    QElapsedTimer timer;
    timer.start();
    call();
    times.push_back(static_cast<double>(timer.nsecsElapsed()) * 1e-6);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}
