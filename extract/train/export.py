#!/usr/bin/env python3
"""Writes the files that ship from a checkpoint of train.py: the encoder as GGUF and the heads as safetensors.

    export.py --model model.pt --out FOLDER [--name extractor-small] [--type q5_0|q8_0|f16] [--options FILE.json]

The GGUF is llama.cpp's BERT without a segment table (folded into the positions) and without a vocabulary
(the program cuts the text itself). The heads file carries the label sets, the decoding options and the
hash of the encoder that it was trained with; the program refuses any other.
"""
import argparse
import hashlib
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf.quants import dequantize, quantize
from safetensors.torch import save_file

from decode import DEFAULTS
from labels import *

FORMAT = '2'
SHIPPED = 'q5_0'   # twelve layers in 8 bits would make the default set 72 MB
VOCAB = Path(__file__).resolve().parents[2] / 'assets/models/vocab.txt'
KINDS_OF = dict(q5_0=gguf.GGMLQuantizationType.Q5_0, q8_0=gguf.GGMLQuantizationType.Q8_0, f16=gguf.GGMLQuantizationType.F16)
FILES = dict(q5_0=gguf.LlamaFileType.MOSTLY_Q5_0, q8_0=gguf.LlamaFileType.MOSTLY_Q8_0, f16=gguf.LlamaFileType.MOSTLY_F16)
LAYER = dict(q='attn_q', k='attn_k', v='attn_v', o='attn_output', norm1='attn_output_norm', up='ffn_up',
             down='ffn_down', norm2='layer_output_norm')


def tensors(weights, layers):
    """(name in llama.cpp, array) of every encoder weight."""
    w = {k.removeprefix('encoder.'): v.float().numpy() for k, v in weights.items() if k.startswith('encoder.')}
    yield 'token_embd.weight', w['tokens.weight']
    yield 'position_embd.weight', w['positions.weight']
    for part in ('weight', 'bias'):
        yield f'token_embd_norm.{part}', w[f'norm.{part}']
    for i in range(layers):
        for ours, theirs in LAYER.items():
            for part in ('weight', 'bias'):
                yield f'blk.{i}.{theirs}.{part}', w[f'layers.{i}.{ours}.{part}']


def stored(name, kind):
    """The type a tensor is stored in: matrices in the chosen one, positions in half, vectors in full precision."""
    if not name.endswith('.weight') or 'norm' in name:
        return gguf.GGMLQuantizationType.F32
    return gguf.GGMLQuantizationType.F16 if name.startswith('position') else KINDS_OF[kind]


def write_encoder(path, weights, shape, kind):
    out = gguf.GGUFWriter(str(path), 'bert')
    out.add_name(path.stem)
    out.add_license('MIT')
    out.add_description('HotMem extractor, trained from intfloat/e5-small-v2')
    out.add_vocab_size(shape['vocab'])
    out.add_context_length(POSITIONS)
    out.add_embedding_length(shape['width'])
    out.add_feed_forward_length(shape['inner'])
    out.add_block_count(shape['layers'])
    out.add_head_count(shape['heads'])
    out.add_layer_norm_eps(1e-12)
    out.add_causal_attention(False)
    out.add_pooling_type(gguf.PoolingType.NONE)
    out.add_token_type_count(1)
    out.add_tokenizer_model('no_vocab')
    out.add_file_type(FILES[kind])
    for name, x in tensors(weights, shape['layers']):
        t = stored(name, kind)
        if t == gguf.GGMLQuantizationType.F32:
            out.add_tensor(name, x.astype(np.float32))
        elif t == gguf.GGMLQuantizationType.F16:
            out.add_tensor(name, x.astype(np.float16))
        else:
            out.add_tensor(name, quantize(x, t), raw_dtype=t)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def as_shipped(weights, layers, kind):
    """The weights that the shipped files hold, in full precision again."""
    out = {k: v.half().float() if k.startswith('heads.') else v.float() for k, v in weights.items()}
    keys = ['encoder.tokens.weight', 'encoder.positions.weight']
    keys += [f'encoder.layers.{i}.{m}.weight' for i in range(layers) for m in ('q', 'k', 'v', 'o', 'up', 'down')]
    for k in keys:
        if kind == 'f16' or 'positions' in k:
            out[k] = out[k].half().float()
        else:
            out[k] = torch.tensor(dequantize(quantize(out[k].numpy(), KINDS_OF[kind]), KINDS_OF[kind]))
    return out


def write_heads(path, weights, shape, options, encoder):
    meta = dict(format=FORMAT, encoder=hashlib.sha256(encoder.read_bytes()).hexdigest(), width=str(shape['width']),
                vocab=str(shape['vocab']), labels=json.dumps(dict(
                    types=TYPES, relations=RELATIONS, acts=ACTS, roles=ROLES, links=LINKS, status=STATUS,
                    mention=MENTION, domains=DOMAINS, symmetric=sorted(SYMMETRIC))), options=json.dumps(options, sort_keys=True))
    out = {k.removeprefix('heads.'): v.half().contiguous() for k, v in weights.items() if k.startswith('heads.')}
    out['vocab'] = torch.frombuffer(bytearray(VOCAB.read_bytes()), dtype=torch.uint8)
    save_file(out, str(path), meta)


def write(model, folder, name, kind, options):
    """Both files of a checkpoint, and a line on each."""
    saved = torch.load(model, weights_only=False)
    folder.mkdir(parents=True, exist_ok=True)
    encoder, heads = folder / f'{name}.gguf', folder / f'{name}.heads.safetensors'
    write_encoder(encoder, saved['weights'], saved['shape'], kind)
    write_heads(heads, saved['weights'], saved['shape'], dict(DEFAULTS, **options), encoder)
    for f in (encoder, heads):
        print(f'{f.name}  {f.stat().st_size:,} bytes  sha256 {hashlib.sha256(f.read_bytes()).hexdigest()}')


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--model', type=Path, required=True)
    a.add_argument('--out', type=Path, required=True)
    a.add_argument('--name', default='extractor-small')
    a.add_argument('--type', choices=KINDS_OF, default=SHIPPED)
    a.add_argument('--options', type=Path)
    opt = a.parse_args()
    write(opt.model, opt.out, opt.name, opt.type, json.loads(opt.options.read_text()) if opt.options else {})


if __name__ == '__main__':
    main()
