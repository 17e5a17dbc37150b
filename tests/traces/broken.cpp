// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <map>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "core/error.h"
#include "core/random.h"
#include "tests/traces/support.h"
#include "traces/reader.h"

namespace bsfa::traces::test {
namespace {

constexpr std::uint64_t kSeed = 5;

Sequence small_sequence() {
  Sequence s = full_sequence(problem_of(2, 3, 6), kSeed);
  s.work->resize(20);
  return s;
}

/// Opens the file and reads all that there is to read.
void read_everything(const std::filesystem::path& path) {
  const TraceReader reader(path);
  for (const std::int64_t layer : reader.layers()) {
    for (const std::int64_t sequence : reader.sequences(layer)) reader.read_all(layer, sequence);
  }
}

std::string refusal(const std::filesystem::path& path) {
  const std::string message = message_of<core::InputError>([&] { read_everything(path); });
  CAPTURE(message);
  CHECK(message.find('\n') == std::string::npos);
  const std::string file = path.string() + ": ";
  REQUIRE(message.substr(0, file.size()) == file);
  return message.substr(file.size());
}

TEST_CASE("what is no trace is refused in one line") {
  const Folder folder;
  CHECK(refusal(folder / "none.h5") == "No such file or directory");
  CHECK(refusal(folder.path()) == "is a folder, not a trace");
  write_bytes(folder / "empty.h5", {});
  CHECK(refusal(folder / "empty.h5") == "is empty");
  const std::string text = "{\"verdict\": \"pass\"}";
  write_bytes(folder / "text.h5", {text.begin(), text.end()});
  CHECK(refusal(folder / "text.h5") == "is not an HDF5 file");
  REQUIRE(::mkfifo((folder / "pipe.h5").c_str(), 0600) == 0);
  CHECK(refusal(folder / "pipe.h5") == "is not a regular file");
  std::filesystem::create_symlink(folder / "nowhere", folder / "link.h5");
  CHECK(refusal(folder / "link.h5") == "No such file or directory");
}

TEST_CASE("HDF5 files of other programs are refused") {
  const Folder folder;
  edit_copies(folder, {"foreign", "old_format"});
  CHECK(refusal(folder / "foreign.h5") ==
        "is HDF5, but not a trace of bsfa (attribute schema_major)");
  CHECK(refusal(folder / "old_format.h5") ==
        "is HDF5 in a format without checksums, which no trace is written in");
}

TEST_CASE("a trace cut short anywhere is refused") {
  const Folder folder;
  write_trace(folder / "t.h5", small_sequence());
  const std::vector<char> whole = read_bytes(folder / "t.h5");
  for (std::size_t size = 1; size < whole.size(); size += 1 + whole.size() / 97) {
    CAPTURE(size);
    write_bytes(folder / "cut.h5",
                {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    const std::string cause = refusal(folder / "cut.h5");
    CHECK((cause.starts_with("is cut short") || cause == "is not an HDF5 file"));
  }
}

TEST_CASE("a damaged byte is noticed or has no effect, wherever it is") {
  CAPTURE(kSeed);
  const Folder folder;
  const Sequence written = small_sequence();
  write_trace(folder / "t.h5", written);
  const std::vector<char> whole = read_bytes(folder / "t.h5");
  core::SplitMix64 random(kSeed);
  int noticed = 0, harmless = 0;
  for (int i = 0; i < 300; ++i) {
    // One in four in the first 2 KiB, where the file's own structure begins.
    const std::size_t at = random.below(i % 4 == 0 ? 2048 : whole.size());
    const auto flip = static_cast<char>(1 + random.below(255));
    CAPTURE(at, flip);
    std::vector<char> damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ flip);
    write_bytes(folder / "damaged.h5", damaged);
    std::string changed;
    try {
      const TraceReader reader(folder / "damaged.h5");
      changed = difference(reader.read_all(0, 0), written) +
                difference(reader.provenance(), sample_provenance());
      ++harmless;
    } catch (const core::InputError&) {
      ++noticed;
    }
    CHECK(changed == "");
  }
  CHECK(noticed > 150);
  CHECK(harmless + noticed == 300);
}

TEST_CASE("blocks of a trace overwritten with noise are noticed") {
  CAPTURE(kSeed);
  const Folder folder;
  write_trace(folder / "t.h5", small_sequence());
  const std::vector<char> whole = read_bytes(folder / "t.h5");
  core::SplitMix64 random(kSeed);
  for (std::size_t at = 0; at < whole.size(); at += 512) {
    CAPTURE(at);
    std::vector<char> damaged = whole;
    for (std::size_t i = at; i < std::min(at + 512, whole.size()); ++i) {
      damaged[i] = static_cast<char>(random.next());
    }
    write_bytes(folder / "damaged.h5", damaged);
    message_of<core::InputError>([&] { read_everything(folder / "damaged.h5"); });
  }
}

TEST_CASE("a trace that was changed into a wrong one is refused, and says where") {
  const std::map<std::string, std::string> refused{
      {"newer_major", "was written by a newer bsfa: schema 2.1, this one reads up to 1.x"},
      {"major_zero", "has schema 0.1, which never existed"},
      {"text_version", "is not a whole number (attribute schema_major)"},
      {"no_kernel", "is missing (attribute kernel)"},
      {"kernel_number", "is not text of fixed length (attribute kernel)"},
      {"kernel_list", "is not a single value (attribute kernel)"},
      {"no_layers", "is missing (/layers)"},
      {"layers_data", "HDF5 says: not a group (/layers)"},
      {"layer_name", "'first' is not a number (/layers)"},
      {"layer_padded", "'00' is not a number (/layers)"},
      {"sequence_name", "'-1' is not a number (/layers/0/seq)"},
      {"no_report", "is missing (/report)"},
      {"report_number", "is not text of fixed length (/report)"},
      {"report_many", "has shape [2] instead of [1] (/report)"},
      {"no_heads", "is 0, must be 1 to 2^31 (/layers/0/seq/0, attribute heads)"},
      {"other_heads", "has shape [2,3] instead of [3,3] (/layers/0/seq/0/held)"},
      {"huge_length", "is 1099511627776, must be 1 to 2^31 (/layers/0/seq/0, attribute kv_len)"},
      {"short_keys", "has more queries than keys (/layers/0/seq/0)"},
      {"odd_dtype", "dtype 'fp3' is unknown (/layers/0/seq/0)"},
      {"no_index", "is missing (/layers/0/seq/0/q_blocks)"},
      {"index_descends",
       "is not an ascending list of the problem's Q blocks (/layers/0/seq/0, q_blocks)"},
      {"index_beyond",
       "is not an ascending list of the problem's Q blocks (/layers/0/seq/0, q_blocks)"},
      {"index_bomb",
       "claims a shape [1099511627776] that the file is too small for (/layers/0/seq/0/q_blocks)"},
      {"double", "holds another type of number than it should (/layers/0/seq/0/tile_max)"},
      {"big_endian", "holds another type of number than it should (/layers/0/seq/0/tile_max)"},
      {"signed", "holds another type of number than it should (/layers/0/seq/0/gating_ties)"},
      {"transposed", "has shape [3,2] instead of [2,3] (/layers/0/seq/0/threshold)"},
      {"flat", "has 1 dimensions instead of 3 (/layers/0/seq/0/tile_max)"},
      {"lzf", "went through unknown filter 32000 (/layers/0/seq/0/tile_max)"},
      {"chunks_missing", "a chunk is missing (/layers/0/seq/0/tile_max)"},
      {"unwritten", "is not all in the file (/layers/0/seq/0/tile_max)"},
      {"bomb",
       "claims a shape [2,3,33554432] that the file is too small for"
       " (/layers/0/seq/0/tile_max)"},
      {"external", "lies in another file (/layers/0/seq/0/threshold)"},
      {"virtual", "lies in another file (/layers/0/seq/0/threshold)"},
      {"soft_link", "is a link to somewhere else (/layers/0/seq/0/threshold)"},
      {"external_link", "is a link to somewhere else (/layers/0/seq/0/threshold)"},
      {"group_for_data", "HDF5 says: not a dataset (/layers/0/seq/0/tile_max)"},
      {"data_for_group", "HDF5 says: not a group (/layers/0/seq/0/work)"},
      {"odd_code", "holds 7, which is no tile code (/layers/0/seq/0/mask_reference)"},
      {"unsorted", "is not sorted (/layers/0/seq/0/work/start_ns)"},
      {"uneven_columns", "has shape [19] instead of [20] (/layers/0/seq/0/work/head)"},
      {"no_column", "is missing (/layers/0/seq/0/work/head)"},
  };
  const Folder folder;
  write_trace(folder / "t.h5", small_sequence());
  std::vector<std::string> names;
  for (const auto& [name, cause] : refused) names.push_back(name);
  edit_copies(folder, names);
  for (const auto& [name, cause] : refused) {
    CAPTURE(name);
    CHECK(refusal(folder / (name + ".h5")) == cause);
  }
}

TEST_CASE("a trace stored in another way has the same values") {
  const Folder folder;
  const Sequence written = small_sequence();
  write_trace(folder / "t.h5", written);
  const std::vector<std::string> names{"contiguous", "gzip9",    "fletcher",
                                       "shuffled",   "deflated", "growing"};
  edit_copies(folder, names);
  for (const auto& name : names) {
    CAPTURE(name);
    const TraceReader reader(folder / (name + ".h5"));
    CHECK(difference(reader.read_all(0, 0), written) == "");
    const auto head = reader.head(0, 0, TileField::kTileMax, 1);
    const auto& all = *written.tile_max;
    CHECK(same_bits(*head, std::vector<float>(all.begin() + 18, all.end())));
  }
}

TEST_CASE("additions of a newer minor version are ignored") {
  const Folder folder;
  const Sequence written = small_sequence();
  write_trace(folder / "t.h5", written);
  edit_copies(folder, {"newer_minor"});
  const TraceReader reader(folder / "newer_minor.h5");
  CHECK(difference(reader.read_all(0, 0), written) == "");
  CHECK(difference(reader.provenance(), sample_provenance()) == "");
}

}  // namespace
}  // namespace bsfa::traces::test
