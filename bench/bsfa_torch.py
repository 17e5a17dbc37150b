# SPDX-License-Identifier: Apache-2.0
"""Our kernels and torch's on torch tensors: one Launch is one kernel, one problem, one set of buffers."""

import contextlib
import ctypes

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

import bsfa_abi as abi
import quantiles
from peer_rows import GATE_K_BLOCK, GATE_Q_BLOCK

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}
ABI_DTYPES = {"fp16": abi.FLOAT16, "bf16": abi.BFLOAT16}
PEERS = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash2": SDPBackend.FLASH_ATTENTION}
UNWRITTEN_CODE = 0xFF


def random_inputs(configuration, device, seed):
    """q, k, v of standard normal numbers, [1,H,N,D]."""
    generator = torch.Generator(device=device).manual_seed(seed)
    shapes = [(configuration.heads, configuration.n), (configuration.kv_heads, configuration.n),
              (configuration.kv_heads, configuration.n)]
    return [torch.randn(1, heads, n, configuration.dim, generator=generator, device=device,
                        dtype=DTYPES[configuration.dtype]) for heads, n in shapes]


def tile_shape(configuration):
    return (1, configuration.heads, *quantiles.tile_grid(configuration.n, configuration.n, GATE_Q_BLOCK, GATE_K_BLOCK))


class Buffers:
    """Outputs of one configuration, made when first asked for and shared by all its launches."""

    def __init__(self, configuration, device):
        c, tiles = configuration, tile_shape(configuration)
        self._device = device
        self._kinds = {"o": ((1, c.heads, c.n, c.dim), DTYPES[c.dtype]), "lse": ((1, c.heads, c.n), torch.float32),
                       "mask": (tiles, torch.uint8), "tile_max": (tiles, torch.float32)}
        self._held = {}

    def __getitem__(self, name):
        if name not in self._held:
            shape, dtype = self._kinds[name]
            self._held[name] = torch.empty(shape, dtype=dtype, device=self._device)
        return self._held[name]

    def poison(self):
        """Fills every output with what no kernel writes."""
        for name, tensor in self._held.items():
            tensor.fill_(UNWRITTEN_CODE if name == "mask" else float("nan"))

    def unwritten(self, names):
        """The first of the named outputs that still holds poison, in words; None where none does."""
        for name in names:
            for head, part in enumerate(self[name][0]):
                bad = part == UNWRITTEN_CODE if name == "mask" else torch.isnan(part)
                if bad.any():
                    place = torch.nonzero(bad)[0].tolist()
                    return f"{name} is unwritten or NaN at head {head}, {place} and {int(bad.sum()) - 1} more places"
        return None


def problem_of(configuration, gate_kind, level=abi.INSTRUMENT_NONE, operation=abi.FORWARD, device=None):
    c, dtype = configuration, ABI_DTYPES[configuration.dtype]
    ordinal = (device.index or 0) if device is not None else 0
    return abi.versioned(
        abi.Problem, operation=operation, causal=int(c.causal), batch=1, heads=c.heads, kv_heads=c.kv_heads,
        q_len=c.n, kv_len=c.n, head_dim=c.dim, dtype_q=dtype, dtype_k=dtype, dtype_v=dtype, dtype_o=dtype,
        scale=c.scale, gate_kind=gate_kind, gate_q_block=GATE_Q_BLOCK, gate_k_block=GATE_K_BLOCK,
        instrumentation=level, device=ordinal)


