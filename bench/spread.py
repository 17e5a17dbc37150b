# SPDX-License-Identifier: Apache-2.0
"""Robust statistics of timings, and when there are enough of them."""

import dataclasses
import math
import statistics


def median(values):
    return statistics.median(values)


def mad(values):
    """Median absolute deviation from the median: one outlier, a clock change say, does not move it."""
    centre = median(values)
    return median([abs(value - centre) for value in values])


def relative_spread(values):
    """MAD over median; infinite below three values, which say nothing about spread."""
    if len(values) < 3:
        return math.inf
    return mad(values) / median(values)


@dataclasses.dataclass(frozen=True)
class StoppingRule:
    """When to stop adding rounds: every variant's spread is small, or a limit is reached."""

    min_rounds: int = 5
    max_rounds: int = 40
    min_seconds: float = 1.0
    max_seconds: float = 20.0
    spread: float = 0.005

    def reason(self, samples, seconds):
        """Why no further round is needed, None while one is. `samples`: lists of equal length."""
        rounds = min((len(values) for values in samples), default=0)
        if rounds < self.min_rounds:
            return None
        if rounds >= self.max_rounds:
            return "rounds"
        if seconds >= self.max_seconds:
            return "time"
        if seconds >= self.min_seconds and all(relative_spread(values) <= self.spread for values in samples):
            return "spread"
        return None
