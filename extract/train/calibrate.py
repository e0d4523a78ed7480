#!/usr/bin/env python3
"""Makes confidences mean what they say, and finds from which confidence on a fact may be believed.

    calibrate.py --model model.pt --dev dev.jsonl --options options.json

Of a hundred facts told with .8, eighty should be right. Confidences of entities, pronouns and facts are moved by a
logistic curve, p' = σ(scale · logit p + shift), after Platt (1999); facts have a further shift for each relation, held near
zero where there is little to learn from. The curves are fitted on one half of the tuning set (by a hash of the id): held-out
records of the corpus are written to be hard, and made everything else look less sure than it is. The expected calibration error is told for the other half, which nothing was fitted on.
"""
import argparse
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from data import Reader, read
from decode import Decoder
from export import VOCAB
from labels import *
from reference import shipped
from reliability import error, judged, reported

# How many of the facts that are believed should be right. Where a wrong fact does harm, more.
WANTED = dict(everyday=0.85, technical=0.88, medical=0.92, legal=0.92)
FAMILY = dict(medical='medical', legal='legal', technical='technical', work='technical', academic='technical', news='technical')
NEAR = 4.0   # how strongly the shift of a relation is held to zero


def logit(p):
    p = torch.as_tensor(p, dtype=torch.float64).clamp(1e-4, 1 - 1e-4)
    return (p / (1 - p)).log()


def fit(seen, labels=()):
    """(scale, shift, {label: shift}) that make the confidences of `seen` most likely."""
    x = logit([s[0] for s in seen])
    y = torch.tensor([float(s[2]) for s in seen], dtype=torch.float64)
    at = torch.tensor([labels.index(s[1]) if labels else 0 for s in seen])
    w = torch.tensor([1.0, 0.0] + [0.0] * max(1, len(labels)), dtype=torch.float64, requires_grad=True)
    optim = torch.optim.LBFGS([w], max_iter=200, line_search_fn='strong_wolfe')

    def loss():
        optim.zero_grad()
        each = w[2:] if labels else w[2:] * 0
        out = F.binary_cross_entropy_with_logits(w[0] * x + w[1] + each[at], y, reduction='sum') + NEAR / 2 * each.square().sum()
        out.backward()
        return out
    optim.step(loss)
    scale, shift, *each = w.tolist()
    return round(scale, 4), round(shift, 4), {k: round(v, 4) for k, v in zip(labels, each)}


def curves(seen):
    """The option `calibration` of the heads file."""
    out = {}
    for kind in ('entity', 'coref', 'relation'):
        scale, shift, each = fit(seen[kind], RELATIONS if kind == 'relation' else ())
        out[kind] = dict(scale=scale, shift=shift, **({'by': each} if each else {}))
    return out


def sure(confidence, label, curve):
    return float(torch.sigmoid(curve['scale'] * logit(confidence) + curve['shift'] + curve.get('by', {}).get(label, 0.0)))


def moved(seen, curves):
    return {kind: [(sure(p, label, curves[kind]), label, right, domain) for p, label, right, domain in all]
            for kind, all in seen.items()}


def believed(facts):
    """{domain: the lowest confidence from which on facts are expected to be right as often as WANTED asks}, by what the
    confidences themselves expect, over facts of all domains: of one domain there are too few."""
    order = sorted((s[0] for s in facts), reverse=True)
    out = {}
    for family, wanted in WANTED.items():
        total, floor = 0.0, 0.99
        for n, p in enumerate(order, 1):
            total += p
            if total / n < wanted:
                break
            floor = p
        out[family] = round(max(0.5, floor), 3)
    return {d: out[FAMILY.get(d, 'everyday')] for d in DOMAINS}


def choose(model, dev, options, log=sys.stdout):
    """The options with `calibration` and `believed` in them, and a report."""
    plain = {k: v for k, v in options.items() if k not in ('calibration', 'believed')}
    decoder = Decoder(shipped(model), Reader(VOCAB), **plain)
    gold = read([dev])
    mine = [r for r in gold if not reported(r)]
    other = [r for r in gold if reported(r)]
    seen, fresh = judged(mine, decoder.records(mine)), judged(other, decoder.records(other))
    out = dict(plain, calibration=curves(seen))
    after = moved(fresh, out['calibration'])
    out['believed'] = believed(moved(seen, out['calibration'])['relation'])
    for kind in seen:
        print(f'{kind:9} fitted on {len(seen[kind])}, told of {len(fresh[kind])} others: expected calibration error '
              f'{error(fresh[kind]):.3f} -> {error(after[kind]):.3f}', file=log)
    for family in WANTED:
        floor = next(out['believed'][d] for d in DOMAINS if FAMILY.get(d, 'everyday') == family)
        kept = [s for s in after['relation'] if s[0] >= floor]
        print(f'believed, {family}: from {floor:.2f} on; of all other facts {len(kept)} of {len(after["relation"])} are, '
              f'{sum(s[2] for s in kept) / max(1, len(kept)):.3f} of them right', file=log)
    return out


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('model', 'dev', 'options'):
        a.add_argument(f'--{name}', type=Path, required=True)
    opt = a.parse_args()
    out = choose(opt.model, opt.dev, json.loads(opt.options.read_text()))
    opt.options.write_text(json.dumps(out, indent=1))


if __name__ == '__main__':
    main()
