// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/viewer_settings.h"

#include <algorithm>

namespace bsfa::gui {
namespace {

const QString kRecent = QStringLiteral("recent");
const QString kTheme = QStringLiteral("theme");
const QString kFont = QStringLiteral("font_percent");
const QString kGeometry = QStringLiteral("window/geometry");
const QString kLayout = QStringLiteral("window/layout");
const QString kHost = QStringLiteral("measure/host");
const QString kProgram = QStringLiteral("measure/program");

}  // namespace

QStringList ViewerSettings::recent_files() const {
  return store_.value(kRecent).toStringList();
}

void ViewerSettings::add_recent(const QString& file) {
  QStringList files = recent_files();
  files.removeAll(file);
  files.prepend(file);
  store_.setValue(kRecent, files.mid(0, kMostRecent));
}

void ViewerSettings::forget_recent(const QString& file) {
  QStringList files = recent_files();
  files.removeAll(file);
  store_.setValue(kRecent, files);
}

void ViewerSettings::clear_recent() {
  store_.remove(kRecent);
}

QString ViewerSettings::theme() const {
  const QString name = store_.value(kTheme).toString();
  const bool known = name == QStringLiteral("light") || name == QStringLiteral("dark");
  return known ? name : QStringLiteral("system");
}

void ViewerSettings::set_theme(const QString& name) {
  store_.setValue(kTheme, name);
}

int ViewerSettings::font_percent() const {
  bool is_number = false;
  const int percent = store_.value(kFont, 100).toInt(&is_number);
  return is_number ? std::clamp(percent, 50, 300) : 100;
}

void ViewerSettings::set_font_percent(int percent) {
  store_.setValue(kFont, std::clamp(percent, 50, 300));
}

QByteArray ViewerSettings::geometry() const {
  return store_.value(kGeometry).toByteArray();
}

QByteArray ViewerSettings::layout() const {
  return store_.value(kLayout).toByteArray();
}

void ViewerSettings::set_window(const QByteArray& geometry, const QByteArray& layout) {
  store_.setValue(kGeometry, geometry);
  store_.setValue(kLayout, layout);
}

void ViewerSettings::forget_window() {
  store_.remove(kGeometry);
  store_.remove(kLayout);
}

QString ViewerSettings::measure_host() const {
  return store_.value(kHost).toString();
}

QString ViewerSettings::measure_program() const {
  return store_.value(kProgram).toString();
}

void ViewerSettings::set_measure(const QString& host, const QString& program) {
  store_.setValue(kHost, host);
  store_.setValue(kProgram, program);
}

}  // namespace bsfa::gui
