#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes files as other people's tools write them, for the readers' tests.

make_files.py torch OUT PROTOCOL    a threshold file with torch.save's archive layout and pickle, without torch
make_files.py arrays FOLDER         a.npy, stored.npz, packed.npz by numpy
make_files.py check FILE            reads an npy file with numpy and prints dtype, shape and sum
"""
import collections
import io
import pickle
import struct
import sys
import types
import zipfile

import numpy as np


class Storage:
    def __init__(self, kind, key, count):
        self.kind, self.key, self.count = kind, key, count


def fake_torch():
    """Modules whose functions and classes pickle under torch's names."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch._utils = utils
    for name in ("FloatStorage", "LongStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def rebuild(*_):
        raise AssertionError("never called")

    rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = rebuild
    sys.modules["torch"], sys.modules["torch._utils"] = torch, utils
    return torch


class Tensor:
    def __init__(self, storage, offset, shape, stride):
        self.parts = (storage, offset, shape, stride, False, collections.OrderedDict())

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.parts


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return ("storage", value.kind, value.key, "cpu", value.count)
        return None


def write_torch(path, protocol):
    torch = fake_torch()
    # Stored as [K,L,H,blocks] = [2,3,2,4], values 0 .. 47 shifted; k_values as a tensor view with stride 2.
    thresholds = np.arange(48, dtype=np.float32) - 7
    thresholds[0], thresholds[1] = -np.inf, np.inf
    ks = np.array([8, 99, 16, 99], dtype=np.int64)
    table = {
        "thresholds": Tensor(Storage(torch.FloatStorage, "0", 48), 0, (2, 3, 2, 4), (24, 8, 4, 1)),
        "k_values": [8, 16] if protocol % 2 == 0 else Tensor(Storage(torch.LongStorage, "1", 4), 0, (2,), (2,)),
        "max_num_blocks": 4, "num_layers": 3, "num_heads": 2, "q_block_size": 128, "k_block_size": 64,
        "aggregation_method": "median", "shape_description": "[num_k_values, num_layers, num_heads, max_num_q_blocks]",
        "note": None, "ratio": 0.5, "negative": -5, "large": 1 << 40, "flags": (True, False),
    }
    pickled = io.BytesIO()
    Pickler(pickled, protocol).dump(table)
    entries = [("data.pkl", pickled.getvalue()), ("byteorder", b"little"), ("data/0", thresholds.tobytes()),
               ("data/1", ks.tobytes()), ("version", b"3\n"), (".data/serialization_id", b"1")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo("thresholds_32k/" + name)
            info.extra = struct.pack("<HH", 0x4246, 10) + b"Z" * 10  # torch pads with such a field
            archive.writestr(info, content)


def write_arrays(folder):
    a = np.arange(6, dtype=np.float16).reshape(2, 3)
    np.save(f"{folder}/a.npy", a)
    np.save(f"{folder}/fortran.npy", np.asfortranarray(a))
    np.save(f"{folder}/big.npy", a.astype(">f4"))
    np.save(f"{folder}/object.npy", np.array([{}], dtype=object), allow_pickle=True)
    b = np.arange(1000, dtype=np.float32)
    np.savez(f"{folder}/stored.npz", **{"layers.0.q": a, "b": b, "flag": np.array(True)})
    np.savez_compressed(f"{folder}/packed.npz", **{"layers.0.q": a, "b": b, "flag": np.array(True)})


def check(path):
    a = np.load(path)
    print(a.dtype, list(a.shape), a.astype(np.float64).sum())


if __name__ == "__main__":
    if sys.argv[1] == "torch":
        write_torch(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "arrays":
        write_arrays(sys.argv[2])
    else:
        check(sys.argv[2])
