// SPDX-License-Identifier: Apache-2.0
#include "tests/traces/support.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <sys/wait.h>

#include "core/random.h"
#include "core/tile_geometry.h"
#include "traces/src/fields.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

class Values {
 public:
  explicit Values(std::uint64_t seed) : random_(seed) {}

  std::vector<float> floats(std::size_t size) {
    std::vector<float> out(size);
    for (float& x : out) {
      // One in eight is any bit pattern at all: NaN, infinite, denormal.
      const std::uint64_t bits = random_.next();
      x = (bits >> 61) == 0 ? std::bit_cast<float>(static_cast<std::uint32_t>(bits))
                            : static_cast<float>(bits % 4096) / 256.0F - 8.0F;
    }
    return out;
  }
  template <typename T>
  std::vector<T> integers(std::size_t size, std::uint64_t limit) {
    std::vector<T> out(size);
    for (T& x : out) x = static_cast<T>(random_.next() % limit);
    return out;
  }
  std::uint64_t next() { return random_.next(); }

 private:
  core::SplitMix64 random_;
};

std::vector<core::WorkRecord> records(Values& values, std::size_t size) {
  std::vector<core::WorkRecord> out(size);
  std::uint64_t start = 1'000'000'000'000'000'000;
  for (auto& r : out) {
    r.batch = static_cast<std::int32_t>(values.next() % 4);
    r.head = static_cast<std::int32_t>(values.next() % 32);
    r.q_block = static_cast<std::int32_t>(values.next() % 1024);
    r.k_block_begin = static_cast<std::int32_t>(values.next() % 8);
    r.k_block_end = r.k_block_begin + 5;
    r.pass = static_cast<std::uint32_t>(values.next());
    r.unit = static_cast<std::uint32_t>(values.next());
    r.cta = static_cast<std::uint32_t>(values.next());
    r.warp = static_cast<std::int32_t>(values.next() % 5) - 1;
    r.clock = static_cast<core::ClockDomain>(values.next() % 3);
    r.start_ns = start += values.next() % 1000;
    r.end_ns = r.start_ns + 7;
    r.tiles_seen = values.next();
    r.tiles_kept = values.next();
    r.qk_products = values.next();
    r.pv_products = values.next();
  }
  return out;
}

bool same(const core::WorkRecord& a, const core::WorkRecord& b) {
  bool equal = true;
  for_each_column<core::WorkRecord>(
      [&](const char*, auto member) { equal &= a.*member == b.*member; });
  return equal;
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "bsfa-traces-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> Folder::names() const {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

core::Problem problem_of(std::int64_t heads, std::int64_t q_blocks, std::int64_t k_blocks) {
  core::Problem p;
  p.batch = 2;
  p.heads = heads;
  p.kv_heads = heads;
  p.q_len = q_blocks * 128 - 5;
  p.kv_len = k_blocks * 64 - 3;
  p.head_dim = 64;
  p.dtype = core::Dtype::kBfloat16;
  p.scale = 0.1F;
  return p;
}

Sequence full_sequence(const core::Problem& problem, std::vector<std::int64_t> q_blocks,
                       std::uint64_t seed) {
  Values values(seed);
  Sequence s;
  s.problem = problem;
  s.shape = {problem.heads, static_cast<std::int64_t>(q_blocks.size()),
             core::TileGeometry(problem).k_blocks()};
  s.q_blocks = std::move(q_blocks);
  const auto tiles = static_cast<std::size_t>(s.shape.tiles());
  const auto blocks = static_cast<std::size_t>(s.shape.heads * s.shape.rows);
  s.held = values.integers<std::uint8_t>(blocks, 2);
  for (auto* tile : {&s.tile_max, &s.tile_mass, &s.tile_mass_max}) *tile = values.floats(tiles);
  s.mask_reference = values.integers<std::uint8_t>(tiles, 4);
  s.mask_kernel = values.integers<std::uint8_t>(tiles, 256);
  for (auto* block : {&s.threshold, &s.error_arithmetic, &s.error_method, &s.retained_mass,
                      &s.retained_mass_min, &s.certificate}) {
    *block = values.floats(blocks);
  }
  s.gating_ties = values.integers<std::uint32_t>(blocks, std::uint64_t{1} << 32);
  s.gating_violations = values.integers<std::uint32_t>(blocks, 3);
  s.curve_threshold = values.floats(blocks * 64);
  s.curve_mass = values.floats(blocks * 64);
  s.work = records(values, 1000);
  return s;
}

Sequence full_sequence(const core::Problem& problem, std::uint64_t seed) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(core::TileGeometry(problem).q_blocks()));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return full_sequence(problem, std::move(all), seed);
}

