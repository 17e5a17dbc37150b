// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/plain_attention_body.h"

namespace bsfa::test {

template class PlainAttention<HostTeam>;

}  // namespace bsfa::test
