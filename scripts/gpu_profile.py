# SPDX-License-Identifier: Apache-2.0
"""Profiles that scripts/gpu-test holds to what is known of them: the sample of a real model, a problem with a planted
imbalance, and one without.

As a program it plants the imbalance for use elsewhere: a threshold table with two k in which one head follows the
first and all others the second.

    bsfa calibrate --qkv QKV --k 8,128 --out t.safetensors
    python3 scripts/gpu_profile.py t.safetensors planted.safetensors --head 0 --head-k 128 --others-k 8
"""

import argparse
import json
import pathlib
import struct
import sys

from gpu_run import samples

#: Of all inputs that are profiled here.
DTYPES = ("fp16",)
FACILITIES = ("time", "activity", "work", "counters", "samples", "stalls")
#: What a machine may refuse for everybody; any other refusal is a fault.
NOT_ALLOWED = ("INSUFFICIENT_PRIVILEGES", "no usable CUPTI library")


def read_table(path):
    """(header, values as bytes, metadata, shape) of a threshold table of bsfa."""
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    entry = header["thresholds"]
    begin, end = entry["data_offsets"]
    return header["__metadata__"], data[8 + size + begin:8 + size + end], entry["shape"]


def write_table(path, metadata, shape, values):
    header = json.dumps({"__metadata__": metadata, "thresholds": {
        "dtype": "F32", "shape": shape, "data_offsets": [0, len(values)]}}).encode()
    header += b" " * (-len(header) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(header)) + header + values)


def plant(source, target, head, head_k, others_k):
    """Writes a table of one k: `head` gets the thresholds of head_k, the others those of others_k."""
    metadata, values, (ks, layers, heads, blocks) = read_table(source)
    known = json.loads(metadata["k_values"])
    missing = [k for k in (head_k, others_k) if k not in known]
    if missing or not 0 <= head < heads:
        raise ValueError(f"{source}: holds k {known} and {heads} heads")
    row = 4 * blocks
    mixed = bytearray()
    for layer in range(layers):
        for each in range(heads):
            k = known.index(head_k if each == head else others_k)
            begin = ((k * layers + layer) * heads + each) * row
            mixed += values[begin:begin + row]
    assert len(values) == ks * layers * heads * row
    metadata["k_values"] = json.dumps([others_k])
    write_table(target, metadata, [1, layers, heads, blocks], bytes(mixed))


def plant_long_items_last(target, heads, blocks):
    """Writes a table by which the first Q block of every head, which kernels start last, keeps all it sees, and every
    other one only its diagonal."""
    keep_all, keep_none = float("-inf"), float("inf")
    row = struct.pack(f"<{blocks}f", keep_all, *[keep_none] * (blocks - 1))
    metadata = {"bsfa_thresholds": "1", "k_values": "[0]", "layers": "[0]", "samples": '["planted"]',
                "q_block_size": "128", "k_block_size": "64", "aggregation": "mean"}
    write_table(target, metadata, [1, 1, heads, blocks], row * heads)


def facility_faults(profile):
    """What was refused though the machine allows it, and what was lost."""
    faults = []
    seen = {facility["name"]: facility for facility in profile["facilities"]}
    for name in FACILITIES:
        facility = seen.get(name)
        if facility is None:
            faults.append(f"{name}: is not reported")
        elif facility["status"] == "refused":
            words = facility["refusal"]
            if not any(allowed in words for allowed in NOT_ALLOWED):
                faults.append(f"{name}: refused: {words}")
        elif facility["dropped"]:
            faults.append(f"{name}: {facility['dropped']} lost")
    return faults


def done(profile, name):
    return any(each["name"] == name and each["status"] == "done" for each in profile["facilities"])


def figure_faults(profile):
    """Figures that do not fit one another."""
    faults = []
    check = profile["tensor_check"]
    if done(profile, "counters") and not (check and check["equal"]):
        faults.append(f"tensor instructions: {check}")
    if done(profile, "stalls") and not any(line["text"] for line in profile["stalls"]["lines"][:5]):
        faults.append("stalls: none of the first lines has its source")
    if done(profile, "samples") and not profile["samples"]["count"]:
        faults.append("samples: there is none")
    if [row["variant"] for row in profile["times"]][-1] != "dense":
        faults.append("times: dense attention was not timed")
    return faults


