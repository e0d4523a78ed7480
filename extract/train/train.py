#!/usr/bin/env python3
"""Trains the extractor on the teacher corpus, scores it on the tuning set and writes the files that ship.

    train.py [--out .build/train] [--epochs 7] [--fraction 1.0] [--seed 7] [--grammar FILE.conllu] [--resume] [--ship]

Everything has a default: the start model comes from the cache or its package, the corpus and the tuning
set lie beside this file. With --ship the files go to assets/models. A run that was killed goes on from
its last whole epoch with --resume. On two cores an epoch takes about eight minutes, the lesson in grammar seven.
"""
import argparse
import json
import math
import random
import subprocess
import sys
import time
import zlib
from pathlib import Path

import torch

import calibrate
import export
import reference
import score
import start
import syntax
import tune
import vectors
from augment import Augmenter
from data import Lexicon, Reader, collate, example, read
from decode import Decoder
from losses import WEIGHTS, losses
from model import Model, depth
from vocab import rows

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def corpus(folders):
    """All records of the compact corpus files, with ids SET-0001 …"""
    out = []
    for folder in folders:
        files = {}
        for f in sorted(Path(folder).glob('*.txt')):
            files.setdefault(f.stem.rpartition('-')[0], []).append(str(f))
        for name, group in sorted(files.items()):
            done = subprocess.run([sys.executable, str(HERE / 'compact.py'), name, *group], capture_output=True,
                                  text=True)
            if done.returncode:
                sys.exit(done.stderr)
            out += [json.loads(line) for line in done.stdout.splitlines()]
    return out


def split(records, share=33):
    """Records to learn from, and one in `share` held out for thresholds: by a hash of the id, so that a
    record stays on its side when the corpus grows."""
    held = [r for r in records if zlib.crc32(r['id'].encode()) % share == 0]
    return [r for r in records if zlib.crc32(r['id'].encode()) % share], held


def batches(examples, size, rng):
    """Batches of alike lengths, in random order."""
    order = sorted(range(len(examples)), key=lambda i: len(examples[i]['ids']) + rng.random() * 12)
    out = [order[i:i + size] for i in range(0, len(order), size)]
    rng.shuffle(out)
    return [[examples[i] for i in b] for b in out]


class Average:
    """Exponential moving average of the weights."""

    def __init__(self, model, decay):
        self.decay, self.step = decay, 0
        self.w = {k: v.detach().clone() for k, v in model.state_dict().items()}

    def update(self, model):
        self.step += 1
        d = min(self.decay, (1 + self.step) / (10 + self.step))
        for k, v in model.state_dict().items():
            self.w[k].lerp_(v, 1 - d)


def fit(model, records, reader, lexicon, opt, out):
    rng = random.Random(opt.seed)
    augment = Augmenter(records, opt.seed)
    head = [p for n, p in model.named_parameters() if n.startswith('heads.')]
    body = [p for n, p in model.named_parameters() if not n.startswith('heads.')]
    optim = torch.optim.AdamW([dict(params=body, lr=opt.rate), dict(params=head, lr=opt.rate * 6)], weight_decay=0.01,
                              betas=(0.9, 0.98), eps=1e-6, fused=True)
    total = opt.epochs * math.ceil(len(records) / opt.batch)
    warm = int(total * 0.06)
    plan = torch.optim.lr_scheduler.LambdaLR(
        optim, lambda s: s / max(1, warm) if s < warm else max(0.02, (total - s) / (total - warm)))
    average = Average(model, 0.998)
    step, began, first = 0, time.time(), 0
    state = out / 'state.pt'
    if opt.resume and state.exists():
        saved = torch.load(state, weights_only=False)
        model.load_state_dict(saved['model'])
        optim.load_state_dict(saved['optim'])
        plan.load_state_dict(saved['plan'])
        average.w, average.step, first = saved['average'], saved['average_step'], saved['epoch']
        step = first * math.ceil(len(records) / opt.batch)
        rng.setstate(saved['rng'])
        augment.rng.setstate(saved['augment'])
        print(f'resumed after epoch {first}', flush=True)
    done = step
    for epoch in range(first, opt.epochs):
        examples = [example(augment(r), reader, lexicon) for r in records]
        model.train()
        sums = {}
        for batch in batches(examples, opt.batch, rng):
            with torch.autocast('cpu', torch.bfloat16, enabled=opt.bf16):
                parts = forward(model, batch, step > 300)
            loss = sum(WEIGHTS[k] * v for k, v in parts.items())
            optim.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            plan.step()
            average.update(model)
            step += 1
            for k, v in parts.items():
                sums[k] = sums.get(k, 0) + float(v.detach())
            if step % 100 == 0:
                took = time.time() - began
                left = took / (step - done) * (total - step)
                print(f'epoch {epoch + 1}/{opt.epochs} step {step}/{total} {took:.0f} s, {left / 60:.0f} min left',
                      flush=True)
        n = math.ceil(len(records) / opt.batch)
        print('  '.join(f'{k} {v / n:.3f}' for k, v in sums.items()), flush=True)
        torch.save(dict(model=model.state_dict(), optim=optim.state_dict(), plan=plan.state_dict(),
                        average=average.w, average_step=average.step, epoch=epoch + 1, rng=rng.getstate(),
                        augment=augment.rng.getstate()), str(state) + '.new')
        Path(str(state) + '.new').replace(state)
        if (epoch + 1) % opt.eval_every == 0 or epoch + 1 == opt.epochs:
            report(average.w, model.encoder.shape, reader, opt.dev, out / f'dev-{epoch + 1}.jsonl')
    return average.w


