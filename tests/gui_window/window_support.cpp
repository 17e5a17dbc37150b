// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui_window/window_support.h"

namespace bsfa::test {

void write_sample(const QString& path, std::uint64_t seed) {
  const core::Problem problem = gui::test::problem_of(3, 24, 48);
  std::vector<traces::Sequence> layers = {gui::test::sequence_of(problem, seed),
                                          gui::test::sequence_of(problem, seed + 1)};
  for (traces::Sequence& layer : layers) layer.work = gui::test::records_of(layer, 4);
  const auto rows = static_cast<std::size_t>(layers[1].shape.rows);
  (*layers[1].gating_violations)[rows + 7] = 2;
  (*layers[1].gating_violations)[rows + 11] = 1;
  gui::test::write_trace(path, layers, "{}",
                         "bsfa compare --qkv in.safetensors --topk 8 --out t.h5");
}

}  // namespace bsfa::test
