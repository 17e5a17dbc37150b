// SPDX-License-Identifier: Apache-2.0
// Attention as trained models show it: a few sink keys at the start that every row looks at, a
// local window that decays with distance, heavy-hitter keys seen from everywhere, and topics that
// tie far segments together; each query head mixes them differently, from sharply local to diffuse.
//
// Channels of a row, K of unit size and Q carrying the head's strengths:
//   0         sinks
//   1         heavy hitters
//   2 .. 25   twelve rotations by position, frequencies falling from one turn in 16 tokens
//   26 .. 41  topic, one of many random directions per segment
//   42 ..     noise
#include <algorithm>
#include <array>
#include <cmath>

#include "core/random.h"
#include "io/gaussian.h"
#include "io/generate_kinds.h"

namespace bsfa::io {
namespace {

constexpr std::int64_t kSinks = 4;
constexpr std::size_t kSinkChannel = 0;
constexpr std::size_t kHeavyChannel = 1;
constexpr std::size_t kRotations = 12;
constexpr std::size_t kFirstRotation = 2;
constexpr std::size_t kFirstTopic = kFirstRotation + 2 * kRotations;
constexpr std::size_t kTopicChannels = 16;
constexpr std::size_t kFirstNoise = kFirstTopic + kTopicChannels;
static_assert(kFirstNoise < 64);

constexpr std::int64_t kSegment = 192;
constexpr std::uint64_t kTopics = 24;
constexpr std::uint64_t kHeavyOneIn = 160;

enum Stream : std::uint64_t { kHeadStream = 32, kTopicStream, kSegmentStream, kHeavyStream };

/// What one query head adds to scores, natural units.
struct HeadProfile {
  float sink, heavy, topic, noise;
  std::array<float, kRotations> local;  ///< per frequency, highest first
};

HeadProfile profile_of(const Slab& slab) {
  core::SplitMix64 random(
      derive_seed(slab.seed, {kHeadStream, static_cast<std::uint64_t>(slab.batch),
                              static_cast<std::uint64_t>(slab.head)}));
  // Consecutive heads span the range from diffuse (0) to local (1), whatever the seed.
  const float spread = static_cast<float>((slab.head * 5 + 3) % 8) / 7.0F;
  const float locality = 0.85F * spread + 0.15F * static_cast<float>(random.uniform());
  HeadProfile head{};
  head.sink = 2.0F + 5.0F * static_cast<float>(random.uniform());
  head.heavy = 1.0F + 4.0F * (1.0F - locality) * static_cast<float>(random.uniform());
  head.topic = 4.0F * (1.0F - locality) * static_cast<float>(random.uniform());
  head.noise = 0.5F + 0.7F * static_cast<float>(random.uniform());
  const float strength = 2.0F + 20.0F * locality;
  float total = 0.0F;
  float weight = 1.0F;
  for (float& x : head.local) {
    x = weight;
    total += weight;
    weight *= 1.15F - 0.4F * locality;
  }
  for (float& x : head.local) x *= strength / total;
  return head;
}

std::uint32_t phase_of(std::int64_t position, std::size_t rotation) {
  std::uint32_t step = 0x10000000U;
  for (std::size_t i = 0; i < rotation; ++i) step = step / 16 * 7;
  return static_cast<std::uint32_t>(position) * step;
}

void add_rotations(std::span<float> row, std::int64_t position, const HeadProfile* head,
                   float unit) {
  for (std::size_t i = 0; i < kRotations; ++i) {
    const Rotation turn = rotation(phase_of(position, i));
    const float size = head == nullptr ? 1.0F : head->local[i] * unit;
    row[kFirstRotation + 2 * i] = turn.cosine * size;
    row[kFirstRotation + 2 * i + 1] = turn.sine * size;
  }
}

/// The topic's direction: ±1/4 in each of 16 channels, so of unit length.
void add_topic(const Slab& slab, std::span<float> row, std::int64_t position, float size) {
  const auto batch = static_cast<std::uint64_t>(slab.batch);
  const auto segment = static_cast<std::uint64_t>(position / kSegment);
  const std::uint64_t topic = derive_seed(slab.seed, {kSegmentStream, batch, segment}) % kTopics;
  const std::uint64_t signs =
      derive_seed(slab.seed, {kTopicStream, static_cast<std::uint64_t>(slab.kv_head()), topic});
  for (std::size_t i = 0; i < kTopicChannels; ++i) {
    row[kFirstTopic + i] = (signs >> i & 1U) != 0 ? 0.25F * size : -0.25F * size;
  }
}

float heavy_weight(const Slab& slab, std::int64_t position) {
  core::SplitMix64 random(derive_seed(
      slab.seed,
      {kHeavyStream, static_cast<std::uint64_t>(slab.batch),
       static_cast<std::uint64_t>(slab.kv_head()), static_cast<std::uint64_t>(position)}));
  if (random.below(kHeavyOneIn) != 0) return 0.0F;
  return 0.4F + 0.6F * static_cast<float>(random.uniform());
}

void shape_key(const Slab& slab, std::span<float> row, std::int64_t position) {
  row[kSinkChannel] = position < kSinks ? 1.0F : 0.0F;
  row[kHeavyChannel] = heavy_weight(slab, position);
  add_rotations(row, position, nullptr, 1.0F);
  add_topic(slab, row, position, 1.0F);
}

void shape_query(const Slab& slab, std::span<float> row, std::int64_t position,
                 const HeadProfile& head) {
  // Raw products that make one natural unit of score.
  const float unit = 1.0F / slab.problem.scale;
  const float eagerness = std::clamp(1.0F + 0.3F * row[kHeavyChannel], 0.3F, 1.7F);
  row[kSinkChannel] = head.sink * unit * eagerness;
  row[kHeavyChannel] = head.heavy * unit * eagerness;
  add_rotations(row, position, &head, unit);
  add_topic(slab, row, position, head.topic * unit);
  const float channels = static_cast<float>(row.size() - kFirstNoise);
  const float size = head.noise * unit / std::sqrt(channels);
  for (float& x : row.subspan(kFirstNoise)) x *= size;
}

}  // namespace

void shape_structured(const Slab& slab) {
  if (slab.operand == Operand::kV) return;
  const HeadProfile head = profile_of(slab);
  for (std::int64_t i = 0; i < slab.rows; ++i) {
    if (slab.operand == Operand::kQ) {
      shape_query(slab, slab.row(i), slab.position(i), head);
    } else {
      shape_key(slab, slab.row(i), slab.position(i));
    }
  }
}

}  // namespace bsfa::io
