// SPDX-License-Identifier: Apache-2.0
#include "traces/src/sequence_reader.h"

#include <algorithm>
#include <type_traits>

#include "core/tile_geometry.h"
#include "traces/src/attributes.h"
#include "traces/src/checks.h"
#include "traces/src/links.h"
#include "traces/src/table_reader.h"

namespace bsfa::traces {
namespace {

core::Dtype dtype_named(const std::string& name) {
  for (const auto dtype : {core::Dtype::kFloat16, core::Dtype::kBfloat16, core::Dtype::kFloat32,
                           core::Dtype::kFloat64}) {
    if (core::name_of(dtype) == name) return dtype;
  }
  throw Fault("dtype '" + name + "' is unknown");
}

/// A clock that a newer version knows says nothing to this one.
bool is_known(core::ClockDomain clock) {
  return clock <= core::ClockDomain::kGlobaltimerNs;
}

}  // namespace

SequenceReader::SequenceReader(hid_t file, std::int64_t layer, std::int64_t sequence,
                               FileContext& context)
    : path_(sequence_path(layer, sequence)), context_(context) {
  group_ = open_group(file, path_, path_);
  within(path_, [&] {
    read_problem();
    check_problem(frame_.problem);
    frame_.q_blocks = DatasetReader(group_.get(), "q_blocks", path_ + "/q_blocks", 1, context_)
                          .read_all<std::int64_t>();
    check_q_blocks(frame_.q_blocks, frame_.problem);
    frame_.shape = {frame_.problem.heads, static_cast<std::int64_t>(frame_.q_blocks.size()),
                    core::TileGeometry(frame_.problem).k_blocks()};
    count_levels();
  });
}

void SequenceReader::read_problem() {
  core::Problem& p = frame_.problem;
  for_each_problem_integer(
      p, [&](const char* name, std::int64_t& value) { value = read_integer(group_.get(), name); });
  p.dtype = dtype_named(read_text(group_.get(), "dtype"));
  p.causal = read_integer(group_.get(), "causal") != 0;
  p.scale = read_real(group_.get(), "scale");
}

void SequenceReader::count_levels() {
  if (!has_link(group_.get(), "pyramid", path_ + "/pyramid")) return;
  const Handle pyramid = open_group(group_.get(), "pyramid", path_ + "/pyramid");
  constexpr int kLargestLevel = 32;  // halves any array to one tile
  while (levels_ < kLargestLevel &&
         has_link(pyramid.get(), std::to_string(levels_ + 1), path_ + "/pyramid")) {
    ++levels_;
  }
}

Handle SequenceReader::open_level(int level) const {
  if (level == 0) return owned(H5Gopen2(group_.get(), ".", H5P_DEFAULT), path_);
  const std::string path = path_ + "/pyramid";
  const Handle pyramid = open_group(group_.get(), "pyramid", path);
  return open_group(pyramid.get(), std::to_string(level), path + "/" + std::to_string(level));
}

TileShape SequenceReader::shape_of(int level) const noexcept {
  TileShape shape = frame_.shape;
  for (; level > 0; --level) {
    shape.rows = (shape.rows + 1) / 2;
    shape.k_blocks = (shape.k_blocks + 1) / 2;
  }
  return shape;
}

template <typename T>
std::optional<std::vector<T>> SequenceReader::plane(const std::string& name, std::int64_t head,
                                                    int level) const {
  const std::string folder_path = level == 0 ? path_ : path_ + "/pyramid/" + std::to_string(level);
  const std::string place = folder_path + "/" + name;
  const Handle folder = open_level(level);
  if (!has_link(folder.get(), name, place)) return std::nullopt;
  return within(place, [&]() -> std::optional<std::vector<T>> {
    DatasetReader dataset(folder.get(), name, place, 3, context_);
    dataset.expect_dims(tile_layout(shape_of(level)).dims);
    std::vector<T> values = dataset.read_plane<T>(static_cast<hsize_t>(head));
    check_codes(name, values);
    return values;
  });
}

template std::optional<std::vector<float>> SequenceReader::plane(const std::string&, std::int64_t,
                                                                 int) const;
template std::optional<std::vector<std::uint8_t>> SequenceReader::plane(const std::string&,
                                                                        std::int64_t, int) const;

template <typename T>
std::optional<std::vector<T>> SequenceReader::array(const std::string& name,
                                                    const Layout& layout) const {
  const std::string place = path_ + "/" + name;
  if (!has_link(group_.get(), name, place)) return std::nullopt;
  return within(place, [&]() -> std::optional<std::vector<T>> {
    DatasetReader dataset(group_.get(), name, place, layout.dims.size(), context_);
    dataset.expect_dims(layout.dims);
    std::vector<T> values = dataset.read_all<T>();
    check_codes(name, values);
    return values;
  });
}

Sequence SequenceReader::overview() const {
  Sequence out = frame_;
  const auto read = [&](const Layout& layout) {
    return [this, layout](const char* name, auto& member) {
      using Value = typename std::remove_cvref_t<decltype(*member)>::value_type;
      member = array<Value>(name, layout);
    };
  };
  for_each_block_array(out, read(block_layout(out.shape)));
  for_each_curve(out, read(curve_layout(out.shape)));
  read_work(out);
  return out;
}

Sequence SequenceReader::part(SequencePart part, std::vector<std::string>& faults) const {
  Sequence out = frame_;
  const auto attempt = [&](auto read_one) {
    try {
      read_one();
    } catch (const Fault& fault) {
      faults.push_back(fault.place() + " " + fault.what());
    }
  };
  const auto read = [&](const Layout& layout) {
    return [this, layout, &attempt](const char* name, auto& member) {
      using Value = typename std::remove_cvref_t<decltype(*member)>::value_type;
      attempt([&] { member = array<Value>(name, layout); });
    };
  };
  switch (part) {
    case SequencePart::kFigures:
      for_each_block_array(out, read(block_layout(out.shape)));
      break;
    case SequencePart::kCurves:
      for_each_curve(out, read(curve_layout(out.shape)));
      break;
    case SequencePart::kWork:
      attempt([&] { read_work(out); });
      break;
  }
  return out;
}

bool SequenceReader::has(const std::string& name) const {
  return has_link(group_.get(), name, path_ + "/" + name);
}

Sequence SequenceReader::read_all() const {
  Sequence out = overview();
  for_each_tile_array(out, [&](const char* name, auto& member) {
    using Value = typename std::remove_cvref_t<decltype(*member)>::value_type;
    member = array<Value>(name, tile_layout(out.shape));
  });
  return out;
}

void SequenceReader::read_work(Sequence& out) const {
  const std::string path = path_ + "/work";
  auto records = read_table<core::WorkRecord>(group_.get(), "work", path, context_);
  if (!records) return;
  for (auto& record : *records) {
    if (!is_known(record.clock)) record.clock = core::ClockDomain::kNone;
  }
  if (!std::is_sorted(records->begin(), records->end(),
                      [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; })) {
    throw Fault("is not sorted", path + "/start_ns");
  }
  out.work = std::move(records);
}

}  // namespace bsfa::traces
