# SPDX-License-Identifier: Apache-2.0
"""Copies a trace and changes each copy in one named way that no bsfa would:
edit_trace.py TRACE FOLDER CHANGE... writes FOLDER/CHANGE.h5."""
import shutil
import sys

import h5py
import numpy as np

SEQ = "layers/0/seq/0"
PROFILE = "layers/0/profile"


def newest(path, mode):
    return h5py.File(path, mode, libver=("v110", "v110"))


def replace(f, name, **how):
    """Stores a dataset of the sequence again, in another way."""
    group = f[SEQ]
    data = group[name][()]
    del group[name]
    group.create_dataset(name, data=how.pop("data", data), **how)


def additions(f):
    """What schema 1.2 could bring."""
    f.attrs["schema_minor"] = 2
    f.attrs["cluster"] = ["a", "b"]
    f.attrs["remark"] = "text of variable length"
    f.attrs["numbers"] = np.arange(5)
    f["topology"] = np.arange(10)
    f["layers/0"].attrs["name"] = 5
    f["layers/0"].create_group("weights")["w"] = np.zeros(3)
    seq = f[SEQ]
    seq.attrs["sink"] = 4
    seq["entropy"] = np.zeros((2, 3))
    seq["samples/time_ns"] = np.arange(10, dtype="u8")
    seq["counters/inst_executed"] = np.int64(7)
    seq["work/energy_mj"] = np.zeros(len(seq["work/head"]))
    seq.create_group("stalls")
    seq["elsewhere"] = h5py.SoftLink("/nowhere")


def unsort(f):
    column = f[SEQ]["work/start_ns"]
    column[...] = column[()][::-1]


def resize_column(f):
    work = f[SEQ]["work"]
    data = work["head"][1:]
    del work["head"]
    work["head"] = data


def no_chunks(f):
    shape = f[SEQ]["tile_max"].shape
    del f[SEQ]["tile_max"]
    f[SEQ].create_dataset("tile_max", shape, "<f4", chunks=(1,) + shape[1:], compression=1)


def unwritten(f):
    shape = f[SEQ]["tile_max"].shape
    del f[SEQ]["tile_max"]
    f[SEQ].create_dataset("tile_max", shape, "<f4")


def bomb(f):
    """Tiles for the longest sequence there can be, none of them stored."""
    seq = f[SEQ]
    seq.attrs["q_len"] = 2**31
    seq.attrs["kv_len"] = 2**31
    del seq["tile_max"]
    shape = (seq.attrs["heads"], len(seq["q_blocks"]), 2**25)
    seq.create_dataset("tile_max", shape, "<f4", chunks=(1, 1, 2**20), compression=1)


def index_bomb(f):
    del f[SEQ]["q_blocks"]
    f[SEQ].create_dataset("q_blocks", (2**40,), "<i8", chunks=(2**16,), compression=1)


def external(f):
    shape = f[SEQ]["threshold"].shape
    del f[SEQ]["threshold"]
    f[SEQ].create_dataset("threshold", shape, "<f4", external=[("/etc/passwd", 0, 24)])


def virtual(f):
    shape = f[SEQ]["threshold"].shape
    del f[SEQ]["threshold"]
    layout = h5py.VirtualLayout(shape=shape, dtype="<f4")
    layout[...] = h5py.VirtualSource("/tmp/other.h5", "x", shape=shape)
    f[SEQ].create_virtual_dataset("threshold", layout)


def relink(f, link):
    del f[SEQ]["threshold"]
    f[SEQ]["threshold"] = link


def odd_code(f):
    f[SEQ]["mask_reference"][0, 0, 0] = 7


def q_blocks(f, values):
    f[SEQ]["q_blocks"][...] = values


def delete(f, name):
    del f[name]


def attribute(f, where, name, value):
    del f[where].attrs[name]
    if value is not None:
        f[where].attrs[name] = value


