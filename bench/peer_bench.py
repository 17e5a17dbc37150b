# SPDX-License-Identifier: Apache-2.0
"""One configuration at a time: open the variants, check them, choose thresholds, time them interleaved."""

import contextlib
import random
import time

import torch

import bsfa_abi as abi
import bsfa_torch
import peer_checks
import peer_rows
from gpu_state import GpuState
from peer_rows import Label

GPU_FLUSH_FACTOR = 4  # times the L2 cache
WARM_UP_LAUNCHES = 2


class CudaClock:
    """Times launches with events, the L2 cache overwritten with random bytes before each."""

    def __init__(self):
        properties = torch.cuda.get_device_properties(0)
        size = GPU_FLUSH_FACTOR * getattr(properties, "L2_cache_size", 64 << 20)
        self._source = torch.randint(0, 256, (size,), dtype=torch.uint8, device="cuda")
        self._sink = torch.empty_like(self._source)

    def start(self, run):
        """Enqueues a launch; what is returned gives its milliseconds after finish()."""
        self._sink.copy_(self._source)
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        run()
        end.record()
        return lambda: begin.elapsed_time(end)

    def finish(self):
        torch.cuda.synchronize()


class HostClock:
    def start(self, run):
        begin = time.perf_counter_ns()
        run()
        milliseconds = (time.perf_counter_ns() - begin) * 1e-6
        return lambda: milliseconds

    def finish(self):
        pass


def measure(variants, clock, rule, order):
    """({Label: milliseconds}, why it stopped). variants: {Label: callable}; every round is a new order."""
    if not variants:
        return {}, "nothing to time"
    for run in variants.values():
        for _ in range(WARM_UP_LAUNCHES):
            run()
    clock.finish()
    samples = {label: [] for label in variants}
    began = time.monotonic()
    while True:
        labels = list(variants)
        order.shuffle(labels)
        timers = {label: clock.start(variants[label]) for label in labels}
        clock.finish()
        for label, timer in timers.items():
            samples[label].append(timer())
        stopped = rule.reason(list(samples.values()), time.monotonic() - began)
        if stopped:
            return samples, stopped