def ceiling_faults(profile):
    """Of a profile that was given a matrix ceiling: what it should have said of it."""
    ceiling, faults = profile["ceiling"], []
    # No kernel is faster than the largest product that a vendor's library was seen to do.
    if not ceiling or not 0 < ceiling["share_of_ceiling"] < 1:
        faults.append(f"matrix ceiling: {ceiling}")
    if done(profile, "counters") and not any("share_of_attainable" in place for place in profile["traffic"]):
        faults.append(f"roofline: no place on it by {profile['traffic']}")
    return faults


def level_faults(profile):
    """Levels of records that cost more than they may."""
    return [f"level {row['variant']} adds {100 * row['added_share']:.2f} %, more than {100 * row['limit']:.0f} %"
            for row in profile["times"] if row.get("within_limit") is False]


def judge_sample(profile):
    return facility_faults(profile) + figure_faults(profile)


def judge_planted(profile):
    faults = facility_faults(profile) + figure_faults(profile)
    heavy = [finding["text"] for finding in profile["findings"] if finding["rule"] == "heavy-head"]
    if len(heavy) != 1 or "head 1" not in heavy[0]:
        faults.append(f"the heavy head is not named: {[finding['text'] for finding in profile['findings']]}")
    return faults


def judge_long_items_last(profile):
    faults = facility_faults(profile) + figure_faults(profile)
    late = [finding["text"] for finding in profile["findings"] if finding["rule"] == "late-unit"]
    if len(late) != 1 or not any(cause in late[0] for cause in ("started last", "more work")):
        faults.append(f"the late SMs are not named: {[finding['text'] for finding in profile['findings']]}")
    return faults


def judge_balanced(profile):
    return facility_faults(profile) + figure_faults(profile) + level_faults(profile) + [
        f"finding in a balanced run: {finding['rule']}: {finding['text']}" for finding in profile["findings"]]


#: Long enough that an even run ends within one item in twenty, and that a launch takes milliseconds.
BALANCED = ("--generate", "gaussian", "-N", "32768", "-H", "16", "-D", "128", "--topk", "32")
PLANTED = ("structured", "-M", "16384", "-H", "4", "-D", "128")


def sample_arguments(_bsfa, _folder, _run):
    return ["--qkv", str(samples()[0]), "--topk", "16", "--check", "all"]


def planted_arguments(bsfa, folder, run):
    """`run` runs a command and raises where it fails."""
    qkv, table, planted = (str(folder / name) for name in ("qkv.safetensors", "two-k.safetensors", "t.safetensors"))
    run([bsfa, "generate", *PLANTED, "--out", qkv])
    run([bsfa, "calibrate", "--qkv", qkv, "--k", "8,128", "--device", "cuda", "--out", table])
    plant(table, planted, head=1, head_k=128, others_k=8)
    return ["--qkv", qkv, "--thresholds", planted, "--loads"]


def long_items_last_arguments(_bsfa, folder, _run):
    """Without causality all items see as much, so that none but the planted ones are long."""
    plant_long_items_last(folder / "t.safetensors", heads=10, blocks=128)
    return ["--generate", "gaussian", "-N", "16384", "-H", "10", "-D", "128", "--no-causal",
            "--thresholds", str(folder / "t.safetensors")]


def balanced_arguments(_bsfa, _folder, _run):
    return list(BALANCED)


#: Name, what is profiled, what must be true of the result.
STEPS = (("the sample", sample_arguments, judge_sample),
         ("a planted heavy head", planted_arguments, judge_planted),
         ("long items started last", long_items_last_arguments, judge_long_items_last),
         ("a balanced problem", balanced_arguments, judge_balanced))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("table")
    parser.add_argument("out")
    parser.add_argument("--head", type=int, default=0)
    parser.add_argument("--head-k", type=int, required=True)
    parser.add_argument("--others-k", type=int, required=True)
    options = parser.parse_args()
    try:
        plant(options.table, options.out, options.head, options.head_k, options.others_k)
    except (OSError, ValueError, KeyError, struct.error) as error:
        print(f"gpu_profile: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
