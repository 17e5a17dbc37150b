// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QTest>
#include <ostream>

#include "tests/support/scratch.h"

inline std::ostream& operator<<(std::ostream& out, const QString& text) {
  return out << '"' << text.toStdString() << '"';
}

namespace bsfa::test {

inline QString text_of(const std::filesystem::path& path) {
  return QString::fromStdString(path.string());
}

/// Lets events run until something is so, or ten seconds have passed.
template <typename Condition>
bool becomes(Condition condition) {
  return QTest::qWaitFor(condition, 10000);
}

}  // namespace bsfa::test
