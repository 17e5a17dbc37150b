# SPDX-License-Identifier: Apache-2.0
"""kernels/include/bsfa/kernel.h through ctypes: the structs field by field, and calls that raise.

Nothing here touches a GPU: callers pass addresses. tests/scripts compares every size and offset with
the C compiler's.
"""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_float, c_int, c_int32, c_int64, c_size_t, c_uint32, \
    c_uint64, c_void_p

ABI_VERSION = 1
ERROR_SIZE = 512

OK, UNSUPPORTED, INVALID_ARGUMENT, OUT_OF_MEMORY, DEVICE_ERROR, INTERNAL_ERROR, CANCELLED = range(7)
FORWARD, TILE_STATISTICS, BACKWARD = range(3)
DTYPE_NONE, FLOAT16, BFLOAT16, FLOAT32, FLOAT8_E4M3, FLOAT8_E5M2 = range(6)
HOST, CUDA_DEVICE = range(2)
GATE_OFF, GATE_ABSOLUTE, GATE_RELATIVE, GATE_MASK = range(4)
TILE_OUTSIDE, TILE_SKIPPED, TILE_KEPT, TILE_DIAGONAL = range(4)
INSTRUMENT_NONE, INSTRUMENT_MASK, INSTRUMENT_WORK, INSTRUMENT_WARPS = range(4)

STATUS_NAMES = ("ok", "unsupported", "invalid argument", "out of memory", "device error", "internal error",
                "cancelled")


class Problem(Structure):
    _fields_ = [
        ("size", c_uint32), ("version", c_uint32),
        ("operation", c_uint32), ("causal", c_uint32),
        ("batch", c_int64), ("heads", c_int64), ("kv_heads", c_int64),
        ("q_len", c_int64), ("kv_len", c_int64),
        ("head_dim", c_int64), ("v_head_dim", c_int64),
        ("dtype_q", c_uint32), ("dtype_k", c_uint32), ("dtype_v", c_uint32), ("dtype_o", c_uint32),
        ("scale", c_float),
        ("gate_kind", c_uint32), ("gate_vote", c_uint32),
        ("gate_q_block", c_int32), ("gate_k_block", c_int32), ("gate_row_group", c_int32),
        ("mask_encoding", c_uint32), ("instrumentation", c_uint32), ("features", c_uint32),
        ("device", c_int32), ("max_workers", c_int32),
        ("page_size", c_int64), ("max_work_items", c_int64),
    ]


class Tensor(Structure):
    _fields_ = [("data", c_void_p), ("stride", c_int64 * 4)]


class WorkItem(Structure):
    _fields_ = [("batch", c_int32), ("head", c_int32), ("q_block", c_int32),
                ("k_block_begin", c_int32), ("k_block_end", c_int32)]


class WorkRecord(Structure):
    _fields_ = [
        ("batch", c_int32), ("head", c_int32), ("q_block", c_int32),
        ("k_block_begin", c_int32), ("k_block_end", c_int32),
        ("pass", c_uint32), ("unit", c_uint32), ("cta", c_uint32), ("warp", c_int32), ("clock_domain", c_uint32),
        ("start", c_uint64), ("end", c_uint64),
        ("tiles_seen", c_uint64), ("tiles_kept", c_uint64),
        ("qk_products", c_uint64), ("pv_products", c_uint64),
    ]


class Arguments(Structure):
    _fields_ = [
        ("size", c_uint32), ("version", c_uint32),
        ("q", Tensor), ("k", Tensor), ("v", Tensor),
        ("thresholds", Tensor), ("threshold_blocks", c_int64),
        ("mask_in", Tensor), ("lse_in", Tensor),
        ("descale_q", c_void_p), ("descale_k", c_void_p), ("descale_v", c_void_p),
        ("cu_seqlens_q", c_void_p), ("cu_seqlens_k", c_void_p),
        ("used_q", c_void_p), ("used_k", c_void_p), ("q_positions", c_void_p),
        ("page_table", c_void_p), ("page_table_stride", c_int64),
        ("work_items", c_void_p), ("work_item_count", c_int64), ("work_item_size", c_uint64),
        ("o", Tensor), ("lse", Tensor), ("mask", Tensor), ("tile_max", Tensor),
        ("tile_mass", Tensor), ("tile_mass_max", Tensor),
        ("records", c_void_p), ("record_capacity", c_uint64), ("record_size", c_uint64), ("record_count", c_void_p),
        ("grad_o", Tensor), ("o_in", Tensor), ("grad_q", Tensor), ("grad_k", Tensor), ("grad_v", Tensor),
        ("workspace", c_void_p), ("workspace_bytes", c_uint64), ("stream", c_void_p), ("cancel", c_void_p),
    ]


class PlanInfo(Structure):
    _fields_ = [
        ("size", c_uint32), ("version", c_uint32),
        ("workspace_bytes", c_uint64), ("workspace_alignment", c_uint64), ("max_records", c_uint64),
        ("compute_q_block", c_int32), ("compute_k_block", c_int32),
        ("clock_domain", c_uint32), ("threads_per_cta", c_uint32), ("ctas", c_uint32),
        ("tensor_instructions_per_qk", c_uint64), ("tensor_instructions_per_pv", c_uint64),
    ]


