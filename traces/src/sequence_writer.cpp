// SPDX-License-Identifier: Apache-2.0
#include "traces/src/sequence_writer.h"

#include <algorithm>

#include "core/tile_geometry.h"
#include "traces/src/attributes.h"
#include "traces/src/checks.h"
#include "traces/src/pyramid.h"
#include "traces/src/table_writer.h"

namespace bsfa::traces {
namespace {

void refuse_unless(bool condition, const std::string& cause) {
  if (!condition) throw Fault(cause);
}

void check_shape(const Sequence& s) {
  check_problem(s.problem);
  check_q_blocks(s.q_blocks, s.problem);
  refuse_unless(s.shape.heads == s.problem.heads, "shape and problem differ in heads");
  refuse_unless(s.shape.k_blocks == core::TileGeometry(s.problem).k_blocks(),
                "shape and problem differ in K blocks");
  refuse_unless(s.shape.rows == static_cast<std::int64_t>(s.q_blocks.size()),
                "the shape has not as many rows as Q blocks are held");
}

void check_size(const char* name, std::size_t size, std::int64_t expected) {
  refuse_unless(size == static_cast<std::size_t>(expected),
                std::string(name) + " has " + std::to_string(size) + " values, its shape " +
                    std::to_string(expected));
}

void check_arrays(const Sequence& s) {
  const std::int64_t blocks = s.shape.heads * s.shape.rows;
  const auto expect = [](std::int64_t expected) {
    return [expected](const char* name, const auto& array) {
      if (array) check_size(name, array->size(), expected);
    };
  };
  for_each_tile_array(s, expect(s.shape.tiles()));
  if (s.mask_reference) {
    within("mask_reference", [&] { check_codes("mask_reference", *s.mask_reference); });
  }
  for_each_block_array(s, expect(blocks));
  for_each_curve(s, expect(blocks * static_cast<std::int64_t>(kCurvePoints)));
}

void write_problem(hid_t group, const core::Problem& problem) {
  for_each_problem_integer(
      problem, [&](const char* name, std::int64_t value) { write_integer(group, name, value); });
  write_text(group, "dtype", std::string(core::name_of(problem.dtype)));
  write_integer(group, "causal", problem.causal ? 1 : 0);
  write_real(group, "scale", problem.scale);
}

template <typename T>
void write_pyramid(hid_t group, const char* name, const Sequence& s, const std::vector<T>& values) {
  const int levels = pyramid_levels(s.shape.rows, s.shape.k_blocks);
  if (levels == 0) return;
  PyramidLevel<T> level{s.shape.heads, s.shape.rows, s.shape.k_blocks, values, {}};
  level.held =
      s.held ? *s.held
             : std::vector<std::uint8_t>(static_cast<std::size_t>(s.shape.heads * s.shape.rows), 1);
  const Handle pyramid = require_group(group, "pyramid");
  for (int l = 1; l <= levels; ++l) {
    level = pool(level);
    const Handle folder = require_group(pyramid.get(), std::to_string(l));
    write_array(folder.get(), name, tile_layout(level.heads, level.rows, level.columns),
                level.values);
  }
}

void write_arrays(hid_t group, const Sequence& s) {
  write_array(group, "q_blocks", column_layout(s.q_blocks.size()), s.q_blocks);
  for_each_tile_array(s, [&](const char* name, const auto& array) {
    if (!array) return;
    write_array(group, name, tile_layout(s.shape), *array);
    write_pyramid(group, name, s, *array);
  });
  for_each_block_array(s, [&](const char* name, const auto& array) {
    if (array) write_array(group, name, block_layout(s.shape), *array);
  });
  for_each_curve(s, [&](const char* name, const auto& array) {
    if (array) write_array(group, name, curve_layout(s.shape), *array);
  });
}

void write_work(hid_t group, std::vector<core::WorkRecord> records) {
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  write_table(group, "work", records);
}

}  // namespace

std::string describe(const core::Problem& p) {
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  return "B" + n(p.batch) + " H" + n(p.heads) + " Hkv" + n(p.kv_heads) + " M" + n(p.q_len) + " N" +
         n(p.kv_len) + " D" + n(p.head_dim) + " " + std::string(core::name_of(p.dtype)) +
         (p.causal ? " causal" : " full") + ", tiles " + n(p.gate.q_block) + "x" +
         n(p.gate.k_block);
}

void write_sequence(hid_t file, std::int64_t layer, std::int64_t sequence, const Sequence& data) {
  const std::string path = sequence_path(layer, sequence);
  refuse_unless(layer >= 0 && sequence >= 0, "layers and sequences count from 0");
  within(path, [&] {
    check_shape(data);
    check_arrays(data);
  });
  const Handle layers = require_group(file, "layers");
  const Handle one = require_group(layers.get(), std::to_string(layer));
  const Handle sequences = require_group(one.get(), "seq");
  const std::string name = std::to_string(sequence);
  if (checked(H5Lexists(sequences.get(), name.c_str(), H5P_DEFAULT), path) > 0) {
    throw Fault("is written already", path);
  }
  const Handle group = require_group(sequences.get(), name);
  write_problem(group.get(), data.problem);
  write_arrays(group.get(), data);
  if (data.work) write_work(group.get(), *data.work);
}

}  // namespace bsfa::traces
