// SPDX-License-Identifier: Apache-2.0
#include "traces/src/table_writer.h"

#include <algorithm>
#include <limits>
#include <map>

#include "traces/src/attributes.h"

namespace bsfa::traces {
namespace {

/// Bytes of texts in one chunk.
constexpr std::size_t kTextChunk = std::size_t{64} << 10;

}  // namespace

void write_texts(hid_t group, const std::string& name, const std::vector<std::string>& texts) {
  std::size_t longest = 1;  // HDF5 has no text of no length
  for (const auto& text : texts) longest = std::max(longest, text.size());
  std::string padded(longest * texts.size(), '\0');
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i].copy(&padded[i * longest], longest);
  const Handle type = text_type(longest);
  write_array(group, name, type.get(),
              layout_of({texts.size()}, {std::max<hsize_t>(1, kTextChunk / longest)}),
              padded.data());
}

void write_long_text(hid_t group, const std::string& name, const std::string& text) {
  // One element and not a scalar: only arrays can be compressed, and so carry a checksum.
  write_texts(group, name, {text});
}

void write_text_column(hid_t group, const std::string& name, const std::vector<std::string>& rows) {
  std::vector<std::string> texts;
  std::map<std::string, std::uint32_t> known;
  std::vector<std::uint32_t> indices;
  indices.reserve(rows.size());
  for (const auto& text : rows) {
    const auto [entry, added] = known.try_emplace(text, static_cast<std::uint32_t>(texts.size()));
    if (added) texts.push_back(text);
    indices.push_back(entry->second);
  }
  if (texts.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Fault("has more distinct texts than 2^32", name);
  }
  write_array(group, name, column_layout(indices.size()), indices);
  write_texts(group, name + "_text", texts);
}

}  // namespace bsfa::traces
