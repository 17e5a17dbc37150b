// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "traces/src/dataset_writer.h"
#include "traces/src/fields.h"

namespace bsfa::traces {

/// Writes texts as one dataset [n], each as long as the longest.
///
/// Errors  throws Fault.
void write_texts(hid_t group, const std::string& name, const std::vector<std::string>& texts);

/// Writes one text as a dataset [1].
void write_long_text(hid_t group, const std::string& name, const std::string& text);

/// Writes a column of text: the distinct texts in the order of their first row as NAME_text, and
/// each row's index into them as NAME.
void write_text_column(hid_t group, const std::string& name, const std::vector<std::string>& rows);

/// Writes a group with one dataset for each of the row's columns.
template <typename Row>
void write_table(hid_t parent, const std::string& name, const std::vector<Row>& rows) {
  const Handle group = require_group(parent, name);
  for_each_column<Row>([&]<typename Member>(const char* column, Member Row::*member) {
    std::vector<ColumnType<Member>> values;
    values.reserve(rows.size());
    for (const Row& row : rows) values.push_back(to_column(row.*member));
    if constexpr (std::is_same_v<Member, std::string>) {
      write_text_column(group.get(), column, values);
    } else {
      write_array(group.get(), column, column_layout(values.size()), values);
    }
  });
}

}  // namespace bsfa::traces
