// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/view_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gui/views/profile_plot.h"

namespace bsfa::gui {
namespace {

/// k beyond which a slider would be too coarse for what people choose.
constexpr std::int64_t kLargestSliderK = 1024;

/// Heads of one layer and batch entry.
std::vector<HeadFigures> figures_of(const HeadTableModel& heads, SequenceKey key) {
  std::vector<HeadFigures> figures;
  std::copy_if(heads.heads().begin(), heads.heads().end(), std::back_inserter(figures),
               [&](const HeadFigures& head) { return head.key.sequence == key; });
  return figures;
}

}  // namespace

ViewSet::ViewSet(Workspace& workspace, QWidget* parent)
    : QObject(parent),
      heads(new HeadList(workspace.heads(), workspace.selection(), parent)),
      overview(new OverviewView(workspace.selection(), parent)),
      head(new HeadPanel(workspace.selection(), parent)),
      error(new ErrorView(workspace.selection(), parent)),
      timeline(new TimelineView(workspace.selection(), parent)),
      balance(new BalanceView(parent)),
      tables(new ProfileTables(parent)),
      inspector(new Inspector(workspace.selection(), parent)),
      contrast(new ContrastPanel(parent)),
      thresholds(new ThresholdPanel(workspace.thresholds(), workspace.selection(), parent)),
      curve(new CurvePlot(parent)),
      workspace_(workspace),
      tried_heads_(workspace.thresholds(), workspace.heads()) {
  connect(&workspace, &Workspace::sequence_changed, this, &ViewSet::show_sequence);
  connect(&workspace, &Workspace::head_changed, this, &ViewSet::show_head);
  connect(&workspace, &Workspace::work_changed, this, &ViewSet::show_work);
  connect(&workspace, &Workspace::density_counted, overview, &OverviewView::set_density);
  link_views();
  link_thresholds();
  if (!workspace.file()) return;
  show_sequence();
  show_work();
  // Views that follow the selection have not heard of it yet.
  emit workspace.selection().changed(workspace.selection().current(),
                                     workspace.selection().current());
}

void ViewSet::link_views() {
  connect(head, &HeadPanel::field_changed, contrast, &ContrastPanel::set_field);
  connect(head, &HeadPanel::contrast_changed, contrast, &ContrastPanel::set_contrast);
  connect(head, &HeadPanel::field_changed, this, [this] {
    overview->set_field(head->field());
    inspector->set_head(workspace_.head(), head->tile_field(), workspace_.sequence());
  });
  connect(contrast, &ContrastPanel::contrast_changed, this, [this](const Contrast& chosen) {
    head->set_contrast(chosen);
    overview->set_contrast(chosen);
  });
  connect(overview, &OverviewView::hovered, this, &ViewSet::hovered);
  connect(head, &HeadPanel::hovered, this, &ViewSet::hovered);
  connect(timeline, &TimelineView::hovered, this, &ViewSet::hovered);
  connect(balance, &BalanceView::item_chosen, this, [this](const WorkPlace& at) {
    Selection wanted = workspace_.selection().current();
    wanted.sequence = at.batch, wanted.head = at.head, wanted.q_block = at.q_block;
    wanted.unit = at.unit, wanted.time_ns = at.time_ns;
    workspace_.selection().select(wanted);
  });
}

void ViewSet::link_thresholds() {
  ThresholdModel& model = workspace_.thresholds();
  // The panel follows the model by itself. What each k would give does not depend on what is
  // chosen, so an edit moves its marker alone.
  connect(&model, &ThresholdModel::changed, this, &ViewSet::show_thresholds);
  connect(&model, &ThresholdModel::evaluated, this, &ViewSet::show_thresholds);
  connect(&model, &ThresholdModel::evaluated, this, &ViewSet::show_curve);
  connect(thresholds, &ThresholdPanel::scope_changed, this, &ViewSet::show_thresholds);
  connect(thresholds, &ThresholdPanel::scope_changed, this, &ViewSet::show_curve);
  connect(&tried_heads_, &TriedHeads::followed, this, [this](const std::vector<HeadKey>& followed) {
    const HeadTableModel& table = workspace_.heads();
    for (const HeadKey& key : followed) {
      if (key.sequence != workspace_.sequence_key()) continue;
      const int row = table.row_of(key);
      if (row >= 0) overview->set_tried(key, table.heads()[static_cast<std::size_t>(row)].tried);
    }
  });
  connect(head, &HeadPanel::tau_dragged, this, [this, &model](std::int64_t q_block, double tau) {
    if (drag_ == 0) drag_ = model.new_drag();
    model.set_row(workspace_.head_key(), q_block, static_cast<float>(tau), drag_);
  });
  connect(head, &HeadPanel::tau_released, this, [this, &model](std::int64_t q_block, double tau) {
    model.set_row(workspace_.head_key(), q_block, static_cast<float>(tau), drag_);
    drag_ = 0;
  });
  const auto choose_k = [this, &model](double k) {
    if (drag_ == 0) drag_ = model.new_drag();
    model.set_kind(thresholds->scope(), workspace_.head_key(), ThresholdChoice::Kind::kTopK,
                   std::max(0.0, std::round(k)), drag_);
  };
  connect(curve, &CurvePlot::k_dragged, this, choose_k);
  connect(curve, &CurvePlot::k_released, this, [this, choose_k](double k) {
    choose_k(k);
    drag_ = 0;
  });
  const auto give_up = [this, &model] { model.give_up(std::exchange(drag_, 0)); };
  connect(&head->row_profile(), &ProfilePlot::tau_given_up, this, give_up);
  connect(curve, &CurvePlot::k_given_up, this, give_up);
}

void ViewSet::show_sequence() {
  const auto file = workspace_.file();
  const SequenceKey key = workspace_.sequence_key();
  overview->set_layer(workspace_.store(), key,
                      file ? figures_of(workspace_.heads(), key) : std::vector<HeadFigures>());
  error->set_sequence(file, key, workspace_.head_key().head);
  const traces::Sequence* sequence = workspace_.sequence();
  if (sequence != nullptr) {
    thresholds->set_largest_k(
        static_cast<int>(std::clamp<std::int64_t>(sequence->shape.k_blocks, 1, kLargestSliderK)));
  }
  show_head();
}

void ViewSet::show_head() {
  const auto arrays = workspace_.head();
  const traces::Sequence* sequence = workspace_.sequence();
  const std::int64_t index = workspace_.head_key().head;
  head->set_head(arrays, sequence, index);
  error->set_sequence(workspace_.file(), workspace_.sequence_key(), index);
  error->set_head(arrays);
  contrast->set_field(head->tile_field());
  inspector->set_head(arrays, head->tile_field(), sequence);
  show_thresholds();
  show_curve();
}

void ViewSet::show_work() {
  const auto work = workspace_.work();
  // The timeline lives inside the layer's work and keeps it alive.
  const std::shared_ptr<const TimelineModel> model =
      work ? std::shared_ptr<const TimelineModel>(work, &work->timeline) : nullptr;
  timeline->set_model(model, workspace_.sequence_key().layer);
  inspector->set_timeline(model);
  balance->set_report(work ? work->balance : BalanceReport());
  tables->set_report(work ? work->balance : BalanceReport());
}

void ViewSet::show_thresholds() {
  ThresholdModel& model = workspace_.thresholds();
  const HeadKey key = workspace_.head_key();
  const bool edited = workspace_.head() != nullptr && model.edited(key);
  const std::vector<float> tau = edited ? model.tau(key) : std::vector<float>();
  head->set_tau(tau);
  inspector->set_tau(tau);
  thresholds->set_measured_error(measured_error());
  const ThresholdChoice& choice = model.choice(key);
  const bool by_k = choice.kind == ThresholdChoice::Kind::kTopK;
  curve->set_k(by_k ? std::optional(choice.value) : std::nullopt);
}

void ViewSet::show_curve() {
  if (!workspace_.file()) return curve->set_curve({});
  curve->set_curve(workspace_.thresholds().curve(thresholds->scope(), workspace_.head_key()));
}

std::optional<double> ViewSet::measured_error() const {
  std::optional<double> largest;
  const ThresholdScope scope = thresholds->scope();
  const HeadKey key = workspace_.head_key();
  for (const HeadFigures& each : workspace_.heads().heads()) {
    const bool counts =
        scope == ThresholdScope::kAll ||
        (scope == ThresholdScope::kLayer ? each.key.sequence.layer == key.sequence.layer
                                         : each.key == key);
    if (!counts) continue;
    if (!each.method || workspace_.thresholds().edited(each.key)) return std::nullopt;
    largest = std::max(largest.value_or(0.0), *each.method);
  }
  return largest;
}

}  // namespace bsfa::gui
