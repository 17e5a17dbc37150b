// SPDX-License-Identifier: Apache-2.0
#include "traces/src/table_reader.h"

#include <algorithm>

namespace bsfa::traces {
namespace {

/// Bytes of all texts of a column: a file of some KiB could ask for all memory there is by naming
/// one long text in every row.
constexpr std::size_t kLargestColumn = std::size_t{256} << 20;

}  // namespace

std::vector<std::string> read_texts(hid_t group, const std::string& name, const std::string& place,
                                    FileContext& context) {
  return DatasetReader(group, name, place, 1, context).read_texts();
}

std::vector<std::uint32_t> read_indices(hid_t group, const std::string& name,
                                        const std::string& place, std::size_t texts,
                                        std::optional<hsize_t> rows, FileContext& context) {
  auto indices = read_number_column<std::uint32_t>(group, name, place, rows, context);
  const auto beyond = std::find_if(indices.begin(), indices.end(),
                                   [&](std::uint32_t index) { return index >= texts; });
  if (beyond != indices.end()) {
    throw Fault("names text " + std::to_string(*beyond) + " of " + std::to_string(texts), place);
  }
  return indices;
}

std::vector<std::string> read_text_column(hid_t group, const std::string& name,
                                          const std::string& place, std::optional<hsize_t> rows,
                                          FileContext& context) {
  const auto texts = read_texts(group, name + "_text", place + "_text", context);
  const auto indices = read_indices(group, name, place, texts.size(), rows, context);
  std::size_t bytes = 0;
  for (const std::uint32_t index : indices) bytes += texts[index].size();
  if (bytes > kLargestColumn) {
    throw Fault("comes to " + std::to_string(bytes) + " bytes of text, more than is meant", place);
  }
  std::vector<std::string> column;
  column.reserve(indices.size());
  for (const std::uint32_t index : indices) column.push_back(texts[index]);
  return column;
}

}  // namespace bsfa::traces
