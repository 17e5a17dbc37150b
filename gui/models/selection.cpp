// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/selection.h"

#include <algorithm>

#include <QtCore/QStringList>

namespace bsfa::gui {
namespace {

/// The part of a link that a letter stands for, null for a letter that means nothing.
std::optional<std::int64_t>* part_of(Link& link, QChar letter) {
  switch (letter.unicode()) {
    case 'L':
      return &link.layer;
    case 'S':
      return &link.sequence;
    case 'H':
      return &link.head;
    case 'Q':
      return &link.q_block;
    case 'K':
      return &link.k_block;
    default:
      return nullptr;
  }
}

/// Reads "L4/H2/Q47"; false where it is no place.
bool parse_place(const QString& text, Link& link) {
  for (const QString& word : text.split(QLatin1Char('/'))) {
    if (word.size() < 2) return false;
    std::optional<std::int64_t>* part = part_of(link, word.front());
    const QString digits = word.mid(1);
    const bool number = std::all_of(digits.begin(), digits.end(), [](QChar c) {
      return c >= QLatin1Char('0') && c <= QLatin1Char('9');
    });
    bool fits = false;
    const qlonglong value = digits.toLongLong(&fits);
    if (part == nullptr || part->has_value() || !number || !fits) return false;
    *part = value;
  }
  return true;
}

bool looks_like_place(const QString& text) {
  return text.size() >= 2 && text.front() == QLatin1Char('L');
}

template <typename T>
T within(T value, T least, T most) {
  return std::max(least, std::min(value, most));
}

}  // namespace

QString link_of(const Selection& selection) {
  QString link = selection.run + QStringLiteral("#L%1").arg(selection.layer);
  if (selection.sequence != 0) link += QStringLiteral("/S%1").arg(selection.sequence);
  link += QStringLiteral("/H%1").arg(selection.head);
  if (selection.q_block >= 0) link += QStringLiteral("/Q%1").arg(selection.q_block);
  if (selection.k_block >= 0) link += QStringLiteral("/K%1").arg(selection.k_block);
  return link;
}

std::optional<Link> parse_link(const QString& text) {
  Link link;
  const auto hash = text.lastIndexOf(QLatin1Char('#'));
  if (hash < 0 || !looks_like_place(text.mid(hash + 1))) {
    link.path = text;
    return link;
  }
  if (!parse_place(text.mid(hash + 1), link)) return std::nullopt;
  link.path = text.left(hash);
  return link;
}

Selection resolve(const Link& link, const TraceFile& file) {
  Selection out;
  out.run = file.path();
  const auto& keys = file.sequences();
  if (keys.empty()) return out;
  const SequenceKey wanted{link.layer.value_or(keys.front().layer), link.sequence.value_or(0)};
  auto found = std::find(keys.begin(), keys.end(), wanted);
  if (found == keys.end()) {
    found = std::find_if(keys.begin(), keys.end(),
                         [&](SequenceKey key) { return key.layer == wanted.layer; });
  }
  const SequenceKey key = found == keys.end() ? keys.front() : *found;
  out.layer = key.layer;
  out.sequence = key.sequence;
  const traces::Sequence& overview = *file.overview(key);
  const bool head_exists = link.head && *link.head < overview.shape.heads;
  out.head = head_exists ? *link.head : 0;
  const auto& rows = overview.q_blocks;
  if (link.q_block && std::binary_search(rows.begin(), rows.end(), *link.q_block))
    out.q_block = *link.q_block;
  if (out.q_block >= 0 && link.k_block && *link.k_block < overview.shape.k_blocks)
    out.k_block = *link.k_block;
  return out;
}

void SelectionModel::select(const Selection& selection) {
  const Selection old = current();
  if (old == selection) return;
  history_.visit(selection);
  emit changed(old, selection);
}

void SelectionModel::move_to(const Selection& selection) {
  const Selection old = current();
  if (old == selection) return;
  history_.replace(selection);
  emit changed(old, selection);
}

void SelectionModel::restart(const Selection& selection) {
  const Selection old = current();
  history_ = History<Selection>(selection);
  if (old != selection) emit changed(old, selection);
}

void SelectionModel::select_head(HeadKey key) {
  Selection next = current();
  if (next.head_key() == key) return;
  next.layer = key.sequence.layer;
  next.sequence = key.sequence.sequence;
  next.head = key.head;
  select(next);
}

void SelectionModel::select_block(HeadKey key, std::int64_t q_block) {
  Selection next = current();
  next.layer = key.sequence.layer;
  next.sequence = key.sequence.sequence;
  next.head = key.head;
  next.q_block = q_block;
  next.k_block = -1;
  select(next);
}

void SelectionModel::select_tile(std::int64_t q_block, std::int64_t k_block) {
  Selection next = current();
  next.q_block = q_block;
  next.k_block = k_block;
  select(next);
}

void SelectionModel::step(const traces::Sequence& sequence, int q_steps, int k_steps) {
  const auto rows = static_cast<std::int64_t>(sequence.q_blocks.size());
  if (rows == 0 || sequence.shape.k_blocks == 0) return;
  Selection next = current();
  std::int64_t row = 0;
  if (next.q_block >= 0) {
    const auto at =
        std::lower_bound(sequence.q_blocks.begin(), sequence.q_blocks.end(), next.q_block);
    row = within<std::int64_t>(at - sequence.q_blocks.begin() + q_steps, 0, rows - 1);
  }
  next.q_block = sequence.q_blocks[static_cast<std::size_t>(row)];
  next.k_block = next.k_block < 0
                     ? 0
                     : within<std::int64_t>(next.k_block + k_steps, 0, sequence.shape.k_blocks - 1);
  move_to(next);
}

void SelectionModel::back() {
  if (!can_go_back()) return;
  const Selection old = current();
  const Selection next = history_.back();
  emit changed(old, next);
}

void SelectionModel::forward() {
  if (!can_go_forward()) return;
  const Selection old = current();
  const Selection next = history_.forward();
  emit changed(old, next);
}

}  // namespace bsfa::gui
