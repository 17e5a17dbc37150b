# SPDX-License-Identifier: Apache-2.0
"""The check that turns an older processor away must itself run there, and before everything else."""

import os
import re
import subprocess

import support

OBJECT = os.environ.get("BSFA_CPU_CHECK", "")


class Tests(support.Case):
    def test_the_processor_check_uses_no_instruction_that_it_checks_for(self):
        code = subprocess.run(["objdump", "-d", OBJECT], check=True, capture_output=True, text=True).stdout
        self.assertIn("refuse_an_older_processor", code)
        newer = re.compile(r"%[yz]mm|\t(v[a-z]+|andn|bextr|blsr|pdep|pext|rorx|sarx|shlx|shrx|mulx|movbe|lzcnt|tzcnt)\b")
        self.assertEqual([line for line in code.splitlines() if newer.search(line)], [])

    def test_the_processor_check_runs_before_other_constructors(self):
        sections = subprocess.run(["readelf", "-SW", OBJECT], check=True, capture_output=True, text=True).stdout
        self.assertRegex(sections, r"\.(init_array|ctors)\.0*(101|65434)\b")


if __name__ == "__main__":
    support.main()
