// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/metric_sets.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "core/error.h"

namespace bsfa::profiler {
namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::size_t kLargestFile = std::size_t{1} << 20;

constexpr std::string_view kNameLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// The first word, which is taken off the text.
std::string take_word(std::string_view& text) {
  const std::string_view whole = trimmed(text);
  const std::size_t end = std::min(whole.find_first_of(kBlank), whole.size());
  text = trimmed(whole.substr(end));
  return std::string(whole.substr(0, end));
}

bool is_name(std::string_view word) {
  return !word.empty() && word.find_first_not_of(kNameLetters) == std::string_view::npos;
}

/// UNIT__WHAT.ROLLUP, with dots before and after where the library has them.
bool is_metric(std::string_view word) {
  const std::size_t unit_end = word.find("__");
  if (unit_end == std::string_view::npos || unit_end == 0) return false;
  const std::size_t rollup = word.find('.', unit_end);
  if (rollup == std::string_view::npos || word.back() == '.') return false;
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return c == '.' || kNameLetters.find(c) != kNameLetters.npos; });
}

/// Reads one line after another.
class Parser {
 public:
  explicit Parser(const std::string& file) : file_(file) {}

  void read(std::string_view line) {
    ++line_;
    const bool is_indented = !line.empty() && kBlank.find(line.front()) != kBlank.npos;
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) return;
    if (is_indented) {
      add_metric(line);
    } else {
      open_set(line);
    }
  }

  MetricFile finish() {
    close_set();
    if (sets_of_kind_ == nullptr) fail("names no set of metrics");
    return std::move(result_);
  }

 private:
  void open_set(std::string_view line) {
    close_set();
    const std::string kind = take_word(line);
    if (kind != "counters" && kind != "samples") {
      fail("'" + kind + "' is neither counters nor samples, and a metric is indented");
    }
    MetricSet set;
    set.name = take_word(line);
    set.purpose = line;
    if (!is_name(set.name)) fail("a set needs a name of letters, digits, _ and -");
    if (set.purpose.empty()) fail("set " + set.name + " needs a purpose after its name");
    if (!names_.insert(kind + " " + set.name).second) fail("set " + set.name + " is named twice");
    kind_ = kind;
    opened_at_ = line_;
    sets_of_kind_ = kind == "counters" ? &result_.counters : &result_.samples;
    sets_of_kind_->push_back(std::move(set));
  }

  void add_metric(std::string_view line) {
    const std::string metric = take_word(line);
    if (sets_of_kind_ == nullptr) fail("metric " + metric + " stands before any set");
    if (!line.empty()) fail("one metric a line, not '" + metric + " " + std::string(line) + "'");
    if (!is_metric(metric)) fail("'" + metric + "' is no metric: UNIT__WHAT.ROLLUP");
    if (!names_.insert(kind_ + "/" + metric).second) fail("metric " + metric + " is named twice");
    sets_of_kind_->back().metrics.push_back(metric);
  }

  void close_set() {
    if (sets_of_kind_ == nullptr || !sets_of_kind_->back().metrics.empty()) return;
    line_ = opened_at_;
    fail("set " + sets_of_kind_->back().name + " has no metrics");
  }

  [[noreturn]] void fail(const std::string& cause) const {
    throw core::InputError(file_, cause, "line " + std::to_string(line_));
  }

  std::string file_;
  std::size_t line_ = 0, opened_at_ = 0;
  MetricFile result_;
  std::string kind_;
  std::vector<MetricSet>* sets_of_kind_ = nullptr;
  std::set<std::string> names_;
};

}  // namespace

MetricFile parse_metric_file(std::string_view text, const std::string& name) {
  Parser parser(name);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    parser.read(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

MetricFile read_metric_file(const std::filesystem::path& path) {
  const auto fail = [&](const std::string& cause) { throw core::InputError(path.string(), cause); };
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(path, error);
  if (error) fail(error.message());
  if (!is_file) fail("is not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::generic_category().message(errno));
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) fail("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) fail("is larger than a file of metrics can be");
  return parse_metric_file(text, path.string());
}

std::vector<std::string> metrics_of(const std::vector<MetricSet>& sets) {
  std::vector<std::string> metrics;
  for (const MetricSet& set : sets) {
    metrics.insert(metrics.end(), set.metrics.begin(), set.metrics.end());
  }
  return metrics;
}

}  // namespace bsfa::profiler
