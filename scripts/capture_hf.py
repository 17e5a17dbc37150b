#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Captures Q, K and V of a Hugging Face causal language model as its attention sees them.

    scripts/capture_hf.py MODEL TEXT --layers 0,5 --out qkv.safetensors

MODEL is a folder or a hub name, TEXT a text file or - for standard input. Q and K are taken after the position
encoding; the file has layers.L.q [1,H,N,D] and layers.L.k, .v [1,Hkv,N,D] and the scale as metadata, as bsfa reads
them. Exit codes: 0 done, 2 usage, 3 an input that cannot be read or captured, 4 device or out of memory, 5 the
file could not be written.
"""

import argparse
import os
import pathlib
import sys
import tempfile

HEAD_DIMS = (64, 128)
NAME = "bsfa_capture"


class Failure(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Finished(Exception):
    """Ends the forward pass once the last wanted layer has been seen."""


def layer_list(text):
    if text == "all":
        return None
    try:
        layers = sorted({int(part) for part in text.split(",")})
    except ValueError:
        layers = [-1]
    if layers[0] < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is neither all nor a list like 0,5")
    return layers


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description="Captures Q, K and V of a Hugging Face causal language model.")
    add = parser.add_argument
    add("model", metavar="MODEL", help="folder or hub name")
    add("text", metavar="TEXT", help="text file, - for standard input")
    add("--layers", type=layer_list, required=True, help="0,5,... or all")
    add("--out", required=True, help="safetensors file")
    add("--tokens", type=int, default=None, help="use exactly this many tokens of the text")
    add("--dtype", choices=("fp16", "bf16"), default="fp16", help="to run and save in [fp16]")
    add("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args(arguments)
    if options.tokens is not None and options.tokens < 1:
        parser.error("--tokens must be positive")
    return options


class Recorder:
    """Stands in for the model's attention: keeps what it is given, then lets torch's attention do the work."""

    def __init__(self, layers, attend):
        self.wanted = set(layers)
        self.tensors, self.scales = {}, {}
        self._attend = attend

    def __call__(self, module, query, key, value, attention_mask, scaling=None, **extra):
        layer = getattr(module, "layer_idx", None)
        if layer in self.wanted:
            self._keep(layer, module, query, key, value, scaling, extra)
        if set(self.scales) == self.wanted:
            raise Finished
        return self._attend(module, query, key, value, attention_mask, scaling=scaling, **extra)

    def _keep(self, layer, module, query, key, value, scaling, extra):
        self._refuse_other_attention(layer, module, query, key, value, extra)
        self.scales[layer] = float(scaling) if scaling is not None else query.shape[-1]**-0.5
        for name, tensor in (("q", query), ("k", key), ("v", value)):
            if not tensor.isfinite().all():
                raise Failure(3, f"layer {layer}: {name} holds NaN or infinity; try the other --dtype")
            self.tensors[f"layers.{layer}.{name}"] = tensor.detach().cpu().contiguous()

    @staticmethod
    def _refuse_other_attention(layer, module, query, key, value, extra):
        """What bsfa computes is plain causal attention; another kind would be judged as something it is not."""
        dim, length = query.shape[-1], key.shape[-2]
        if dim not in HEAD_DIMS or value.shape[-1] != dim:
            raise Failure(3, f"layer {layer}: head dimension {dim} (values {value.shape[-1]}) is unsupported: "
                             "64 or 128, the same for all")
        window = extra.get("sliding_window") or getattr(module, "sliding_window", None)
        if window is not None and window < length:
            raise Failure(3, f"layer {layer}: attends within a sliding window of {window} tokens only; "
                             f"capture at most {window} with --tokens")
        if extra.get("softcap") is not None:
            raise Failure(3, f"layer {layer}: soft-caps its scores, which is not plain attention")
        if extra.get("s_aux") is not None:
            raise Failure(3, f"layer {layer}: has attention sinks, which is not plain attention")
        if getattr(module, "is_causal", True) is False:
            raise Failure(3, f"layer {layer}: its attention is not causal")


def read_text(path):
    try:
        return sys.stdin.read() if path == "-" else pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(3, f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Failure(3, f"{path}: not UTF-8 at byte {error.start}") from error


def first_line(error):
    return (str(error).strip() or type(error).__name__).split("\n")[0]


def check_layers(layers, count):
    """The layers to capture; None stands for all."""
    wrong = [layer for layer in layers or [] if layer >= count]
    if wrong:
        raise Failure(3, f"layer {wrong[0]} is out of range: the model has layers 0 to {count - 1}")
    return list(range(count)) if layers is None else layers


def tokenize(options, transformers, limit):
    """Token ids [1,N] of the text."""
    text = read_text(options.text)
    try:
        ids = transformers.AutoTokenizer.from_pretrained(options.model)(text, return_tensors="pt").input_ids
    except Exception as error:  # tokenizers raise whatever their files provoke
        raise Failure(3, f"{options.model}: no usable tokenizer: {first_line(error)}") from error
    length = ids.shape[1]
    if options.tokens is not None and options.tokens > length:
        raise Failure(3, f"{options.text}: has {length} tokens, fewer than --tokens {options.tokens}")
    wanted = options.tokens or length
    if wanted == 0:
        raise Failure(3, f"{options.text}: is empty")
    if limit is not None and wanted > limit:
        raise Failure(3, f"{options.text}: {wanted} tokens exceed the model's {limit} positions; see --tokens")
    return ids[:, :wanted]


def load_model(options, torch, transformers, recorder):
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask
    AttentionInterface.register(NAME, recorder)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    dtype = {"fp16": torch.float16, "bf16": torch.bfloat16}[options.dtype]
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype, attn_implementation=NAME)
    except Exception as error:  # a missing file, a bad config and missing code all end here
        raise Failure(3, f"{options.model}: cannot be loaded: {first_line(error)}") from error
    try:
        return model.to(options.device).eval()
    except RuntimeError as error:  # out of memory is one of them
        raise Failure(4, f"{options.device}: {first_line(error)}") from error


def open_config(options, transformers):
    try:
        config = transformers.AutoConfig.from_pretrained(options.model)
    except Exception as error:
        raise Failure(3, f"{options.model}: no such model: {first_line(error)}") from error
    return config.get_text_config()


def capture(options, torch, transformers):
    """(tensors, metadata) of the wanted layers."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    if options.device == "cuda" and not torch.cuda.is_available():
        raise Failure(4, "torch sees no CUDA device")
    config = open_config(options, transformers)
    layers = check_layers(options.layers, config.num_hidden_layers)
    ids = tokenize(options, transformers, getattr(config, "max_position_embeddings", None))
    recorder = Recorder(layers, sdpa_attention_forward)
    model = load_model(options, torch, transformers, recorder)
    try:
        with torch.inference_mode():
            # The decoder alone: logits of every token would take more memory than all of Q, K and V.
            model.base_model(input_ids=ids.to(options.device), use_cache=False)
    except Finished:
        pass
    except RuntimeError as error:  # out of memory and other device errors
        raise Failure(4, f"{options.device}: {first_line(error)}") from error
    missing = sorted(recorder.wanted - set(recorder.scales))
    if missing:
        raise Failure(3, f"{options.model}: the attention of layer {missing[0]} does not go through transformers' "
                         "attention interface")
    scales = set(recorder.scales.values())
    if len(scales) > 1:
        raise Failure(3, f"{options.model}: the layers differ in scale ({', '.join(map(str, sorted(scales)))}); "
                         "capture them into files of their own")
    metadata = {"scale": repr(scales.pop()), "model": str(options.model), "source": pathlib.Path(options.text).name,
                "tokens": str(ids.shape[1]), "program": "scripts/capture_hf.py"}
    return recorder.tensors, metadata


def save(path, tensors, metadata):
    """Writes the file whole or not at all."""
    from safetensors.torch import save_file
    path = pathlib.Path(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
        os.close(handle)
        save_file(tensors, temporary, metadata)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Failure(5, f"{path}: cannot be written: {getattr(error, 'strerror', None) or first_line(error)}") from error


def main():
    options = parse_arguments(sys.argv[1:])
    try:
        try:
            import torch
            import transformers
            transformers.utils.logging.set_verbosity_error()
            transformers.utils.logging.disable_progress_bar()
        except ImportError as error:
            raise Failure(2, f"needs torch and transformers: {first_line(error)}") from error
        try:
            tensors, metadata = capture(options, torch, transformers)
        except ImportError as error:
            raise Failure(2, f"needs transformers 5: {first_line(error)}") from error
        save(options.out, tensors, metadata)
    except Failure as failure:
        print(f"capture_hf: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        print("capture_hf: interrupted", file=sys.stderr)
        return 130
    layers = sorted({int(name.split(".")[1]) for name in tensors})
    print(f"{options.out}: layers {', '.join(map(str, layers))}, {metadata['tokens']} tokens, {options.dtype}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
