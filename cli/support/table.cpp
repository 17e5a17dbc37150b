// SPDX-License-Identifier: Apache-2.0
#include "cli/support/table.h"

#include <algorithm>
#include <utility>

namespace bsfa::cli {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines{""};
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// Headings as rows of cells; a heading with fewer lines stands at the bottom.
std::vector<std::vector<std::string>> heading_rows(const std::vector<std::string>& headings) {
  std::vector<std::vector<std::string>> split;
  std::size_t height = 0;
  for (const auto& heading : headings) {
    split.push_back(lines_of(heading));
    height = std::max(height, split.back().size());
  }
  std::vector<std::vector<std::string>> rows(height, std::vector<std::string>(headings.size()));
  for (std::size_t c = 0; c < split.size(); ++c) {
    const std::size_t top = height - split[c].size();
    for (std::size_t i = 0; i < split[c].size(); ++i) rows[top + i][c] = split[c][i];
  }
  return rows;
}

}  // namespace

Table::Table(const std::vector<std::string>& headings)
    : headings_(heading_rows(headings)), left_(headings.size(), false) {}

void Table::add(std::vector<std::string> cells) {
  cells.resize(left_.size());
  rows_.push_back(std::move(cells));
}

void Table::add_rule() {
  rows_.emplace_back();
}

void Table::align_left(std::size_t column) {
  left_[column] = true;
}

std::string Table::text(const std::string& indent) const {
  std::vector<std::size_t> widths(left_.size(), 0);
  std::vector<std::vector<std::string>> all = headings_;
  all.insert(all.end(), rows_.begin(), rows_.end());
  for (const auto& row : all) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  }
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + 2;
  std::string text;
  for (const auto& row : all) {
    std::string line = row.empty() && total > 2 ? std::string(total - 2, '-') : "";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widths[c] - width_of(row[c]), ' ');
      line += left_[c] ? row[c] + padding : padding + row[c];
      line += "  ";
    }
    text += without_trailing_blanks(indent + line) + "\n";
  }
  return text;
}

std::string fields(const std::vector<std::pair<std::string, std::string>>& entries,
                   const std::string& indent) {
  std::size_t width = 0;
  for (const auto& [name, value] : entries) width = std::max(width, width_of(name));
  std::string text;
  for (const auto& [name, value] : entries) {
    std::string line = indent;
    line.append(name).append(width - width_of(name) + 3, ' ').append(value);
    text.append(without_trailing_blanks(std::move(line))).append("\n");
  }
  return text;
}

}  // namespace bsfa::cli
