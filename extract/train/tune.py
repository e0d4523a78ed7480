#!/usr/bin/env python3
"""Chooses the decoding options on records of the corpus that were held out of training.

    tune.py --model model.pt --held held.jsonl > options.json

One option at a time is moved to its best value by F1, if that gains at least ENOUGH over the first value in
the list: on three hundred records less is noise. The tuning set plays no part.
"""
import argparse
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

import score
from data import Reader, read
from decode import DEFAULTS, Decoder
from export import VOCAB
from reference import shipped

ENOUGH = 0.01
GRID = dict(context=(1.0, 0.0, 2.0, 3.0), none=(0.0, -0.5, 0.5, 1.0), relation=(0.5, 0.4, 0.6, 0.7),
            open=(0.5, 0.4, 0.3, 0.6),
            lone=(0.5, 0.0, 0.4, 0.6), second=(2.0, 0.9, 0.8, 0.7), coref=(0.3, 0.2, 0.4, 0.5), plural=(0.25, 0.15, 0.1, 0.35))


def f1(gold, decoder, records, folder):
    path = Path(folder) / 'predicted.jsonl'
    path.write_text(''.join(json.dumps(r) + '\n' for r in decoder.records(records)))
    with contextlib.redirect_stdout(io.StringIO()):
        return score.main(['score', str(gold), str(path)])


def choose(model_path, held, log=sys.stderr):
    model, reader, records = shipped(model_path), Reader(VOCAB), read([held])
    best = dict(DEFAULTS)
    with tempfile.TemporaryDirectory() as folder:
        def value(options, name):
            f = f1(held, Decoder(model, reader, **options), records, folder)
            return f['relation'] + f['entity'] / 4 + f['coreference'] * (1 if name in ('coref', 'plural') else 0.25)
        for name, values in GRID.items():
            scores = [(value(dict(best, **{name: v}), name), -i, v) for i, v in enumerate(values)]
            if max(scores)[0] >= scores[0][0] + ENOUGH:
                best[name] = max(scores)[2]
            print(name, '  '.join(f'{v}: {s:.4f}' for s, _, v in scores), file=log, flush=True)
    return best


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--model', type=Path, required=True)
    a.add_argument('--held', type=Path, required=True)
    opt = a.parse_args()
    print(json.dumps(choose(opt.model, opt.held), indent=1))


if __name__ == '__main__':
    main()
