#!/usr/bin/env python3
"""Records as the kit reads them with the shipped weights: what the program is held to.

    reference.py --model model.pt [--options FILE.json] [--type q5_0|q8_0|f16] [--stable N] INPUT.jsonl > RECORDS.jsonl

The weights are rounded as in the shipped files, and the encoder's products are computed as llama.cpp
does it for Q5_0 and Q8_0: inputs in blocks of 32 rounded to 8 bits, GELU through half precision. With --stable, only
the first N records are printed that come out the same without the second rounding, in finer types and with thresholds a
little higher and lower, with confidences above .6: rounding moves a doubtful .55 by up to .05, a sure .9 by little.
"""
import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F

from data import Reader, read
from decode import DEFAULTS, Decoder
from export import KINDS_OF, SHIPPED, VOCAB, as_shipped
from model import Layer, Model


def q8(x):
    """Blocks of 32 values as 8-bit integers times one half-precision factor."""
    b = x.unflatten(-1, (-1, 32))
    d = b.abs().amax(-1, keepdim=True) / 127
    q = torch.where(d > 0, b / d, torch.zeros_like(b))
    q = torch.sign(q) * torch.floor(q.abs() + 0.5)
    return (q * d.half().float()).flatten(-2)


# What a stable record survives: (type of the weights, rounded products, options moved, how near confidences must stay). Rounding
# comes out otherwise in the program's order of sums, so a name or a fact a hair below its threshold may appear there.
VARIANTS = ((None, False, {}, 0.02), ('f16', False, {}, 0.05), ('q8_0', False, {}, 0.05),
            (None, True, dict(relation=-0.1, open=-0.1, context=0.3, none=0.3, coref=-0.05), 0.02),
            (None, True, dict(relation=0.1, open=0.1, context=-0.3, none=-0.3, coref=0.05), 0.02))


class Linear8(torch.nn.Linear):
    def forward(self, x):
        return F.linear(q8(x), self.weight, self.bias)


def shipped(path, kind=SHIPPED, products=True):
    """A model whose results are those of the shipped files, to rounding; products: with llama.cpp's way of multiplying."""
    saved = torch.load(path, weights_only=False)
    model = Model(**saved['shape'])
    model.load_state_dict(as_shipped(saved['weights'], saved['shape']['layers'], kind))
    if kind != 'f16' and products:
        for layer in model.encoder.layers:
            for name in ('q', 'k', 'v', 'o', 'up', 'down'):
                getattr(layer, name).__class__ = Linear8
    Layer.gelu = staticmethod(lambda x: F.gelu(x.half().float(), approximate='tanh').half().float())
    return model


def stable(a, b, near):
    """Whether two readings of one record agree."""
    a, b = json.loads(json.dumps(a)), json.loads(json.dumps(b))
    sides = []
    for r in (a, b):
        r['relations'].sort(key=str_of)
        conf = [x.pop('confidence', 0) for k in ('entities', 'coref', 'relations', 'query') for x in r.get(k, [])]
        sides.append(conf)
    return a == b and all(abs(x - y) < near and x > 0.6 for x, y in zip(*sides))


def str_of(t):
    return str({k: v for k, v in t.items() if k != 'confidence'})


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--model', type=Path, required=True)
    a.add_argument('--options', type=Path)
    a.add_argument('--type', default=SHIPPED, choices=KINDS_OF)
    a.add_argument('--stable', type=int, default=0)
    a.add_argument('input', type=Path)
    opt = a.parse_args()
    options = json.loads(opt.options.read_text()) if opt.options else {}
    inputs, reader = read([opt.input]), Reader(VOCAB)
    records = Decoder(shipped(opt.model, opt.type), reader, **options).records(inputs)
    if opt.stable:
        for kind, products, moved, near in VARIANTS:
            known = dict(DEFAULTS, **options)
            known.update({k: known[k] + by for k, by in moved.items()})
            other = Decoder(shipped(opt.model, kind or opt.type, products), reader, **known).records(inputs)
            keep = [i for i, (r, p) in enumerate(zip(records, other)) if stable(r, p, near)]
            records, inputs = [records[i] for i in keep], [inputs[i] for i in keep]
        records = records[:opt.stable]
    for r in records:
        print(json.dumps(r, ensure_ascii=False))


if __name__ == '__main__':
    main()