class Bench:
    """Everything that outlives a configuration.

    shares: kept shares to time; levels: time instrumentation level work too; check_only: time nothing.
    """

    def __init__(self, device, library, peer_names, kernels, *, rule, shares, levels, check_only):
        self.device, self.library, self.peer_names, self.kernels = device, library, peer_names, kernels
        self.rule, self.shares, self.levels, self.check_only = rule, shares, levels, check_only
        self.clock = CudaClock() if device.type == "cuda" else HostClock()
        self.small_checked = {}

    def uuid(self):
        return getattr(torch.cuda.get_device_properties(0), "uuid", None) if self.device.type == "cuda" else None

    def open_peers(self, configuration, inputs, notes):
        peers = {}
        for name in self.peer_names:
            try:
                peers[name] = bsfa_torch.Peer(name, configuration, inputs)
                notes["gqa"][name] = peers[name].gqa
            except torch.OutOfMemoryError:
                raise
            except RuntimeError as error:
                notes["unsupported"][name] = str(error).split("\n")[0]
        return peers

    def supported(self, configuration, notes):
        kernels = []
        for kernel in self.kernels:
            problem = bsfa_torch.problem_of(configuration, abi.GATE_ABSOLUTE, device=self.device)
            reason = kernel.why_not(problem)
            if reason is None:
                kernels.append(kernel)
            else:
                notes["unsupported"][kernel.name] = reason
        return kernels

    def check(self, configuration, kernels, inputs, buffers, peers, notes):
        for kernel in kernels:
            key = (kernel.name, configuration.heads, configuration.kv_heads, configuration.dim, configuration.dtype)
            if key not in self.small_checked:
                self.small_checked[key] = peer_checks.check_small(kernel, configuration, notes["seed"], self.device)
            dense = peer_checks.check_dense(kernel, configuration, inputs, buffers, peers)
            notes["checks"][kernel.name] = {"float64": self.small_checked[key], **dense}

    def choose_thresholds(self, kernel, configuration, inputs, buffers):
        """{share: thresholds} from the kernel's own tile_max with everything kept."""
        infinite = bsfa_torch.constant_thresholds(configuration, float("-inf"), self.device)
        with bsfa_torch.closing(bsfa_torch.Launch(kernel, configuration, inputs, buffers, thresholds=infinite,
                                                  level=abi.INSTRUMENT_MASK, outputs=("tile_max",))) as launch:
            peer_checks.run_checked(launch, buffers, ("tile_max",), f"{kernel.name}, {configuration}, tile_max")
        return bsfa_torch.thresholds_for(buffers["tile_max"], configuration, self.shares)

    def tables_by_label(self, name, configuration, tables):
        """{Label: thresholds} of the variants whose mask is read back."""
        infinite = bsfa_torch.constant_thresholds(configuration, float("-inf"), self.device)
        return {Label(name): infinite, **{Label(name, "on", share): tables[share] for share in self.shares}}

    def measure_kept(self, kernel, configuration, inputs, buffers, tables):
        """{Label: share} that the kernel keeps under each table, read from its mask, which is checked."""
        outputs, kept = ("o", "lse", "mask", "tile_max"), {}
        for label, table in self.tables_by_label(kernel.name, configuration, tables).items():
            what = f"{label}, {configuration}"
            with bsfa_torch.closing(bsfa_torch.Launch(kernel, configuration, inputs, buffers, thresholds=table,
                                                      level=abi.INSTRUMENT_MASK, outputs=outputs)) as launch:
                peer_checks.run_checked(launch, buffers, outputs, what)
            peer_checks.check_mask(what, buffers["mask"], buffers["tile_max"], table)
            kept[label] = bsfa_torch.kept_share(buffers["mask"])
        return kept

    def kernel_variants(self, kernel, configuration, inputs, buffers, tables, stack):
        """{Label: Launch} of one of our kernels."""
        def launch(**how):
            return stack.enter_context(bsfa_torch.closing(
                bsfa_torch.Launch(kernel, configuration, inputs, buffers, **how)))
        name = kernel.name
        every = self.tables_by_label(name, configuration, tables)
        variants = {label: launch(thresholds=table) for label, table in every.items()}
        variants[Label(name, series="gate_compiled_out")] = launch()
        if self.levels and kernel.instrumentation >= abi.INSTRUMENT_WORK:
            for label, table in every.items():
                instrumented = Label(name, label.gate, label.kept, "instrumentation", "work")
                variants[instrumented] = launch(thresholds=table, level=abi.INSTRUMENT_WORK)
        return variants

    def other_variants(self, configuration, inputs, buffers, peers, notes, tile_max, stack):
        """{Label: callable} of all that is not one of our attention kernels. tile_max: a kernel's own, or None."""
        variants = {Label(name): peer for name, peer in peers.items()}
        if self.device.type == "cuda":
            variants[Label("cublas", series="ceilings")] = bsfa_torch.product(peer_rows.MATMUL_SIZE, "fp16", self.device)
        launch, name = bsfa_torch.statistics_launch(self.library, configuration, inputs, buffers)
        if launch is None:
            notes["unsupported"]["tile_statistics"] = name
        else:
            stack.enter_context(bsfa_torch.closing(launch))
            what = f"{name}, {configuration}, tile statistics"
            expected = tile_max.clone() if tile_max is not None else None
            peer_checks.run_checked(launch, buffers, ("tile_max",), what)
            if expected is not None:
                peer_checks.check_statistics(what, buffers["tile_max"], expected, inputs, configuration)
            variants[Label(name, series="tile_statistics")] = launch
        return variants

    def run(self, configuration, seed):
        """(notes, samples, kept shares) of one configuration; samples is empty where only checks were asked for."""
        notes = {"configuration": str(configuration), "seed": seed, "gqa": {}, "unsupported": {}, "checks": {}}
        inputs = bsfa_torch.random_inputs(configuration, self.device, seed)
        buffers = bsfa_torch.Buffers(configuration, self.device)
        peers = self.open_peers(configuration, inputs, notes)
        kernels = self.supported(configuration, notes)
        self.check(configuration, kernels, inputs, buffers, peers, notes)
        with contextlib.ExitStack() as stack:
            variants, kept, tables = {}, {Label(name): 1 for name in peers}, None
            for kernel in kernels:
                tables = tables or self.choose_thresholds(kernel, configuration, inputs, buffers)
                ours = self.kernel_variants(kernel, configuration, inputs, buffers, tables, stack)
                variants.update(ours)
                kept.update(self.measure_kept(kernel, configuration, inputs, buffers, tables))
                kept.update({label: kept[Label(label.kernel, label.gate, label.kept)] for label in ours})
            # Whatever the thresholds, the last checked launch left the tile_max of these inputs.
            tile_max = buffers["tile_max"] if kernels else None
            variants.update(self.other_variants(configuration, inputs, buffers, peers, notes, tile_max, stack))
            if self.check_only:
                return notes, {}, kept
            with GpuState(self.uuid()) as state:
                samples, notes["stopped"] = measure(variants, self.clock, self.rule, random.Random(seed))
            notes["gpu_state"] = state.summary()
        return notes, samples, kept