def store(f, name, data, **how):
    """Stores a dataset of the profile again, with other data."""
    del f[PROFILE][name]
    f[PROFILE].create_dataset(name, data=data, **how)


def put(f, name, index, value):
    f[PROFILE][name][index] = value


def text_bomb(f):
    """Every row names one text of a million letters."""
    stalls = f[PROFILE]["stalls"]
    for name in ("function", "file", "line", "text", "reason", "samples"):
        kind = stalls[name].dtype
        del stalls[name]
        stalls.create_dataset(name, (10**6,), kind, np.zeros(10**6, kind), chunks=(2**16,), compression=9)
    store(f, "stalls/text_text", np.array([b"x" * 10**6]), chunks=(1,), compression=9)


def index_bomb_of_profile(f):
    del f[PROFILE]["stalls/line"]
    f[PROFILE].create_dataset("stalls/line", (2**40,), "<u4", chunks=(2**16,), compression=1)


def profile_additions(f):
    profile = f[PROFILE]
    profile.attrs["clusters"] = 66
    profile["energy/joules"] = np.arange(3.0)
    profile["spans/device"] = np.zeros(5, "u4")
    profile["samples/cpu"] = np.zeros(4)
    put(f, "spans/kind", 2, 200)


CHANGES = {
    "profile_data": lambda f: (delete(f, PROFILE), f.create_dataset(PROFILE, data=1)),
    "profile_link": lambda f: (f.move(PROFILE, "elsewhere"), f.__setitem__(PROFILE, h5py.SoftLink("/elsewhere"))),
    "profile_no_count": lambda f: attribute(f, PROFILE, "multiprocessors", None),
    "profile_negative": lambda f: attribute(f, PROFILE, "tensor_per_qk", -5),
    "profile_status": lambda f: put(f, "facilities/status", 2, 9),
    "profile_twice": lambda f: put(f, "facilities/name", 3, 0),
    "profile_no_text": lambda f: delete(f, PROFILE + "/spans/name_text"),
    "profile_text_number": lambda f: store(f, "counters/set_text", [1, 2]),
    "profile_index": lambda f: put(f, "counters/metric", 1, 3),
    "profile_unsorted": lambda f: put(f, "spans/start_ns", 1, 0),
    "profile_uneven": lambda f: store(f, "spans/depth", np.zeros(4, "<u4")),
    "profile_uneven_text": lambda f: store(f, "stalls/reason", np.zeros(2, "<u4")),
    "profile_no_column": lambda f: delete(f, PROFILE + "/spans/track"),
    "profile_wide": lambda f: store(f, "spans/track", np.zeros(5, "<u4")),
    "profile_nan_time": lambda f: put(f, "times/time_ns", 2, np.nan),
    "profile_times_uneven": lambda f: store(f, "times/time_ns", np.zeros(3)),
    "profile_series": lambda f: store(f, "samples/values", np.zeros((1, 4), "<f4")),
    "profile_samples_unsorted": lambda f: put(f, "samples/start_ns", 0, 30),
    "profile_no_interval": lambda f: attribute(f, PROFILE + "/samples", "interval_ns", None),
    "profile_findings": lambda f: store(f, "findings", [5]),
    "profile_index_bomb": index_bomb_of_profile,
    "profile_text_bomb": text_bomb,
    "profile_newer": profile_additions,
    "newer_minor": additions,
    "newer_major": lambda f: attribute(f, "/", "schema_major", 2),
    "major_zero": lambda f: attribute(f, "/", "schema_major", 0),
    "text_version": lambda f: attribute(f, "/", "schema_major", np.bytes_("one")),
    "no_kernel": lambda f: attribute(f, "/", "kernel", None),
    "kernel_number": lambda f: attribute(f, "/", "kernel", 5),
    "kernel_list": lambda f: attribute(f, "/", "kernel", np.array([b"a", b"b"])),
    "no_layers": lambda f: delete(f, "layers"),
    "layers_data": lambda f: (delete(f, "layers"), f.create_dataset("layers", data=1)),
    "layer_name": lambda f: f.move("layers/0", "layers/first"),
    "layer_padded": lambda f: f.move("layers/0", "layers/00"),
    "sequence_name": lambda f: f.move(SEQ, "layers/0/seq/-1"),
    "no_report": lambda f: delete(f, "report"),
    "report_number": lambda f: (delete(f, "report"), f.create_dataset("report", data=[1])),
    "report_many": lambda f: (delete(f, "report"), f.create_dataset("report", data=[b"a", b"b"])),
    "no_heads": lambda f: attribute(f, SEQ, "heads", 0),
    "other_heads": lambda f: attribute(f, SEQ, "heads", 3),
    "huge_length": lambda f: attribute(f, SEQ, "kv_len", 2**40),
    "short_keys": lambda f: attribute(f, SEQ, "kv_len", 5),
    "odd_dtype": lambda f: attribute(f, SEQ, "dtype", np.bytes_("fp3")),
    "no_index": lambda f: delete(f, SEQ + "/q_blocks"),
    "index_descends": lambda f: q_blocks(f, [2, 1, 0]),
    "index_beyond": lambda f: q_blocks(f, [0, 1, 3]),
    "index_bomb": index_bomb,
    "double": lambda f: replace(f, "tile_max", dtype="<f8"),
    "big_endian": lambda f: replace(f, "tile_max", dtype=">f4"),
    "signed": lambda f: replace(f, "gating_ties", dtype="<i4"),
    "transposed": lambda f: replace(f, "threshold", data=f[SEQ]["threshold"][()].T),
    "flat": lambda f: replace(f, "tile_max", data=f[SEQ]["tile_max"][()].ravel()),
    "lzf": lambda f: replace(f, "tile_max", compression="lzf"),
    "chunks_missing": no_chunks,
    "unwritten": unwritten,
    "bomb": bomb,
    "external": external,
    "virtual": virtual,
    "soft_link": lambda f: relink(f, h5py.SoftLink("/" + SEQ + "/certificate")),
    "external_link": lambda f: relink(f, h5py.ExternalLink("other.h5", "/x")),
    "group_for_data": lambda f: (delete(f, SEQ + "/tile_max"), f[SEQ].create_group("tile_max")),
    "data_for_group": lambda f: (delete(f, SEQ + "/work"), f.create_dataset(SEQ + "/work", data=1)),
    "odd_code": odd_code,
    "unsorted": unsort,
    "uneven_columns": resize_column,
    "no_column": lambda f: delete(f, SEQ + "/work/head"),
    # Stored in another way, but the same values.
    "contiguous": lambda f: replace(f, "tile_max"),
    "gzip9": lambda f: replace(f, "tile_max", compression=9, chunks=(2, 2, 3)),
    "fletcher": lambda f: replace(f, "tile_max", compression=1, shuffle=True, fletcher32=True),
    "shuffled": lambda f: replace(f, "tile_max", shuffle=True, chunks=(1, 2, 4)),
    "deflated": lambda f: replace(f, "tile_max", compression=1, chunks=(1, 2, 4)),
    "growing": lambda f: replace(f, "tile_max", chunks=(1, 2, 4), maxshape=(None, None, None)),
}


def foreign(path):
    with newest(path, "w") as f:
        f["x"] = np.arange(100)


def old_format(path):
    with h5py.File(path, "w", libver=("earliest", "v108")) as f:
        f["x"] = np.arange(100)


def main():
    trace, folder, *names = sys.argv[1:]
    for name in names:
        path = f"{folder}/{name}.h5"
        if name in ("foreign", "old_format"):
            globals()[name](path)
            continue
        shutil.copy(trace, path)
        with newest(path, "r+") as f:
            CHANGES[name](f)


main()