class Launch:
    """A planned kernel on fixed buffers; calling it enqueues it on torch's current stream.

    thresholds: float32 tensor [1,H,blocks], or None for gating compiled out. Raises KernelError.
    """

    def __init__(self, kernel, configuration, inputs, buffers, *, thresholds=None, level=abi.INSTRUMENT_NONE,
                 outputs=("o", "lse"), operation=abi.FORWARD):
        device = inputs[0].device
        gate = abi.GATE_OFF if thresholds is None else abi.GATE_ABSOLUTE
        self._plan = kernel.plan(problem_of(configuration, gate, level, operation, device))
        info = self._plan.info
        self._on_device = kernel.memory_space == abi.CUDA_DEVICE
        # What the addresses in the arguments point into has to live as long as the launch.
        self._held = [inputs, buffers, thresholds]
        arguments = self.arguments = abi.versioned(abi.Arguments)
        for name, tensor in zip(("q", "k", "v"), inputs):
            setattr(arguments, name, abi.tensor(tensor.data_ptr(), tensor.shape))
        if thresholds is not None:
            arguments.thresholds = abi.tensor(thresholds.data_ptr(), thresholds.shape)
            arguments.threshold_blocks = thresholds.shape[-1]
        for name in outputs:
            setattr(arguments, name, abi.tensor(buffers[name].data_ptr(), buffers[name].shape))
        alignment = max(1, info.workspace_alignment)
        workspace = self._bytes(info.workspace_bytes + alignment, device)
        arguments.workspace = -(-workspace.data_ptr() // alignment) * alignment
        arguments.workspace_bytes = info.workspace_bytes
        if level >= abi.INSTRUMENT_WORK:
            self._add_records(info.max_records, device)

    def _bytes(self, count, device):
        tensor = torch.full((count,), UNWRITTEN_CODE, dtype=torch.uint8, device=device)
        self._held.append(tensor)
        return tensor

    def _add_records(self, capacity, device):
        size = ctypes.sizeof(abi.WorkRecord)
        self.arguments.records = self._bytes(max(1, capacity) * size, device).data_ptr()
        self.arguments.record_capacity, self.arguments.record_size = capacity, size
        self.arguments.record_count = self._bytes(ctypes.sizeof(ctypes.c_uint64), device).data_ptr()

    def __call__(self):
        if self._on_device:
            self.arguments.stream = torch.cuda.current_stream().cuda_stream
        self._plan.enqueue(self.arguments)

    def close(self):
        self._plan.close()
        self._held.clear()


def statistics_launch(library, configuration, inputs, buffers):
    """(Launch, kernel name) of tile_max for the whole layer by the first kernel that offers the operation.

    (None, reasons) where none does.
    """
    reasons = []
    device = inputs[0].device
    space = abi.CUDA_DEVICE if device.type == "cuda" else abi.HOST
    for kernel in (each for each in library.kernels.values() if each.memory_space == space):
        for level in (abi.INSTRUMENT_MASK, abi.INSTRUMENT_NONE):
            problem = problem_of(configuration, abi.GATE_OFF, level, abi.TILE_STATISTICS, device)
            reason = kernel.why_not(problem)
            if reason is None:
                return Launch(kernel, configuration, inputs, buffers, level=level, outputs=("tile_max",),
                              operation=abi.TILE_STATISTICS), kernel.name
        reasons.append(reason)
    return None, "; ".join(reasons) or "the library has no kernels"


class Peer:
    """One of torch's own back ends on the same tensors; raises RuntimeError where it refuses them.

    `gqa` says how it was given fewer K and V heads than Q heads.
    """

    def __init__(self, name, configuration, inputs):
        self._backend = PEERS[name]
        self._causal, self._scale = configuration.causal, configuration.scale
        self._inputs, self._enable_gqa, self.gqa = inputs, False, "none"
        if configuration.kv_heads != configuration.heads:
            self._enable_gqa, self.gqa = True, "enable_gqa"
            try:
                self()
            except RuntimeError:
                q, k, v = inputs
                group = configuration.heads // configuration.kv_heads
                self._inputs = [q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)]
                self._enable_gqa, self.gqa = False, "expanded heads"
        self()

    def __call__(self):
        with sdpa_kernel([self._backend]):
            return torch.nn.functional.scaled_dot_product_attention(
                *self._inputs, is_causal=self._causal, scale=self._scale, enable_gqa=self._enable_gqa)

    def close(self):
        self._inputs = None


def product(size, dtype, device):
    """A square product of matrices of normal numbers, by cuBLAS on a GPU: the most that its matrix units are seen to do."""
    a, b = (torch.randn(size, size, dtype=DTYPES[dtype], device=device) for _ in range(2))
    return lambda: torch.mm(a, b)


def thresholds_for(tile_max, configuration, shares):
    """{share: float32 [1,H,Qb]} keeping that share of every (head, Q block); tile_max: [1,H,Qb,Kb].

    Head by head, so that a sorted copy of all of tile_max is never held.
    """
    chosen = quantiles.off_diagonal(configuration.n, configuration.n, GATE_Q_BLOCK, GATE_K_BLOCK, configuration.causal)
    counts = chosen.sum(axis=1)
    outside = torch.from_numpy(~chosen).to(tile_max.device)
    rows = {share: [] for share in shares}
    for values in tile_max[0]:
        ordered = values.masked_fill(outside, float("-inf")).sort(dim=-1, descending=True).values.cpu().numpy()
        for share in shares:
            rows[share].append(torch.from_numpy(quantiles.thresholds(ordered, counts, share)))
    return {share: torch.stack(parts)[None].to(tile_max.device) for share, parts in rows.items()}


def constant_thresholds(configuration, value, device):
    blocks = tile_shape(configuration)[2]
    return torch.full((1, configuration.heads, blocks), value, dtype=torch.float32, device=device)


def kept_share(mask):
    """Kept over off-diagonal tiles; None where there are none."""
    kept = int((mask == abi.TILE_KEPT).sum())
    skipped = int((mask == abi.TILE_SKIPPED).sum())
    return kept / (kept + skipped) if kept + skipped else None


@contextlib.contextmanager
def closing(launch):
    try:
        yield launch
    finally:
        launch.close()
