// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "core/random.h"
#include "tests/traces/profiles.h"
#include "traces/reader.h"
#include "traces/writer.h"

namespace bsfa::traces::test {
namespace {

constexpr std::uint64_t kSeed = 31;

TEST_CASE("everything of a profile is read back bit for bit") {
  CAPTURE(kSeed);
  const Folder folder;
  for (const Profile& written : {formula_profile(), large_profile(kSeed)}) {
    TraceWriter writer(folder / "t.h5");
    writer.add(3, 0, formula_sequence());
    writer.add_profile(3, written);
    writer.commit({}, {});
    const TraceReader reader(folder / "t.h5");
    CHECK(reader.has_profile(3));
    REQUIRE(reader.profile(3).has_value());
    Profile sorted = written;
    std::stable_sort(sorted.spans.begin(), sorted.spans.end(),
                     [](const Span& a, const Span& b) { return a.start_ns < b.start_ns; });
    CHECK(difference(*reader.profile(3), sorted) == "");
    CHECK(difference(reader.read_all(3, 0), formula_sequence()) == "");
  }
}

TEST_CASE("a layer without a profile has none, and one without anything in it is one") {
  const Folder folder;
  TraceWriter writer(folder / "t.h5");
  writer.add(0, 0, formula_sequence());
  writer.add(1, 0, formula_sequence());
  writer.add_profile(1, {});
  writer.add_profile(2, formula_profile());
  writer.commit({}, {});
  const TraceReader reader(folder / "t.h5");
  CHECK_FALSE(reader.has_profile(0));
  CHECK_FALSE(reader.profile(0).has_value());
  REQUIRE(reader.profile(1).has_value());
  CHECK(difference(*reader.profile(1), {}) == "");
  CHECK(reader.layers() == std::vector<std::int64_t>{0, 1, 2});
  CHECK(reader.sequences(2).empty());
  CHECK(difference(*reader.profile(2), formula_profile()) == "");
  CHECK(message_of<core::InputError>([&] { reader.has_profile(5); }) ==
        (folder / "t.h5").string() + ": has no layer 5");
}

TEST_CASE("whether there is a profile is known without reading any of it") {
  const Folder folder;
  write_profiled(folder / "t.h5", formula_profile());
  const TraceReader reader(folder / "t.h5");
  const std::uint64_t before = reader.chunk_bytes_read();
  CHECK(reader.has_profile(0));
  reader.overview(0, 0);
  const std::uint64_t overview = reader.chunk_bytes_read();
  CHECK(reader.has_profile(0));
  CHECK(reader.chunk_bytes_read() == overview);
  CHECK(overview > before);
  reader.profile(0);
  CHECK(reader.chunk_bytes_read() > overview);
}

TEST_CASE("samples that were taken and came to nothing differ from none") {
  const Folder folder;
  Profile empty;
  empty.samples = Samples{1000, {}, {{"tensor", {}}}};
  write_profiled(folder / "t.h5", empty);
  const auto read = TraceReader(folder / "t.h5").profile(0);
  CHECK(difference(*read, empty) == "");
  CHECK(read->samples->series.size() == 1);
}

TEST_CASE("the same profile gives the same bytes") {
  const Folder folder;
  write_profiled(folder / "a.h5", large_profile(kSeed));
  write_profiled(folder / "b.h5", large_profile(kSeed));
  CHECK(read_bytes(folder / "a.h5") == read_bytes(folder / "b.h5"));
}

TEST_CASE("a profile that contradicts itself is not written, and says where") {
  const Folder folder;
  const auto refusal = [&](const auto& spoil) {
    Profile profile = formula_profile();
    spoil(profile);
    const std::string message =
        message_of<core::OutputError>([&] { write_profiled(folder / "t.h5", profile); });
    CHECK(folder.names().empty());
    const std::string file = (folder / "t.h5").string() + ": ";
    REQUIRE(message.substr(0, file.size()) == file);
    return message.substr(file.size());
  };
  const std::string at = " (/layers/0/profile, ";
  CHECK(refusal([](Profile& p) { p.multiprocessors = -1; }) ==
        "is -1, must be 0 to 2^31" + at + "attribute multiprocessors)");
  CHECK(refusal([](Profile& p) { p.compute_tile.k_block = 0; }) ==
        "has a tile product of one side only (/layers/0/profile)");
  CHECK(refusal([](Profile& p) { p.tensor_per_pv = std::uint64_t{1} << 63U; }) ==
        "is too large" + at + "attribute tensor_per_pv)");
  CHECK(refusal([](Profile& p) { p.facilities[1].name = "time"; }) ==
        "names 'time' twice" + at + "facilities/name)");
  CHECK(refusal([](Profile& p) { p.times[1].variant = "none"; }) ==
        "names 'none' twice" + at + "times/variant_text)");
  CHECK(refusal([](Profile& p) { p.times[1].times_ns[0] = -1; }) ==
        "holds -1.000000, which is no time" + at + "times/time_ns)");
  CHECK(refusal([](Profile& p) {
          p.times[0].times_ns[1] = std::numeric_limits<double>::quiet_NaN();
        }) == "holds nan, which is no time" + at + "times/time_ns)");
  CHECK(refusal([](Profile& p) { p.samples->start_ns[0] = 30; }) ==
        "is not sorted" + at + "samples/start_ns)");
  CHECK(refusal([](Profile& p) { p.samples->series[1].values.pop_back(); }) ==
        "has 3 values for 4 samples of dram.avg" + at + "samples/values)");
}

TEST_CASE("a layer has one profile only") {
  const Folder folder;
  TraceWriter writer(folder / "t.h5");
  writer.add_profile(0, formula_profile());
  CHECK(message_of<core::OutputError>([&] { writer.add_profile(0, formula_profile()); }) ==
        (folder / "t.h5").string() + ": is written already (/layers/0/profile)");
  CHECK(message_of<core::OutputError>([&] { writer.add_profile(-1, formula_profile()); }) ==
        (folder / "t.h5").string() + ": layers count from 0");
  writer.commit({}, {});
  CHECK(message_of<core::OutputError>([&] { writer.add_profile(1, formula_profile()); }) ==
        (folder / "t.h5").string() + ": the trace is complete already");
}

TEST_CASE("a profile that was changed into a wrong one is refused, and says where") {
  const std::string at = " (/layers/0/profile/";
  const std::map<std::string, std::string> refused{
      {"profile_data", "HDF5 says: not a group (/layers/0/profile)"},
      {"profile_link", "is a link to somewhere else (/layers/0/profile)"},
      {"profile_no_count", "is missing (/layers/0/profile, attribute multiprocessors)"},
      {"profile_negative",
       "is -5, must not be negative (/layers/0/profile, attribute tensor_per_qk)"},
      {"profile_status", "holds 9, which is no status (/layers/0/profile, facilities/status)"},
      {"profile_twice", "names 'time' twice (/layers/0/profile, facilities/name)"},
      {"profile_no_text", "is missing" + at + "spans/name_text)"},
      {"profile_text_number", "is not text of fixed length" + at + "counters/set_text)"},
      {"profile_index", "names text 3 of 3" + at + "counters/metric)"},
      {"profile_unsorted", "is not sorted (/layers/0/profile, spans/start_ns)"},
      {"profile_uneven", "has shape [4] instead of [5]" + at + "spans/depth)"},
      {"profile_uneven_text", "has shape [2] instead of [3]" + at + "stalls/reason)"},
      {"profile_no_column", "is missing" + at + "spans/track)"},
      {"profile_wide", "holds another type of number than it should" + at + "spans/track)"},
      {"profile_nan_time", "holds nan, which is no time (/layers/0/profile, times/time_ns)"},
      {"profile_times_uneven", "has shape [3] instead of [4]" + at + "times/time_ns)"},
      {"profile_series", "has shape [1,4] instead of [2,4]" + at + "samples/values)"},
      {"profile_samples_unsorted", "is not sorted (/layers/0/profile, samples/start_ns)"},
      {"profile_no_interval",
       "is missing" + std::string(" (/layers/0/profile/samples, ") + "attribute interval_ns)"},
      {"profile_findings", "is not text of fixed length" + at + "findings)"},
      {"profile_index_bomb",
       "claims a shape [1099511627776] that the file is too small for" + at + "stalls/line)"},
      {"profile_text_bomb",
       "comes to 1000000000000 bytes of text, more than is meant" + at + "stalls/text)"},
  };
  const Folder folder;
  write_profiled(folder / "t.h5", formula_profile());
  std::vector<std::string> names;
  for (const auto& [name, cause] : refused) names.push_back(name);
  edit_copies(folder, names);
  for (const auto& [name, cause] : refused) {
    CAPTURE(name);
    const std::string file = (folder / (name + ".h5")).string();
    CHECK(message_of<core::InputError>([&] { TraceReader(file).profile(0); }) ==
          file + ": " + cause);
  }
}

TEST_CASE("parts of a profile that a newer version added are ignored") {
  const Folder folder;
  write_profiled(folder / "t.h5", formula_profile());
  edit_copies(folder, {"profile_newer"});
  Profile known = formula_profile();
  known.spans.erase(known.spans.begin() + 2);  // of a kind that this version does not know
  CHECK(difference(*TraceReader(folder / "profile_newer.h5").profile(0), known) == "");
}

TEST_CASE("a damaged byte of a profile is noticed or has no effect, wherever it is") {
  CAPTURE(kSeed);
  const Folder folder;
  const Profile written = formula_profile();
  TraceWriter writer(folder / "t.h5");
  writer.add_profile(0, written);
  writer.commit(sample_provenance(), {"{}"});
  const std::vector<char> whole = read_bytes(folder / "t.h5");
  core::SplitMix64 random(kSeed);
  int noticed = 0;
  for (int i = 0; i < 400; ++i) {
    const std::size_t at = random.below(whole.size());
    CAPTURE(at);
    std::vector<char> damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random.below(255)));
    write_bytes(folder / "damaged.h5", damaged);
    std::string changed;
    try {
      const auto read = TraceReader(folder / "damaged.h5").profile(0);
      changed = read ? difference(*read, written) : "gone";
    } catch (const core::InputError&) {
      ++noticed;
    }
    CHECK(changed == "");
  }
  CHECK(noticed > 200);
}

}  // namespace
}  // namespace bsfa::traces::test
