// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "traces/src/dataset_reader.h"
#include "traces/src/fields.h"
#include "traces/src/links.h"

namespace bsfa::traces {

/// A dataset [n] of texts, as they are listed.
///
/// Errors  throws Fault.
std::vector<std::string> read_texts(hid_t group, const std::string& name, const std::string& place,
                                    FileContext& context);

/// A column of each row's index into `texts` texts, of as many rows where that is known.
std::vector<std::uint32_t> read_indices(hid_t group, const std::string& name,
                                        const std::string& place, std::size_t texts,
                                        std::optional<hsize_t> rows, FileContext& context);

/// A column of text, as write_text_column has written it.
std::vector<std::string> read_text_column(hid_t group, const std::string& name,
                                          const std::string& place, std::optional<hsize_t> rows,
                                          FileContext& context);

/// A column of numbers.
template <typename T>
std::vector<T> read_number_column(hid_t group, const std::string& name, const std::string& place,
                                  std::optional<hsize_t> rows, FileContext& context) {
  DatasetReader dataset(group, name, place, 1, context);
  if (rows) dataset.expect_dims({*rows});
  return dataset.read_all<T>();
}

/// A group with one dataset for each of the row's columns, all of one length; nullopt where there
/// is no such group. Enumerators may be of a newer version: what they are worth is the caller's.
template <typename Row>
std::optional<std::vector<Row>> read_table(hid_t parent, const std::string& name,
                                           const std::string& place, FileContext& context) {
  if (!has_link(parent, name, place)) return std::nullopt;
  const Handle group = open_group(parent, name, place);
  std::vector<Row> table;
  std::optional<hsize_t> rows;
  for_each_column<Row>([&]<typename Member>(const char* column, Member Row::*member) {
    const std::string path = place + "/" + column;
    std::vector<ColumnType<Member>> values;
    if constexpr (std::is_same_v<Member, std::string>) {
      values = read_text_column(group.get(), column, path, rows, context);
    } else {
      values = read_number_column<ColumnType<Member>>(group.get(), column, path, rows, context);
    }
    table.resize(values.size());
    rows = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      from_column(std::move(values[i]), table[i].*member);
    }
  });
  return table;
}

}  // namespace bsfa::traces
