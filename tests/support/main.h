// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Called before any test of a binary runs, not where it only lists them. Non-zero ends the program
/// with that code: 77 where the machine lacks what every test of it needs. A binary may define its
/// own; the default returns 0.
extern "C" int bsfa_before_tests();