def forward(model, batch, noisy):
    """Losses of a batch: the encoder in the autocast type, the heads in full precision."""
    t = collate(batch)
    h = model.encoder(t['ids'], t['pos'], t['mask'])
    with torch.autocast('cpu', enabled=False):
        b = torch.arange(len(h))
        words = h[b[:, None], t['piece']] * t['there'][..., None]
        return losses(model, t, batch, noisy, words, h[b, t['cls']])


def report(weights, shape, reader, dev, path):
    """Scores averaged weights on the tuning set (never trained on)."""
    model = Model(**shape)
    model.load_state_dict(weights)
    gold = read([dev])
    with open(path, 'w', encoding='utf-8') as f:
        for r in Decoder(model, reader).records(gold):
            f.write(json.dumps(r, ensure_ascii=False) + '\n')
    print(subprocess.run([sys.executable, str(HERE / 'score.py'), str(dev), str(path)], capture_output=True,
                         text=True).stdout, flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--start', type=Path, help='folder with model.safetensors and vocab.txt (BERT, uncased)')
    a.add_argument('--out', type=Path, default=ROOT / '.build/train')
    a.add_argument('--corpus', type=Path, nargs='*', default=[HERE / 'corpus'])
    a.add_argument('--dev', type=Path, help='tuning set as JSON Lines (made of dev/ when left out)')
    a.add_argument('--epochs', type=int, default=7)
    a.add_argument('--batch', type=int, default=16)
    a.add_argument('--rate', type=float, default=1.5e-4)
    a.add_argument('--fraction', type=float, default=1.0)
    a.add_argument('--seed', type=int, default=7)
    a.add_argument('--eval-every', type=int, default=3)
    a.add_argument('--ship', action='store_true')
    a.add_argument('--init', type=Path, help='checkpoint to go on from, instead of the start model')
    a.add_argument('--grammar', type=Path, default=ROOT.parent / 'shared/data/ud-ewt/en_ewt-ud-train.conllu',
                   help='trees to learn grammar from first (UD English EWT)')
    a.add_argument('--grammar-epochs', type=int, default=2)
    a.add_argument('--resume', action='store_true')
    a.add_argument('--no-bf16', dest='bf16', action='store_false')
    opt = a.parse_args()
    opt.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(opt.seed)
    if not opt.dev:
        opt.dev = opt.out / 'dev.jsonl'
        opt.dev.write_text(''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in corpus([HERE / 'dev'])))
    records = corpus(opt.corpus)
    train, held = split(records)
    train = train[:] if opt.fraction >= 1 else random.Random(2).sample(train, int(len(train) * opt.fraction))
    print(f'{len(train)} records to learn from, {len(held)} held out', flush=True)
    (opt.out / 'held.jsonl').write_text(''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in held))
    opt.start = opt.start or start.folder()
    vocabulary = ROOT / 'assets/models/vocab.txt'
    reader = Reader(vocabulary)
    lexicon = Lexicon(train)
    kept = rows(opt.start / 'vocab.txt', vocabulary)
    model = Model(vocab=len(kept), layers=depth(opt.start / 'model.safetensors'))
    model.encoder.load(opt.start / 'model.safetensors', kept)
    print('what the start model makes of each text', flush=True)
    for r, v in zip(train, vectors.begin(model, [r['text'] for r in train], reader, opt.bf16)):
        r['vector'] = v
    if opt.init:
        model.load_state_dict(torch.load(opt.init, weights_only=False)['weights'])
    else:
        grammar(model, reader, opt)
    weights = fit(model, train, reader, lexicon, opt, opt.out)
    torch.save(dict(weights=weights, shape=model.encoder.shape), opt.out / 'model.pt')
    finish(opt)


def grammar(model, reader, opt):
    """Gives the encoder its lesson in grammar, once for all resumed runs."""
    learned = opt.out / 'grammar.pt'
    if opt.resume and learned.exists():
        model.encoder.load_state_dict(torch.load(learned))
    elif opt.grammar.exists():
        syntax.learn(model, opt.grammar, reader, opt.grammar_epochs, opt.rate, opt.bf16, opt.seed)
        torch.save(model.encoder.state_dict(), learned)
    else:
        print(f'no trees at {opt.grammar}: the encoder starts without a lesson in grammar', flush=True)


def finish(opt):
    """Options by the held-out records, the files that ship, and their scores on the tuning set."""
    options = tune.choose(opt.out / 'model.pt', opt.out / 'held.jsonl', sys.stdout)
    options = calibrate.choose(opt.out / 'model.pt', opt.dev, options)
    (opt.out / 'options.json').write_text(json.dumps(options, indent=1))
    folder = ROOT / 'assets/models' if opt.ship else opt.out
    export.write(opt.out / 'model.pt', folder, 'extractor-small', export.SHIPPED, options)
    path = opt.out / 'dev-shipped.jsonl'
    decoder = Decoder(reference.shipped(opt.out / 'model.pt'), Reader(export.VOCAB), **options)
    path.write_text(''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in decoder.records(read([opt.dev]))))
    print('as shipped:')
    score.main(['score', str(opt.dev), str(path), '--by-relation'])


if __name__ == '__main__':
    main()
