// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "traces/trace.h"

namespace bsfa::traces::test {

/// A folder of its own that goes away with the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const noexcept { return path_; }
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

core::Problem problem_of(std::int64_t heads, std::int64_t q_blocks, std::int64_t k_blocks);

/// Every array present, with NaN, infinities, negative zero and denormal numbers among the values.
Sequence full_sequence(const core::Problem& problem, std::vector<std::int64_t> q_blocks,
                       std::uint64_t seed);
/// The same for all Q blocks of the problem.
Sequence full_sequence(const core::Problem& problem, std::uint64_t seed);

/// Two heads of 3 by 6 tiles, the last row a sample of later ones, whose values follow formulas
/// that check_trace.py knows too; values that binary fractions hold exactly.
Sequence formula_sequence();

Provenance sample_provenance();
/// A report that compresses little, so that writing it needs space of its own.
Report long_report(std::uint64_t seed);

/// Writes a trace with one sequence, /layers/0/seq/0.
void write_trace(const std::filesystem::path& path, const Sequence& sequence,
                 const std::string& report = "{\"verdict\":\"pass\"}");

std::vector<char> read_bytes(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, const std::vector<char>& bytes);

/// Runs Debian's python3 on a script of this folder; its exit status, its output in `out`.
int run_python(const std::string& script, const std::vector<std::string>& arguments,
               std::string* out = nullptr);

/// Writes FOLDER/NAME.h5 for each name, a copy of FOLDER/t.h5 with that change of edit_trace.py.
void edit_copies(const Folder& folder, const std::vector<std::string>& names);

/// Bit for bit, so that NaN equals itself and 0 differs from -0.
template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}
template <typename T>
bool same_bits(const std::optional<std::vector<T>>& a, const std::optional<std::vector<T>>& b) {
  return a.has_value() == b.has_value() && (!a || same_bits(*a, *b));
}
/// Names of what differs, "" if nothing does.
std::string difference(const Sequence& a, const Sequence& b);
std::string difference(const Provenance& a, const Provenance& b);

/// The message of the InputError or OutputError that f throws; "" if it throws none.
template <typename Error, typename F>
std::string message_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace bsfa::traces::test
