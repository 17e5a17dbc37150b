// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include <QtCore/QObject>
#include <QtCore/QString>

#include "gui/models/history.h"
#include "gui/models/trace_file.h"

namespace bsfa::gui {

/// The one thing that all views look at. -1: none is chosen.
struct Selection {
  QString run;  ///< path of the trace
  std::int64_t layer = 0;
  std::int64_t sequence = 0;
  std::int64_t head = 0;
  std::int64_t q_block = -1;
  std::int64_t k_block = -1;
  std::int64_t unit = -1;  ///< SM or worker
  double time_ns = -1.0;   ///< from the layer's first start

  HeadKey head_key() const { return {{layer, sequence}, head}; }
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// A link "trace.h5#L4/H2/Q47/K70", "#L4/S1/H0" where the batch entry is not 0. The time and the
/// unit are not part of it.
QString link_of(const Selection& selection);

/// The parts of a link that it names.
struct Link {
  QString path;
  std::optional<std::int64_t> layer, sequence, head, q_block, k_block;
};
/// A path alone is a link too, and so is one with a # that is followed by no place. None where
/// what follows the # looks like a place but is none: "#L4/X2", "#Lx", a place named twice.
std::optional<Link> parse_link(const QString& text);
/// The selection of a trace that a link asks for; places that the trace does not have fall back to
/// the first that it has, and a head alone chooses no tile.
Selection resolve(const Link& link, const TraceFile& file);

/// The selection, with those before it.
class SelectionModel : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  const Selection& current() const { return history_.current(); }
  /// A selection to come back to.
  void select(const Selection& selection);
  /// Follows the pointer or a held key: takes the place of the current selection.
  void move_to(const Selection& selection);
  /// Another trace, or none: places of the one before are no places to come back to.
  void restart(const Selection& selection);
  void select_head(HeadKey key);
  void select_block(HeadKey key, std::int64_t q_block);
  void select_tile(std::int64_t q_block, std::int64_t k_block);
  /// Moves by so many tiles, within rows that the trace holds and its K blocks.
  void step(const traces::Sequence& sequence, int q_steps, int k_steps);

  bool can_go_back() const { return history_.can_go_back(); }
  bool can_go_forward() const { return history_.can_go_forward(); }
  void back();
  void forward();

 signals:
  void changed(const bsfa::gui::Selection& old_selection,
               const bsfa::gui::Selection& new_selection);

 private:
  History<Selection> history_{Selection{}};
};

}  // namespace bsfa::gui
