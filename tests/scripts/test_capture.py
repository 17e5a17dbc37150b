# SPDX-License-Identifier: Apache-2.0
"""scripts/capture_hf.py on a small Llama with random weights, where torch and transformers are installed."""

import json
import struct
import subprocess

import numpy as np

import support

CAPTURE = support.ROOT / "scripts/capture_hf.py"
TOKENS = 300

# Writes a model folder: 2 layers, 4 heads on 2 K and V heads. With `window`, layers attend within a window.
MAKE_MODEL = """
import sys, torch, transformers
from tokenizers import Tokenizer, models, pre_tokenizers
folder, head_dim, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.manual_seed(1)
shape = dict(vocab_size=260, hidden_size=128, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, head_dim=head_dim, max_position_embeddings=512, initializer_range=0.09,
             bos_token_id=None, eos_token_id=None, pad_token_id=None)
if kind == "window":
    config = transformers.MistralConfig(**shape, sliding_window=128)
else:
    config = transformers.LlamaConfig(**shape)
transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
"""

# Recomputes attention in float64 from a capture and compares it with what the model itself feeds to its output
# projection; prints the relative error of every layer over its bound. The model rounds scores twice (product, scale),
# which moves P by 2u·|score| in relative terms, then P and O.
COMPARE = """
import sys, torch, transformers
from safetensors.torch import load_file
folder, text, capture = sys.argv[1:4]
tensors = load_file(capture)
dtype = tensors["layers.0.q"].dtype
unit = torch.finfo(dtype).eps / 2
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()
tokens = tensors["layers.0.q"].shape[2]
ids = transformers.AutoTokenizer.from_pretrained(folder)(open(text).read(), return_tensors="pt").input_ids[:, :tokens]
seen = {}
for index, layer in enumerate(model.model.layers):
    layer.self_attn.o_proj.register_forward_pre_hook(lambda m, given, index=index: seen.update({index: given[0]}))
with torch.inference_mode():
    model(input_ids=ids)
for index in range(2):
    q, k, v = (tensors[f"layers.{index}.{name}"].double() for name in "qkv")
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    scores = (q @ k.transpose(2, 3)) * q.shape[-1] ** -0.5
    bound = (2 * scores.abs().max() + 2) * unit
    scores = scores.masked_fill(~torch.ones(tokens, tokens, dtype=torch.bool).tril(), float("-inf"))
    o = (torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(1, tokens, -1)
    print(float((o - seen[index].double()).norm() / o.norm() / bound))
"""


def read_header(path):
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(size))


class Tests(support.Case):
    def model(self, head_dim=64, kind="llama"):
        self.need("torch", "transformers")
        self.python("-c", MAKE_MODEL, self.folder / "model", head_dim, kind)
        words = np.random.default_rng(5).integers(97, 123, TOKENS + 50).astype(np.uint8)
        (self.folder / "text.txt").write_bytes(words.tobytes())
        return self.folder / "model"

    def capture(self, model, *arguments, expect=0):
        return self.python(CAPTURE, model, self.folder / "text.txt", "--out", self.folder / "qkv.safetensors",
                           *arguments, expect=expect)

    def refused(self, code, text, model, *arguments):
        """One line, the right code, and nothing left behind."""
        before = sorted(path.name for path in self.folder.iterdir())
        done = self.capture(model, *arguments, expect=code)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("capture_hf: "), done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)

    def test_attention_recomputed_from_a_capture_is_the_models_own(self):
        model = self.model()
        for dtype in ("fp16", "bf16"):
            self.capture(model, "--layers", "all", "--tokens", TOKENS, "--dtype", dtype)
            done = self.python("-c", COMPARE, model, self.folder / "text.txt", self.folder / "qkv.safetensors")
            errors = [float(line) for line in done.stdout.split()]
            self.assertEqual(len(errors), 2)
            self.assertLess(max(errors), 1, dtype)

    def test_bsfa_reads_a_capture_and_passes_its_own_kernel_on_it(self):
        self.capture(self.model(), "--layers", "1", "--tokens", TOKENS)
        qkv = self.folder / "qkv.safetensors"
        header = read_header(qkv)
        self.assertEqual(sorted(header), ["__metadata__", "layers.1.k", "layers.1.q", "layers.1.v"])
        self.assertEqual(header["layers.1.q"]["shape"], [1, 4, TOKENS, 64])
        self.assertEqual(header["layers.1.k"]["shape"], [1, 2, TOKENS, 64])
        self.assertEqual(header["__metadata__"]["scale"], "0.125")
        done = subprocess.run([support.BSFA, "compare", "--qkv", str(qkv), "--topk", "1", "--json", "-"],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["verdict"], "pass")

    def test_a_layer_out_of_range_is_refused(self):
        self.refused(3, "layer 2 is out of range: the model has layers 0 to 1", self.model(), "--layers", "0,2")

    def test_an_unsupported_head_dimension_is_refused(self):
        self.refused(3, "head dimension 32", self.model(head_dim=32), "--layers", "0")

    def test_a_model_that_is_not_there_is_refused(self):
        self.model()
        self.refused(3, "no such model", self.folder / "nowhere", "--layers", "0")

    def test_more_tokens_than_the_text_has_are_refused(self):
        self.refused(3, "fewer than --tokens 9999", self.model(), "--layers", "0", "--tokens", "9999")

    def test_a_sliding_window_shorter_than_the_text_is_refused(self):
        model = self.model(kind="window")
        self.refused(3, "sliding window of 128 tokens", model, "--layers", "0")
        self.capture(model, "--layers", "0", "--tokens", "128")

    def test_an_output_that_cannot_be_written_is_code_5(self):
        model = self.model()
        done = self.python(CAPTURE, model, self.folder / "text.txt", "--layers", "0", "--out",
                           self.folder / "nowhere" / "qkv.safetensors", expect=5)
        self.assertIn("cannot be written", done.stderr)

    def test_a_machine_without_transformers_is_told_so(self):
        done = subprocess.run([support.sys.executable, "-S", "-I", str(CAPTURE), "model", "text", "--layers", "0",
                               "--out", str(self.folder / "qkv.safetensors")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("needs torch and transformers", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_list_of_layers_that_makes_no_sense_is_usage(self):
        for layers in ("x", "-1", "1,,2", ""):
            done = subprocess.run([support.sys.executable, str(CAPTURE), "model", "text", f"--layers={layers}",
                                   "--out", "q.safetensors"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, layers)
            self.assertIn("neither all nor a list", done.stderr)


if __name__ == "__main__":
    support.main()
