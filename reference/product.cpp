// SPDX-License-Identifier: Apache-2.0
#include "reference/product.h"

#include <Eigen/Core>

namespace bsfa::reference {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

void multiply_transposed(const ProductShape& shape, const double* a, const double* b, double* c) {
  Eigen::Map<Eigen::MatrixXd>(c, shape.rows, shape.columns).noalias() =
      Eigen::Map<const RowMajor>(a, shape.rows, shape.depth) *
      Eigen::Map<const RowMajor>(b, shape.columns, shape.depth).transpose();
}

void multiply(const ProductShape& shape, const double* a, const double* b, double* c) {
  Eigen::Map<Eigen::MatrixXd>(c, shape.rows, shape.columns).noalias() =
      Eigen::Map<const Eigen::MatrixXd>(a, shape.rows, shape.depth) *
      Eigen::Map<const RowMajor>(b, shape.depth, shape.columns);
}

}  // namespace bsfa::reference
