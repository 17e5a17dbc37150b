// SPDX-License-Identifier: GPL-3.0-or-later
/// A target with a precompiled header needs a source. This is it.
