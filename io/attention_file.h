// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/tensor.h"
#include "io/tensor_file.h"

namespace bsfa::io {

/// How Q, K and V are to be understood where the file does not say.
struct AttentionOptions {
  bool causal = true;
  core::GateShape gate;
  std::optional<float> scale;  ///< else the file's metadata "scale", else 1/sqrt(D)
  core::Dtype round_to = core::Dtype::kFloat16;  ///< fp32 inputs are rounded to this
};

/// Q, K and V of one layer together with what keeps them alive.
struct LoadedAttention {
  core::Problem problem;  ///< validated, scale filled in
  core::AttentionInputs inputs;
  bool rounded = false;  ///< the file held fp32
  std::shared_ptr<const void> owner;
};

/// A file with tensors named q, k, v, or layers.L.q, layers.L.k, layers.L.v. Tensors may have 2
/// ([N,D]), 3 ([H,N,D]) or 4 dimensions.
class AttentionFile {
 public:
  /// Throws core::InputError.
  static AttentionFile open(const std::filesystem::path& path);

  /// Layer numbers, ascending; {0} where the names carry none.
  const std::vector<std::int64_t>& layers() const noexcept { return layers_; }
  /// Throws core::InputError (layer not there, shapes that do not fit) or core::InvalidProblem.
  LoadedAttention load(std::int64_t layer, const AttentionOptions& options) const;
  const TensorFile& file() const noexcept { return *file_; }

 private:
  std::shared_ptr<const TensorFile> file_;
  std::vector<std::int64_t> layers_;
  bool numbered_ = false;
};

}  // namespace bsfa::io
