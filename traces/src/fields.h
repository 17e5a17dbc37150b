// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/work.h"
#include "traces/profile.h"
#include "traces/trace.h"

namespace bsfa::traces {

/// The names of everything that docs/trace-format.md lists, once for reader and writer.

/// Calls visit(name, member) for each per-tile array of a (const) Sequence.
template <typename S, typename Visit>
void for_each_tile_array(S& s, Visit visit) {
  visit("tile_max", s.tile_max);
  visit("tile_mass", s.tile_mass);
  visit("tile_mass_max", s.tile_mass_max);
  visit("mask_reference", s.mask_reference);
  visit("mask_kernel", s.mask_kernel);
}

/// The same for arrays of one value per head and Q block held.
template <typename S, typename Visit>
void for_each_block_array(S& s, Visit visit) {
  visit("held", s.held);
  visit("threshold", s.threshold);
  visit("error_arithmetic", s.error_arithmetic);
  visit("error_method", s.error_method);
  visit("gating_ties", s.gating_ties);
  visit("gating_violations", s.gating_violations);
  visit("retained_mass", s.retained_mass);
  visit("retained_mass_min", s.retained_mass_min);
  visit("certificate", s.certificate);
}

template <typename S, typename Visit>
void for_each_curve(S& s, Visit visit) {
  visit("curve_threshold", s.curve_threshold);
  visit("curve_mass", s.curve_mass);
}

/// Calls visit(name, pointer to member) for each column of a table of such rows.
template <typename Row, typename Visit>
requires std::is_same_v<Row, core::WorkRecord>
void for_each_column(Visit visit) {
  using R = core::WorkRecord;
  visit("batch", &R::batch);
  visit("head", &R::head);
  visit("q_block", &R::q_block);
  visit("k_block_begin", &R::k_block_begin);
  visit("k_block_end", &R::k_block_end);
  visit("pass", &R::pass);
  visit("unit", &R::unit);
  visit("cta", &R::cta);
  visit("warp", &R::warp);
  visit("clock", &R::clock);
  visit("start_ns", &R::start_ns);
  visit("end_ns", &R::end_ns);
  visit("tiles_seen", &R::tiles_seen);
  visit("tiles_kept", &R::tiles_kept);
  visit("qk_products", &R::qk_products);
  visit("pv_products", &R::pv_products);
}

template <typename Row, typename Visit>
requires std::is_same_v<Row, Facility>
void for_each_column(Visit visit) {
  visit("name", &Facility::name);
  visit("status", &Facility::status);
  visit("refusal", &Facility::refusal);
  visit("advice", &Facility::advice);
  visit("wall_ms", &Facility::wall_ms);
  visit("slowdown", &Facility::slowdown);
  visit("dropped", &Facility::dropped);
}

template <typename Row, typename Visit>
requires std::is_same_v<Row, Span>
void for_each_column(Visit visit) {
  visit("kind", &Span::kind);
  visit("name", &Span::name);
  visit("start_ns", &Span::start_ns);
  visit("end_ns", &Span::end_ns);
  visit("depth", &Span::depth);
  visit("track", &Span::track);
  visit("bytes", &Span::bytes);
}

template <typename Row, typename Visit>
requires std::is_same_v<Row, Counter>
void for_each_column(Visit visit) {
  visit("set", &Counter::set);
  visit("metric", &Counter::metric);
  visit("value", &Counter::value);
}

template <typename Row, typename Visit>
requires std::is_same_v<Row, StallLine>
void for_each_column(Visit visit) {
  visit("function", &StallLine::function);
  visit("file", &StallLine::file);
  visit("line", &StallLine::line);
  visit("text", &StallLine::text);
  visit("reason", &StallLine::reason);
  visit("samples", &StallLine::samples);
}

/// What a column of this member holds: an enumerator is stored as its number, and a number that
/// there need not be as NaN where there is none.
template <typename Member>
struct ColumnOf {
  using Type = Member;
};
template <typename Member>
requires std::is_enum_v<Member>
struct ColumnOf<Member> {
  using Type = std::uint8_t;
};
template <>
struct ColumnOf<std::optional<double>> {
  using Type = double;
};
template <typename Member>
using ColumnType = typename ColumnOf<Member>::Type;

template <typename Member>
ColumnType<Member> to_column(const Member& member) {
  if constexpr (std::is_same_v<Member, std::optional<double>>) {
    return member.value_or(std::numeric_limits<double>::quiet_NaN());
  } else {
    return static_cast<ColumnType<Member>>(member);
  }
}

template <typename Member>
void from_column(ColumnType<Member> value, Member& member) {
  if constexpr (std::is_same_v<Member, std::optional<double>>) {
    member = std::isnan(value) ? std::nullopt : std::optional(value);
  } else {
    member = static_cast<Member>(std::move(value));
  }
}

/// Calls visit(name, member) for each text attribute of the root.
template <typename P, typename Visit>
void for_each_text(P& p, Visit visit) {
  visit("tool_version", p.tool_version);
  visit("commit", p.commit);
  visit("gpu", p.gpu);
  visit("driver", p.driver);
  visit("kernel", p.kernel);
  visit("command_line", p.command_line);
  visit("input_file", p.input_file);
  visit("input_sha256", p.input_sha256);
  visit("thresholds", p.thresholds);
  visit("created_utc", p.created_utc);
  visit("verdict", p.verdict);
}

/// Calls visit(name, member) for each whole-number attribute of a sequence's problem.
template <typename P, typename Visit>
void for_each_problem_integer(P& p, Visit visit) {
  visit("batch", p.batch);
  visit("heads", p.heads);
  visit("kv_heads", p.kv_heads);
  visit("q_len", p.q_len);
  visit("kv_len", p.kv_len);
  visit("head_dim", p.head_dim);
  visit("q_block_size", p.gate.q_block);
  visit("k_block_size", p.gate.k_block);
}

/// The same for the attributes of a profile, counts of tensor instructions apart.
template <typename P, typename Visit>
void for_each_profile_integer(P& p, Visit visit) {
  visit("multiprocessors", p.multiprocessors);
  visit("compute_q_block", p.compute_tile.q_block);
  visit("compute_k_block", p.compute_tile.k_block);
}
template <typename P, typename Visit>
void for_each_profile_count(P& p, Visit visit) {
  visit("tensor_per_qk", p.tensor_per_qk);
  visit("tensor_per_pv", p.tensor_per_pv);
}

}  // namespace bsfa::traces
