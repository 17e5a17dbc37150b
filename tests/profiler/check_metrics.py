#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the built-in metrics to lists of those that a device was seen to have.

check_metrics.py Tests.METHOD

BSFA_METRICS names the file of metrics, BSFA_FACTS_DIR a folder with metrics-gh100-range.txt and metrics-gh100-pm.txt
(NAME or KIND and NAME, a tab, a description; `# submetrics of NAME: .a .b`); without it the tests are skipped (77).
"""

import os
import pathlib
import re
import sys
import unittest


def asked_for(kind):
    """Names of the metrics of the sets of one kind."""
    names, current = [], None
    for line in pathlib.Path(os.environ["BSFA_METRICS"]).read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0]
        if not text.strip():
            continue
        if text[0].isspace():
            if current == kind:
                names.append(text.strip())
        else:
            current = text.split()[0]
    return names


def offered(name):
    """Names in a list, without roll-ups."""
    names = set()
    for line in (pathlib.Path(os.environ["BSFA_FACTS_DIR"]) / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        fields = line.split("\t")
        names.add(fields[1] if re.fullmatch(r"\d+", fields[0]) else fields[0])
    return names


def without_rollup(metric):
    """TPC.Triage.sm__a.avg.per_second is a roll-up of TPC.Triage.sm__a."""
    return re.match(r".*?__[^.]*", metric).group()


class Tests(unittest.TestCase):
    def missing(self, kind, list_name):
        asked, there = asked_for(kind), offered(list_name)
        self.assertGreater(len(asked), 10)
        self.assertGreater(len(there), 500)
        return [metric for metric in asked if without_rollup(metric) not in there]

    def test_a_device_was_seen_to_count_every_built_in_counter(self):
        self.assertEqual(self.missing("counters", "metrics-gh100-range.txt"), [])

    def test_a_device_was_seen_to_sample_every_built_in_sample(self):
        self.assertEqual(self.missing("samples", "metrics-gh100-pm.txt"), [])

    def test_a_metric_that_was_never_seen_is_noticed(self):
        self.assertNotIn("sm__cycles_inactive", offered("metrics-gh100-range.txt"))
        self.assertIn("sm__cycles_active", offered("metrics-gh100-range.txt"))


if __name__ == "__main__":
    if not os.environ.get("BSFA_FACTS_DIR"):
        print("BSFA_FACTS_DIR is not set: skipped")
        sys.exit(77)
    unittest.main()