Sequence formula_sequence() {
  Sequence s;
  s.problem = problem_of(2, 3, 6);
  s.shape = {2, 2, 6};
  s.q_blocks = {0, 2};
  s.held = {1, 1, 1, 0};
  for (auto* array : {&s.tile_max, &s.tile_mass, &s.tile_mass_max}) array->emplace();
  s.mask_reference.emplace();
  s.mask_kernel.emplace();
  for (int i = 0; i < 24; ++i) {
    s.tile_max->push_back(static_cast<float>(i) / 4 - 3);
    s.tile_mass->push_back(static_cast<float>(i) / 32);
    s.tile_mass_max->push_back(static_cast<float>(i) / 16);
    s.mask_reference->push_back(static_cast<std::uint8_t>(i % 4));
    s.mask_kernel->push_back(i < 18 ? static_cast<std::uint8_t>(i % 4) : std::uint8_t{255});
  }
  s.tile_max->at(1) = std::numeric_limits<float>::quiet_NaN();
  s.tile_max->at(2) = -std::numeric_limits<float>::infinity();
  float next = 0;
  for (auto* array : {&s.threshold, &s.error_arithmetic, &s.error_method, &s.retained_mass,
                      &s.retained_mass_min, &s.certificate}) {
    array->emplace();
    for (int i = 0; i < 4; ++i) array->value().push_back(next += 0.5F);
  }
  s.gating_ties = {0, 1, 2, 4'000'000'000};
  s.gating_violations = {4, 5, 6, 7};
  s.curve_threshold.emplace();
  s.curve_mass.emplace();
  for (int i = 0; i < 256; ++i) {
    s.curve_threshold->push_back(static_cast<float>(-i));
    s.curve_mass->push_back(static_cast<float>(i) / 256);
  }
  s.work.emplace();
  core::WorkRecord r;
  r.clock = core::ClockDomain::kMonotonicNs;
  for (int i = 0; i < 3; ++i) {
    r.head = i;
    r.start_ns = 1'000'000'000'000'000'001 + 10 * static_cast<std::uint64_t>(i);
    r.end_ns = r.start_ns + 5;
    r.tiles_seen = 6;
    r.tiles_kept = static_cast<std::uint64_t>(i);
    s.work->push_back(r);
  }
  return s;
}

Provenance sample_provenance() {
  Provenance p;
  p.tool_version = "0.1.0";
  p.commit = "0123456789abcdef";
  p.gpu = "none";
  p.kernel = "cpu";
  p.command_line = "bsfa compare --qkv 'Größe 長い.safetensors' --topk 16";
  p.input_file = "Größe 長い.safetensors";
  p.input_sha256 = std::string(64, 'a');
  p.thresholds = "top-16 of this input";
  p.created_utc = "2026-01-02T03:04:05Z";
  p.verdict = "pass";
  p.more = {{"note", "first\nsecond line"}, {"empty", ""}};
  return p;
}

Report long_report(std::uint64_t seed) {
  core::SplitMix64 random(seed);
  std::string text(60'000, ' ');
  for (char& c : text) c = static_cast<char>('!' + random.below(90));
  return {text};
}

void write_trace(const std::filesystem::path& path, const Sequence& sequence,
                 const std::string& report) {
  TraceWriter writer(path);
  writer.add(0, 0, sequence);
  writer.commit(sample_provenance(), {report});
}

std::vector<char> read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::filesystem::path& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

int run_python(const std::string& script, const std::vector<std::string>& arguments,
               std::string* out) {
  std::string command = "/usr/bin/python3 '" BSFA_SOURCE_DIR "/tests/traces/" + script + "'";
  for (const auto& argument : arguments) command += " '" + argument + "'";
  command += " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return -1;
  std::string text;
  char buffer[512];
  while (std::fgets(buffer, sizeof(buffer), pipe) != nullptr) text += buffer;
  const int status = ::pclose(pipe);
  if (out != nullptr) *out = text;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void edit_copies(const Folder& folder, const std::vector<std::string>& names) {
  std::vector<std::string> arguments{(folder / "t.h5").string(), folder.path().string()};
  arguments.insert(arguments.end(), names.begin(), names.end());
  std::string out;
  if (run_python("edit_trace.py", arguments, &out) != 0) throw std::runtime_error(out);
}

std::string difference(const Sequence& a, const Sequence& b) {
  std::string names;
  const auto note = [&](bool equal, const std::string& name) {
    if (!equal) names += (names.empty() ? "" : ", ") + name;
  };
  note(a.problem == b.problem, "problem");
  note(a.shape == b.shape, "shape");
  note(a.q_blocks == b.q_blocks, "q_blocks");
  note(same_bits(a.held, b.held), "held");
  note(same_bits(a.tile_max, b.tile_max), "tile_max");
  note(same_bits(a.tile_mass, b.tile_mass), "tile_mass");
  note(same_bits(a.tile_mass_max, b.tile_mass_max), "tile_mass_max");
  note(same_bits(a.mask_reference, b.mask_reference), "mask_reference");
  note(same_bits(a.mask_kernel, b.mask_kernel), "mask_kernel");
  note(same_bits(a.threshold, b.threshold), "threshold");
  note(same_bits(a.error_arithmetic, b.error_arithmetic), "error_arithmetic");
  note(same_bits(a.error_method, b.error_method), "error_method");
  note(same_bits(a.gating_ties, b.gating_ties), "gating_ties");
  note(same_bits(a.gating_violations, b.gating_violations), "gating_violations");
  note(same_bits(a.retained_mass, b.retained_mass), "retained_mass");
  note(same_bits(a.retained_mass_min, b.retained_mass_min), "retained_mass_min");
  note(same_bits(a.certificate, b.certificate), "certificate");
  note(same_bits(a.curve_threshold, b.curve_threshold), "curve_threshold");
  note(same_bits(a.curve_mass, b.curve_mass), "curve_mass");
  note(a.work.has_value() == b.work.has_value() &&
           (!a.work ||
            std::equal(a.work->begin(), a.work->end(), b.work->begin(), b.work->end(), same)),
       "work");
  return names;
}

std::string difference(const Provenance& a, const Provenance& b) {
  std::string names;
  std::vector<std::string> texts;
  for_each_text(a, [&](const char*, const std::string& value) { texts.push_back(value); });
  std::size_t i = 0;
  for_each_text(b, [&](const char* name, const std::string& value) {
    if (texts[i++] != value) names += std::string(name) + " ";
  });
  return a.more == b.more ? names : names + "more";
}

}  // namespace bsfa::traces::test
