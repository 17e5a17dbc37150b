// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bsfa::cli {

/// Columns of text, right-aligned under their headings, two blanks apart.
///
/// A heading may have several lines ("retained\nmass"). Widths count code points, not bytes.
class Table {
 public:
  explicit Table(const std::vector<std::string>& headings);
  /// A row shorter than the headings leaves the rest empty.
  void add(std::vector<std::string> cells);
  void add_rule();
  /// Left-aligns a column.
  void align_left(std::size_t column);
  /// Every line starts with `indent` and ends with a newline.
  std::string text(const std::string& indent = "  ") const;

 private:
  std::vector<std::vector<std::string>> headings_;  ///< lines of column titles
  std::vector<std::vector<std::string>> rows_;      ///< an empty row is a rule
  std::vector<bool> left_;
};

/// "name    text" lines, names padded to one width.
std::string fields(const std::vector<std::pair<std::string, std::string>>& entries,
                   const std::string& indent = "  ");

}  // namespace bsfa::cli
