// SPDX-License-Identifier: Apache-2.0
#include "cli/support/json.h"

#include <cmath>

#include "cli/support/format.h"
#include "core/dtype.h"

namespace bsfa::cli {

Json number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  return value;
}

Json number(std::optional<double> value) {
  return value ? number(*value) : Json(nullptr);
}

Json to_json(const core::Problem& p) {
  return {{"batch", p.batch},
          {"heads", p.heads},
          {"kv_heads", p.kv_heads},
          {"q_len", p.q_len},
          {"kv_len", p.kv_len},
          {"head_dim", p.head_dim},
          {"dtype", core::name_of(p.dtype)},
          {"causal", p.causal},
          {"scale", p.scale},
          {"gate", describe(p.gate)}};
}

Json to_json(const analysis::TileCounts& t) {
  return {{"off_diagonal", t.off_diagonal},
          {"kept", t.kept},
          {"skipped", t.skipped},
          {"diagonal", t.diagonal}};
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bsfa::cli
