// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "gui/models/chosen_tau.h"
#include "gui/models/threshold_model.h"

namespace bsfa::gui {

std::optional<CurveTuner> ThresholdModel::approximate(HeadKey key) {
  if (!load_curves(key.sequence)) return std::nullopt;
  const traces::Sequence& curves = *curves_[key.sequence];
  const traces::Sequence* s = file_->overview(key.sequence);
  if (s == nullptr || !curves.curve_threshold || !curves.curve_mass) return std::nullopt;
  if (key.head < 0 || key.head >= s->shape.heads) return std::nullopt;
  const auto rows = static_cast<std::size_t>(s->shape.rows);
  const auto first = static_cast<std::size_t>(key.head) * rows;
  const auto held =
      s->held ? std::span(*s->held).subspan(first, rows) : std::span<const std::uint8_t>();
  constexpr std::size_t kPoints = CurveTuner::kPoints;
  CurveTuner tuner(s->problem, s->q_blocks, held,
                   std::span(*curves.curve_threshold).subspan(first * kPoints, rows * kPoints),
                   std::span(*curves.curve_mass).subspan(first * kPoints, rows * kPoints));
  if (s->certificate && s->threshold)
    tuner.set_certificates(std::span(*s->certificate).subspan(first, rows), stored_tau(key));
  return tuner;
}

std::span<const float> ThresholdModel::stored_tau(HeadKey key) const {
  const traces::Sequence* s = file_ ? file_->overview(key.sequence) : nullptr;
  if (s == nullptr || !s->threshold || key.head < 0 || key.head >= s->shape.heads) return {};
  const auto rows = static_cast<std::size_t>(s->shape.rows);
  return std::span(*s->threshold).subspan(static_cast<std::size_t>(key.head) * rows, rows);
}

std::vector<float> ThresholdModel::tau(HeadKey key) {
  const traces::Sequence* s = file_ ? file_->overview(key.sequence) : nullptr;
  if (s == nullptr || key.head < 0 || key.head >= s->shape.heads) return {};
  const ThresholdChoice& chosen = choice(key);
  const HeadTuner* tuner = exact(key);
  if (tuner != nullptr || !needs_tiles(chosen))
    return chosen_tau(chosen, s->q_blocks, stored_tau(key), tuner);
  const auto curve = approximate(key);
  return curve ? chosen_tau(chosen, s->q_blocks, stored_tau(key), &*curve) : std::vector<float>();
}

ThresholdModel::HeadEffect ThresholdModel::evaluate(HeadKey key) {
  using Source = HeadEffect::Source;
  if (const HeadTuner* tuner = exact(key))
    return {Source::kTiles, tuner->evaluate(tau(key)), tuner->checked_rows()};
  const auto curve = approximate(key);
  if (curve) {
    const auto& q_blocks = file_->overview(key.sequence)->q_blocks;
    const auto chosen = chosen_tau(choice(key), q_blocks, stored_tau(key), &*curve);
    return {Source::kCurves, curve->evaluate(chosen), curve->checked_rows()};
  }
  return {loading_.contains(key.sequence) ? Source::kPending : Source::kNone, {}, 0};
}

const ThresholdModel::HeadEffect& ThresholdModel::head_effect(HeadKey key) {
  const auto found = effects_.find(key);
  if (found != effects_.end()) return found->second;
  return effects_.emplace(key, evaluate(key)).first->second;
}

ThresholdEffect ThresholdModel::effect(ThresholdScope scope, HeadKey key) {
  using Source = HeadEffect::Source;
  ThresholdEffect effect;
  analysis::Tuning sum;
  for (const HeadKey head : heads_of(scope, key)) {
    const HeadEffect& one = head_effect(head);
    if (one.source == Source::kPending) ++effect.pending_heads;
    if (one.source == Source::kNone) ++effect.unknown_heads;
    if (one.source == Source::kPending || one.source == Source::kNone) continue;
    sum += one.tuning;
    ++effect.heads;
    effect.blocks += one.blocks;
    effect.approximate = effect.approximate || one.source == Source::kCurves;
  }
  effect.tiles = sum.tiles;
  effect.density = sum.tiles.density();
  if (effect.heads > 0 && !std::isnan(sum.lost_mass)) effect.retained_mass = sum.retained_mass();
  effect.certificate_known = effect.heads > 0 && sum.worst_row_loss.has_value() &&
                             effect.pending_heads + effect.unknown_heads == 0;
  if (effect.certificate_known) effect.certificate = sum.certificate();
  return effect;
}

ThresholdEffect ThresholdModel::effect(HeadKey key) {
  return effect(ThresholdScope::kHead, key);
}

LayerCost ThresholdModel::cost_of(std::int64_t layer) const {
  const auto found = costs_.find(layer);
  return found == costs_.end() ? LayerCost() : found->second;
}

SpeedEstimate ThresholdModel::speed(std::int64_t layer) {
  const ThresholdEffect all = effect(ThresholdScope::kLayer, {{layer, 0}, 0});
  if (all.heads == 0) return {};
  return cost_of(layer).speed(all.tiles, static_cast<double>(all.blocks));
}

SpeedEstimate ThresholdModel::speed(HeadKey key) {
  const ThresholdEffect one = effect(key);
  if (one.heads == 0) return {};
  return cost_of(key.sequence.layer).speed(one.tiles, static_cast<double>(one.blocks));
}

std::optional<double> ThresholdModel::measured_speed(std::int64_t layer) const {
  const auto found = measured_.find(layer);
  const bool edited = std::any_of(choices_.begin(), choices_.end(), [layer](const auto& choice) {
    return choice.first.sequence.layer == layer;
  });
  if (found == measured_.end() || edited) return std::nullopt;
  return found->second;
}

std::optional<TriedFigures> ThresholdModel::tried(HeadKey key) {
  const ThresholdEffect one = effect(key);
  if (one.heads == 0) return std::nullopt;
  const bool unbounded = one.certificate_known && !one.certificate;
  return TriedFigures{one.density, one.retained_mass,
                      unbounded ? std::optional(HUGE_VAL) : one.certificate, speed(key).factor,
                      one.approximate};
}

const ThresholdModel::Curve& ThresholdModel::curve(ThresholdScope scope, HeadKey key) {
  if (scope != ThresholdScope::kHead) key = {{key.sequence.layer, 0}, 0};
  if (!drawn_ || drawn_->scope != scope || drawn_->key != key)
    drawn_ = DrawnCurve{scope, key, draw_curve(scope, key)};
  return drawn_->curve;
}

ThresholdModel::Curve ThresholdModel::draw_curve(ThresholdScope scope, HeadKey key) {
  Curve out;
  std::vector<CurveTuner> curves;
  const HeadTuner* tuner = scope == ThresholdScope::kHead ? exact(key) : nullptr;
  analysis::Tuning stored;
  const auto add_stored = [&](HeadKey head, const auto& from) {
    const auto own = stored_tau(head);
    if (!own.empty()) stored += from.evaluate(own);
  };
  std::int64_t most = 0, blocks = tuner != nullptr ? tuner->checked_rows() : 0;
  for (const HeadKey head : heads_of(scope, key)) {
    most = std::max(most, file_->overview(head.sequence)->shape.k_blocks);
    if (tuner != nullptr) {
      add_stored(head, *tuner);
      continue;
    }
    auto approximation = approximate(head);
    if (!approximation) continue;
    add_stored(head, *approximation);
    blocks += approximation->checked_rows();
    curves.push_back(std::move(*approximation));
  }
  if (tuner == nullptr && curves.empty()) return out;
  out.approximate = tuner == nullptr;
  const LayerCost cost = cost_of(key.sequence.layer);
  for (std::int64_t k = 1; k < 2 * most; k = std::max(k + 1, k * 5 / 4)) {
    analysis::Tuning sum;
    const auto add = [&](const auto& from) {
      std::vector<float> tau;
      for (std::int64_t row = 0; row < from.rows(); ++row) tau.push_back(from.tau_keeping(row, k));
      sum += from.evaluate(tau);
    };
    if (tuner != nullptr) add(*tuner);
    for (const CurveTuner& one : curves) add(one);
    const SpeedEstimate speed = cost.speed(sum.tiles, static_cast<double>(blocks));
    out.upper_bound = out.upper_bound || speed.upper_bound;
    const bool mass_known = !std::isnan(sum.lost_mass);
    out.points.push_back({k, sum.tiles.density().value_or(1.0),
                          mass_known ? sum.retained_mass() : std::nan(""), speed.factor});
    if (sum.tiles.skipped == 0) break;
  }
  out.measured = place_measured(out, key.sequence.layer, stored);
  return out;
}

std::optional<ThresholdModel::Curve::Measured> ThresholdModel::place_measured(
    const Curve& curve, std::int64_t layer, const analysis::Tuning& stored) const {
  const auto speed = measured_.find(layer);
  const auto density = stored.tiles.density();
  if (speed == measured_.end() || !density || curve.points.empty()) return std::nullopt;
  const auto above =
      std::find_if(curve.points.begin(), curve.points.end(),
                   [&](const CurvePoint& point) { return point.density >= *density; });
  if (above == curve.points.end()) return std::nullopt;
  const CurvePoint before = above == curve.points.begin() ? CurvePoint{} : *std::prev(above);
  const double rise = above->density - before.density;
  const double share = rise > 0.0 ? (*density - before.density) / rise : 1.0;
  const auto from = static_cast<double>(before.k), to = static_cast<double>(above->k);
  return Curve::Measured{from + share * (to - from), speed->second};
}

}  // namespace bsfa::gui
