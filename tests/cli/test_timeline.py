# SPDX-License-Identifier: Apache-2.0
"""The timeline that export --format perfetto writes: what Perfetto and chrome://tracing rely on."""

import json
import pathlib

import numpy as np
import profiles
import support

RECORDED = sorted((pathlib.Path(__file__).resolve().parents[2] / "traces" / "recorded").glob("*.h5"))


class Tests(support.Case):
    def trace(self, *arguments, **shape):
        self.bsfa("compare", "--qkv", self.generate(**shape), "--topk", 4, *arguments, "--out", self.path("t.h5"))
        return self.path("t.h5")

    def timeline(self, trace, *arguments):
        result = self.bsfa("export", trace, "--format", "perfetto", *arguments)
        return json.loads(result.out), result.err

    def test_the_recorded_traces_show_whole_profiles_without_a_gpu(self):
        self.assertGreaterEqual(len(RECORDED), 3)
        self.assertLessEqual(sum(path.stat().st_size for path in RECORDED), 12 << 20)
        on_gpu = 0
        for path in RECORDED:
            with self.subTest(path.name):
                info = self.bsfa("info", path).out
                self.assertIn("profile", info)
                phases = self.check_structure(self.timeline(path)[0])
                self.assertGreater(len(phases["X"]), 100)
                if path.name.startswith("h200"):
                    on_gpu += 1
                    self.assertIn("NVIDIA H200", info)
                    self.assertIn("tensor_op_hmma", info)
                    self.assertIn("forward.cuh", info)
                    self.assertGreater(len(phases["C"]), 100)
        self.assertGreaterEqual(on_gpu, 2)

    def check_structure(self, document):
        """Everything that the format asks of a document; returns its events by phase."""
        self.assertEqual(document["displayTimeUnit"], "ns")
        self.assertIsInstance(document["otherData"], dict)
        phases = {"M": [], "X": [], "C": []}
        for event in document["traceEvents"]:
            for key, kind in (("pid", int), ("tid", int), ("name", str), ("args", dict)):
                self.assertIsInstance(event[key], kind, event)
            phases[event["ph"]].append(event)
        named = {what: {(event["pid"], event["tid"]) for event in phases["M"] if event["name"] == what}
                 for what in ("process_name", "thread_name", "thread_sort_index")}
        self.assertEqual(named["thread_name"], named["thread_sort_index"])
        self.assertEqual(len({tid for _, tid in named["thread_name"]}), len(named["thread_name"]))
        processes = {pid for pid, _ in named["process_name"]}
        open_ends = {}
        for event in phases["X"]:
            row = event["pid"], event["tid"]
            self.assertIn(row, named["thread_name"])
            self.assertGreaterEqual(event["dur"], 0)
            # A picosecond for what decimal fractions lose in binary.
            ends, end = open_ends.setdefault(row, []), event["ts"] + event["dur"]
            while ends and ends[-1] <= event["ts"] + 1e-6:
                ends.pop()
            if event["cat"] == "range":
                self.assertTrue(not ends or end <= ends[-1] + 1e-6, "ranges of a row cross")
            else:
                self.assertEqual(ends, [], "events of a row overlap")
            ends.append(end)
        self.assertEqual(min(event["ts"] for event in phases["X"]), 0)
        counters = {}
        for event in phases["C"]:
            (series, value), = event["args"].items()
            self.assertIsInstance(value, (int, float))
            last_ts, last_value = counters.get((event["pid"], event["name"]), (0, 0))
            self.assertGreaterEqual(event["ts"], last_ts)
            if series == "kept":
                self.assertGreaterEqual(value, last_value)
            counters[event["pid"], event["name"]] = event["ts"], value
        for event in phases["X"] + phases["C"]:
            self.assertIn(event["pid"], processes)
        return phases

    def test_a_timeline_has_the_structure_that_viewers_need(self):
        document, complaints = self.timeline(self.trace("--kernel", "cpu"))
        phases = self.check_structure(document)
        self.assertEqual(complaints, "")
        self.assertEqual(len(phases["X"]), 16)
        self.assertEqual([event["args"]["name"] for event in phases["M"] if event["name"] == "process_name"], ["workers"])
        self.assertEqual({(event["args"]["head"], event["args"]["q_block"]) for event in phases["X"]},
                         {(head, block) for head in range(2) for block in range(8)})

    def test_a_timeline_adds_up_to_the_report(self):
        document, _ = self.timeline(self.trace(B=2))
        phases = self.check_structure(document)
        report = self.bsfa("export", self.path("t.h5"), "--format", "json").json["report"]
        tiles = report["tiles"]
        self.assertEqual(sum(event["args"]["kept"] for event in phases["X"]), tiles["kept"] + tiles["diagonal"])
        self.assertEqual(sum(event["args"]["seen"] for event in phases["X"]), tiles["off_diagonal"] + tiles["diagonal"])
        last = {event["name"]: event["args"]["kept"] for event in phases["C"]}
        self.assertEqual(sum(last.values()), tiles["kept"] + tiles["diagonal"])
        self.assertEqual(document["otherData"]["input_sha256"], report["provenance"]["input"]["sha256"])
        self.assertTrue(all(event["name"].startswith("batch ") for event in phases["X"]))
        first = [event for event in phases["X"] if event["args"]["q_block"] == 0]
        self.assertEqual({event["args"]["density"] for event in first}, {None})

    def test_a_long_timeline_keeps_the_longest_items_and_says_so(self):
        trace = self.trace()
        whole, _ = self.timeline(trace)
        document, complaints = self.timeline(trace, "--max-events", 5)
        items = self.check_structure_capped(document)
        self.assertEqual(len(items), 5)
        lengths = sorted((event["dur"] for event in whole["traceEvents"] if event["ph"] == "X"), reverse=True)
        self.assertEqual(sorted((event["dur"] for event in items), reverse=True), lengths[:5])
        self.assertEqual(document["otherData"]["cap"], "the longest 5 of 16 work items")
        self.assertEqual(document["otherData"]["work_items_capped"], 11)
        self.assertIn("the longest 5 of 16 work items are shown (--max-events)", complaints)
        self.assertEqual(complaints.count("\n"), 1)

    def check_structure_capped(self, document):
        events = document["traceEvents"]
        self.assertIn("process_labels", {event["name"] for event in events if event["ph"] == "M"})
        return [event for event in events if event["ph"] == "X"]

    def test_all_layers_share_one_timeline(self):
        self.bsfa("compare", "--qkv", self.layers(2, 7), "--layer", "all", "--topk", 4, "--out", self.path("t.h5"))
        document, _ = self.timeline(self.path("t.h5"))
        names = {event["name"] for event in self.check_structure(document)["X"]}
        self.assertIn("layer 2, head 0, Q block 0", names)
        self.assertIn("layer 7, head 0, Q block 0", names)

    def test_a_profile_adds_ranges_kernels_copies_and_samples(self):
        trace = profiles.add(self.trace())
        document, complaints = self.timeline(trace)
        phases = self.check_structure(document)
        self.assertEqual(complaints, "")
        names = {event["args"]["name"]: event["pid"] for event in phases["M"] if event["name"] == "process_name"}
        self.assertEqual(list(names), ["host", "device", "workers", "samples"])
        rows = {event["args"]["name"]: (event["pid"], event["tid"]) for event in phases["M"] if event["name"] == "thread_name"}
        self.assertEqual(rows["thread 42"][0], names["host"])
        events = {name: [event for event in phases["X"] if event["name"] == name] for name in
                  ("recorded launches", "launch 0", "forward", "copy to the device")}
        self.assertEqual([event["ts"] for event in events["forward"]], [10, 50])
        self.assertEqual({(event["pid"], event["tid"]) for event in events["forward"]}, {rows["stream 7"]})
        self.assertEqual(events["copy to the device"][0]["args"]["bytes"], 1 << 20)
        self.assertEqual(events["recorded launches"][0]["ts"], 0)
        samples = [event for event in phases["C"] if event["pid"] == names["samples"]]
        self.assertEqual({event["name"] for event in samples}, {"tensor.avg", "dram.avg"})
        self.assertEqual(len(samples), 40)

    def test_work_and_samples_start_where_the_recorded_launch_starts(self):
        document, _ = self.timeline(profiles.add(self.trace()))
        phases = self.check_structure(document)
        self.assertEqual(min(event["ts"] for event in phases["X"] if event["cat"] == "work"), 50)
        self.assertEqual(min(event["ts"] for event in phases["C"] if event["name"] == "tensor.avg"), 50)
        alignment = document["otherData"]["alignment"]
        self.assertIn("at the launch's start: layer 0", alignment)
        self.assertIn("this kernel stands for it: forward", alignment)

    def test_a_long_profile_is_capped_and_says_so(self):
        trace = profiles.add(self.trace(), samples=1000)
        document, complaints = self.timeline(trace, "--max-events", 5)
        phases = self.check_structure_capped(document)
        self.assertEqual(len(phases), 10)
        for text in ("the longest 5 of 16 work items", "the longest 5 of 6 spans", "one in 400 of 1000 samples"):
            self.assertIn(text, document["otherData"]["cap"])
        self.assertIn("one in 400 of 1 000 samples is shown (--max-events)", complaints)
        self.assertEqual(complaints.count("\n"), 3)

    def test_a_profile_of_the_cpu_kernel_has_a_timeline(self):
        self.bsfa("profile", "--qkv", self.generate(), "--topk", 4, "--kernel", "cpu", "--only", "work", "--out", self.path("p.h5"))
        document, _ = self.timeline(self.path("p.h5"))
        self.assertEqual(len(self.check_structure(document)["X"]), 16)

    def test_a_trace_without_work_records_has_no_timeline(self):
        qkv = self.generate()
        q = support.read_safetensors(qkv)["q"]
        support.write_safetensors(self.path("o.safetensors"), {"o": np.zeros(q.shape, q.dtype)})
        self.bsfa("compare", "--qkv", qkv, "--topk", 4, "--output", self.path("o.safetensors"),
                  "--out", self.path("t.h5"), expect=1)
        before = self.files()
        self.refused(3, "t.h5: holds no work records", "export", self.path("t.h5"), "--format", "perfetto",
                     "--out", self.path("t.json"))
        self.assertEqual(self.files(), before)

    def test_work_records_without_times_have_no_timeline(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("python3-h5py is not installed")
        trace = self.trace()
        with h5py.File(trace, "r+", libver="v110") as file:
            file["layers/0/seq/0/work/clock"][...] = 0
        self.refused(3, "t.h5: none of its work records has usable times (16 records)", "export", trace, "--format", "perfetto")

    def test_a_cap_of_nothing_is_refused(self):
        self.refused(2, "--max-events", "export", self.trace(), "--format", "perfetto", "--max-events", 0)


if __name__ == "__main__":
    support.main()
