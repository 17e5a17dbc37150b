// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/work_profile.h"
#include "cli/commands.h"
#include "cli/support/format.h"
#include "cli/support/output.h"
#include "cli/support/table.h"
#include "cli/thresholds/table_text.h"
#include "cli/trace/block_rows.h"
#include "cli/trace/stored_profile.h"
#include "cli/trace/work_text.h"
#include "io/attention_file.h"
#include "io/threshold_file.h"

namespace bsfa::cli {
namespace {

struct InfoOptions {
  std::string file;
};

bool is_hdf5(const std::string& path) {
  constexpr std::array<char, 8> kSignature = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<char, 8> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  return head == kSignature;
}

bool is_torch(const std::filesystem::path& path) {
  return path.extension() == ".pt" || path.extension() == ".pth";
}

std::string shown(const std::string& text) {
  return text.empty() ? "-" : text;
}

double mean_mass(const std::vector<BlockRow>& rows) {
  double sum = 0.0;
  for (const auto& row : rows) sum += row.retained_mass;
  return sum / static_cast<double>(rows.size());
}

/// Figures that only a comparison with the reference gives; a profile has none.
void add_errors(std::vector<std::pair<std::string, std::string>>& entries,
                const std::vector<BlockRow>& rows) {
  const double retained = mean_mass(rows);
  const double arithmetic = largest(rows, &BlockRow::error_arithmetic);
  const double method = largest(rows, &BlockRow::error_method);
  if (!std::isnan(retained)) entries.emplace_back("mean retained mass", mass(retained));
  if (!std::isnan(arithmetic)) entries.emplace_back("worst arithmetic", figure(arithmetic));
  if (!std::isnan(method)) entries.emplace_back("worst method", figure(method));
}

/// Adds the sequence's work records to `work`.
std::string sequence_text(const traces::TraceReader& reader, std::int64_t layer,
                          std::int64_t sequence, std::vector<core::WorkRecord>& work) {
  const auto overview = reader.overview(layer, sequence);
  const auto rows = block_rows(reader, layer, sequence);
  const auto tiles = pooled(rows);
  std::vector<std::pair<std::string, std::string>> entries = {
      {"problem", describe(overview.problem)},
      {"holds", fmt::format("{} Q blocks in {} heads, {} K blocks each",
                            count(static_cast<std::int64_t>(rows.size())), overview.shape.heads,
                            count(overview.shape.k_blocks))},
      {"density", percent(tiles ? tiles->density() : std::nullopt)}};
  add_errors(entries, rows);
  entries.emplace_back("work records", overview.work
                                           ? count(static_cast<std::int64_t>(overview.work->size()))
                                           : "none");
  entries.emplace_back("pyramid levels", std::to_string(reader.levels(layer, sequence)));
  if (overview.work) work.insert(work.end(), overview.work->begin(), overview.work->end());
  return fmt::format("\nlayer {}, sequence {}\n{}", layer, sequence, fields(entries));
}

/// One launch computes all sequences of a layer, so its work and its profile are theirs together.
std::string layer_text(const traces::TraceReader& reader, std::int64_t layer) {
  std::string text;
  std::vector<core::WorkRecord> work;
  for (const std::int64_t sequence : reader.sequences(layer)) {
    text += sequence_text(reader, layer, sequence, work);
  }
  if (const auto profile = stored_profile(reader, layer)) {
    text += fmt::format("\nlayer {}, profile\n{}", layer, text_of(*profile));
  } else if (!work.empty()) {
    text += fmt::format("\nlayer {}, work\n{}", layer,
                        fields(work_entries(analysis::profile_work(work))));
  }
  return text;
}

std::string trace_text(const std::string& path) {
  const traces::TraceReader reader(path);
  const auto& p = reader.provenance();
  std::string text = fmt::format("{}: trace, {}\n", path, bytes(std::filesystem::file_size(path)));
  std::vector<std::pair<std::string, std::string>> entries = {
      {"verdict", shown(p.verdict)},
      {"kernel", shown(p.kernel)},
      {"thresholds", shown(p.thresholds)},
      {"input", shown(p.input_file)},
      {"input sha256", shown(p.input_sha256)},
      {"written",
       fmt::format("{} by bsfa {} ({})", shown(p.created_utc), p.tool_version, p.commit)},
      {"command", shown(p.command_line)}};
  if (!p.gpu.empty()) entries.emplace_back("gpu", p.gpu + ", driver " + shown(p.driver));
  for (const auto& [name, value] : p.more) entries.emplace_back(name, value);
  text += fields(entries);
  for (const std::int64_t layer : reader.layers()) text += layer_text(reader, layer);
  return text;
}

/// What compare would make of it, with default options.
std::string attention_text(const std::string& path) {
  try {
    const auto file = io::AttentionFile::open(path);
    const auto loaded = file.load(file.layers().front(), {});
    return fields(
        {{"layers", fmt::format("{}", fmt::join(file.layers(), ", "))},
         {"attention", describe(loaded.problem) + (loaded.rounded ? " (rounded from fp32)" : "")}});
  } catch (const core::Error& error) {
    return fields({{"attention", std::string("no: ") + error.what()}});
  }
}

std::string tensors_text(const std::string& path) {
  const auto file = io::open_tensor_file(path);
  Table table({"tensor", "dtype", "shape", "size"});
  for (const std::size_t column : {0U, 1U, 2U}) table.align_left(column);
  for (const auto& tensor : file->tensors()) {
    table.add({tensor.name, std::string(core::name_of(tensor.dtype)),
               fmt::format("[{}]", fmt::join(tensor.shape, ",")), bytes(tensor.bytes.size())});
  }
  std::string text = fmt::format("{}: {} tensors, {}\n", path, file->tensors().size(),
                                 bytes(std::filesystem::file_size(path)));
  const bool is_table = file->find("thresholds") != nullptr;
  text += is_table ? "\nthreshold table\n" + describe_table(io::read_thresholds(path))
                   : attention_text(path);
  if (!file->metadata().empty()) {
    text += "\n" + fields({file->metadata().begin(), file->metadata().end()});
  }
  return text + "\n" + table.text();
}

core::ExitCode run_info(const InfoOptions& o, const Session&) {
  if (is_hdf5(o.file)) {
    write_stdout(trace_text(o.file));
  } else if (is_torch(o.file)) {
    write_stdout(fmt::format("{}: torch threshold table\n{}", o.file,
                             describe_table(io::read_thresholds(o.file))));
  } else {
    write_stdout(tensors_text(o.file));
  }
  return core::ExitCode::kPassed;
}

}  // namespace

void add_info(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<InfoOptions>();
  auto* command =
      app.add_subcommand("info", "Say what a trace, a tensor file or a threshold table is");
  command->add_option("FILE", options->file, "trace (HDF5), safetensors, npy, npz or .pt")
      ->required();
  command->footer("\nExample\n  bsfa info t.h5\n");
  on_chosen(command, commands, options, run_info);
}

}  // namespace bsfa::cli