class KernelTable(Structure):
    pass


KernelTable._fields_ = [
    ("size", c_uint32), ("version", c_uint32),
    ("name", c_char_p), ("description", c_char_p),
    ("memory_space", c_uint32), ("instrumentation", c_uint32), ("state", c_void_p),
    ("supports", CFUNCTYPE(c_int, POINTER(KernelTable), POINTER(Problem), c_char_p, c_size_t)),
    ("plan", CFUNCTYPE(c_int, POINTER(KernelTable), POINTER(Problem), POINTER(c_void_p), c_char_p, c_size_t)),
    ("describe", CFUNCTYPE(c_int, c_void_p, POINTER(PlanInfo), c_char_p, c_size_t)),
    ("enqueue", CFUNCTYPE(c_int, c_void_p, POINTER(Arguments), c_char_p, c_size_t)),
    ("destroy", CFUNCTYPE(None, c_void_p)),
]


class LibraryTable(Structure):
    _fields_ = [
        ("size", c_uint32), ("version", c_uint32),
        ("name", c_char_p), ("build", c_char_p),
        ("kernel_count", c_uint32), ("kernels", POINTER(POINTER(KernelTable))),
    ]


# The C names of the mirrored structs.
STRUCTS = {
    "bsfa_problem": Problem, "bsfa_tensor": Tensor, "bsfa_work_item": WorkItem, "bsfa_work_record": WorkRecord,
    "bsfa_arguments": Arguments, "bsfa_plan_info": PlanInfo, "bsfa_kernel": KernelTable,
    "bsfa_library": LibraryTable,
}


class LibraryError(Exception):
    """The file is not a kernel library that can be used."""


class KernelError(Exception):
    """A kernel answered something other than ok."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def versioned(struct, **fields):
    """A struct with its header filled in and these fields set."""
    return struct(size=ctypes.sizeof(struct), version=ABI_VERSION, **fields)


def tensor(address, shape):
    """A contiguous tensor of one to four dimensions at an address."""
    strides, step = [], 1
    for extent in reversed(shape):
        strides.insert(0, step)
        step *= extent
    return Tensor(data=address, stride=(c_int64 * 4)(*strides, *[0] * (4 - len(shape))))


def call(who, function, *arguments):
    """Calls a function of the interface and raises KernelError with its own words."""
    text = ctypes.create_string_buffer(ERROR_SIZE)
    status = function(*arguments, text, ERROR_SIZE)
    if status != OK:
        name = STATUS_NAMES[status] if 0 <= status < len(STATUS_NAMES) else f"status {status}"
        words = text.value.decode(errors="replace") or "no reason given"
        raise KernelError(status, f"{who}: {name}: {words}")


class Plan:
    """A plan and what it needs. A context manager: leaving it destroys the plan."""

    def __init__(self, kernel, problem):
        self._kernel = kernel
        self._handle = c_void_p()
        table = kernel.table
        call(kernel.name, table.contents.plan, table, ctypes.byref(problem), ctypes.byref(self._handle))
        self.info = versioned(PlanInfo)
        try:
            call(kernel.name, table.contents.describe, self._handle, ctypes.byref(self.info))
        except KernelError:
            self.close()
            raise

    def enqueue(self, arguments):
        call(self._kernel.name, self._kernel.table.contents.enqueue, self._handle, ctypes.byref(arguments))

    def close(self):
        if self._handle:
            self._kernel.table.contents.destroy(self._handle)
            self._handle = c_void_p()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Kernel:
    """One kernel of a library."""

    def __init__(self, library, table):
        self._library = library  # keeps the table loaded
        self.table = table
        self.name = table.contents.name.decode()
        self.description = (table.contents.description or b"").decode()
        self.memory_space = table.contents.memory_space
        self.instrumentation = table.contents.instrumentation

    def why_not(self, problem):
        """None where the kernel takes the problem, else its own words."""
        try:
            call(self.name, self.table.contents.supports, self.table, ctypes.byref(problem))
        except KernelError as error:
            return str(error)
        return None

    def plan(self, problem):
        return Plan(self, problem)


class Library:
    """A shared library with bsfa_open. Raises LibraryError."""

    def __init__(self, path):
        self.path = str(path)
        try:
            self._handle = ctypes.CDLL(self.path)
            opener = self._handle.bsfa_open
        except (OSError, AttributeError) as error:
            raise LibraryError(f"{self.path}: not a kernel library: {error}") from error
        opener.restype = POINTER(LibraryTable)
        opener.argtypes = [c_uint32, c_char_p, c_size_t]
        text = ctypes.create_string_buffer(ERROR_SIZE)
        table = opener(ABI_VERSION, text, ERROR_SIZE)
        if not table:
            raise LibraryError(f"{self.path}: {text.value.decode(errors='replace') or 'bsfa_open gave nothing'}")
        self.name = (table.contents.name or b"").decode()
        self.build = (table.contents.build or b"").decode()
        self.kernels = {}
        for index in range(table.contents.kernel_count):
            kernel = Kernel(self, table.contents.kernels[index])
            self.kernels[kernel.name] = kernel
