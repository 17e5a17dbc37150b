// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QStringList>
#include <catch2/catch.hpp>

#include "gui/models/commands.h"
#include "tests/gui_models/support.h"
#include "traces/writer.h"

using namespace bsfa::gui;
using test::problem_of;
using test::sequence_of;

namespace {

std::shared_ptr<const TraceFile> trace_of(const test::Folder& folder,
                                          const std::string& command_line,
                                          const std::string& input = "my in.safetensors",
                                          bool causal = true) {
  auto problem = problem_of(2, 4, 8);
  problem.causal = causal;
  bsfa::traces::TraceWriter writer((folder / "t.h5").toStdString());
  writer.add(4, 0, sequence_of(problem, 1));
  bsfa::traces::Provenance provenance;
  provenance.command_line = command_line;
  provenance.input_file = input;
  writer.commit(provenance, {"{}"});
  auto file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  return file;
}

}  // namespace

TEST_CASE("a word is quoted where a shell would read something else") {
  CHECK(shell_quoted("plain-1.5_x/y:z=,+@%") == "plain-1.5_x/y:z=,+@%");
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("a b") == "'a b'");
  CHECK(shell_quoted("it's") == "'it'\\''s'");
  CHECK(shell_quoted("$(rm -rf)") == "'$(rm -rf)'");
  CHECK(shell_quoted("~x") == "'~x'");
}

TEST_CASE("quoted words are read back as they were, whatever they hold") {
  const QStringList words{"a", "", "it's", "a \"b\" c", "back\\slash", "new\nline", "é$`!", "'''"};
  CHECK(shell_words(shell_line(words)) == words);
  CHECK(shell_words("a  'b c'\"d $e\"f\\ g ") == QStringList{"a", "b cd $ef g"});
  CHECK(shell_words("\"a\\\"b\\x\"") == QStringList{"a\"b\\x"});
  CHECK_FALSE(shell_words("a 'b").has_value());
  CHECK(shell_words("")->isEmpty());
}

TEST_CASE("a run is repeated with its own options and without where its results went") {
  const test::Folder folder;
  const auto file = trace_of(folder,
                             "bsfa compare --qkv 'my in.safetensors' --topk 16 --kernel ./k.so:x "
                             "--sample 8 --out old.h5 --json - --threads 2");
  CHECK(repeat_command(*file, 4, {}) ==
        "bsfa compare --qkv 'my in.safetensors' --layer 4 --topk 16 --kernel ./k.so:x --sample 8");
  CHECK(repeat_command(*file, 4, "my tau.safetensors") ==
        "bsfa compare --qkv 'my in.safetensors' --layer 4 --thresholds 'my tau.safetensors' "
        "--kernel ./k.so:x --sample 8");
  CHECK(compare_arguments(*file, 4, "t", "new.h5").mid(0, 3) ==
        QStringList{"compare", "--qkv", "my in.safetensors"});
  CHECK(compare_arguments(*file, 4, "t", "new.h5").last() == "new.h5");
}

TEST_CASE("a run that judged a saved output is told from one that ran a kernel") {
  const test::Folder folder;
  CHECK(judged_output(*trace_of(folder, "bsfa compare --topk 4 --output 'my o.npz'")) ==
        "my o.npz");
  CHECK(judged_output(*trace_of(folder, "bsfa compare --output=o.npz --topk 4")) == "o.npz");
  CHECK(judged_output(*trace_of(folder, "bsfa compare --kernel cpu --out t.h5")).isEmpty());
}

TEST_CASE("flags and options written with = are understood") {
  const test::Folder folder;
  const auto file =
      trace_of(folder, "bsfa compare --keep-all --scale=0.5 --no-causal", "in.npz", false);
  CHECK(repeat_command(*file, 4, {}) ==
        "bsfa compare --qkv in.npz --layer 4 --no-causal --keep-all --scale 0.5");
}

TEST_CASE("one tile's command checks its Q block alone") {
  const test::Folder folder;
  const auto file = trace_of(folder, "bsfa compare --topk 16 --sample 8 --seed 3");
  Selection selection;
  selection.layer = 4;
  selection.head = 1;
  selection.q_block = 3;
  CHECK(tile_command(*file, selection) ==
        "bsfa compare --qkv 'my in.safetensors' --layer 4 --topk 16 --q-block 0/1/3");
  selection.q_block = -1;
  CHECK(tile_command(*file, selection).endsWith("--sample 8 --seed 3"));
}

TEST_CASE(
    "a trace that does not name its input gives no command, and any command line is survived") {
  const test::Folder folder;
  const auto nameless = trace_of(folder, "bsfa compare", "");
  CHECK(compare_arguments(*nameless, 4, {}, {}).isEmpty());
  CHECK(repeat_command(*nameless, 4, {}).isEmpty());
  CHECK(tile_command(*nameless, {}).isEmpty());
  for (const char* line : {"", "bsfa", "bsfa 'open", "--topk", "bsfa --topk --kernel"}) {
    const auto file = trace_of(folder, line);
    CHECK(repeat_command(*file, 4, {}) == "bsfa compare --qkv 'my in.safetensors' --layer 4");
  }
}

TEST_CASE("every empty part of the window has a command that would fill it") {
  const test::Folder folder;
  const auto file = trace_of(folder, "bsfa compare --topk 16 --sample 4");
  for (const auto filling :
       {Filling::kAnyTrace, Filling::kTiles, Filling::kWork, Filling::kSamples, Filling::kCounters,
        Filling::kStalls, Filling::kThresholds, Filling::kSecondRun}) {
    CHECK(filling_command(filling, nullptr).startsWith("bsfa"));
    CHECK(filling_command(filling, file.get()).startsWith("bsfa"));
  }
  const QString profile = filling_command(Filling::kStalls, file.get());
  CHECK(profile.startsWith("bsfa profile --qkv"));
  CHECK_FALSE(profile.contains("--sample"));
}
