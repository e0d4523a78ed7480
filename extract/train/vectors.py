"""What the start model makes of a text: the sentence vectors that the extractor learns to give in its own single pass,
so that search by meaning needs no second model."""
import argparse
from pathlib import Path

import torch
import torch.nn.functional as F

from data import Reader, collate, read
from decode import Decoder
from export import VOCAB
from labels import *
from model import VECTOR, Encoder, depth
from reference import shipped
from vocab import rows


@torch.no_grad()
def meanings(encoder, texts, reader, bf16=False, size=64):
    """[N, width] vectors of texts, each alone and without context: the mean over its pieces with [CLS] and [SEP], as the
    start model is read; without the word it was trained to find in front of a text ("query:"), which moves all alike."""
    was = encoder.training
    encoder.eval()
    out = torch.zeros(len(texts), encoder.shape['width'])
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for at in range(0, len(order), size):
        part = order[at:at + size]
        batch = []
        for i in part:
            ids, words, cls = reader.layout([], texts[i])
            batch.append(dict(ids=ids, cls=cls, first=TEXT_AT - 1 - cls, piece=[w.piece for w in words]))
        t = collate(batch)
        with torch.autocast('cpu', torch.bfloat16, enabled=bf16):
            h = encoder(t['ids'], t['pos'], t['mask'])
        there = t['mask'][..., None].float()
        out[torch.tensor(part)] = (h * there).sum(1) / there.sum(1)
    encoder.train(was)
    return out


@torch.no_grad()
def begin(model, texts, reader, bf16):
    """The unit vectors that the texts should get; the head starts as what comes nearest to them: the mean of the words."""
    mean = meanings(model.encoder, texts, reader, bf16)
    layer, width = model.heads.vec, model.encoder.shape['width']
    layer.weight.zero_()
    layer.bias.zero_()
    layer.weight[:, width:] = torch.eye(width) * VECTOR ** 0.5 / mean.norm(dim=1).mean()
    return F.normalize(mean)


@torch.no_grad()
def refit(model, records, reader, size=64):
    """Sets the head to the linear map that comes nearest to the `vector` of records, read as they stand with their context
    (ridge regression): the steps of training leave noise in it that a search would see."""
    model.eval()
    order = sorted((r for r in records if r['text'].strip()), key=lambda r: len(r['text']) + sum(map(len, r['context'])))
    xs, ys = [], []
    for at in range(0, len(order), size):
        batch = []
        for r in order[at:at + size]:
            ids, words, cls = reader.layout(r['context'], r['text'])
            first = next((k for k, w in enumerate(words) if w.part == -1), len(words))
            batch.append(dict(ids=ids, cls=cls, first=TEXT_AT - 1 - cls, piece=[w.piece for w in words], text_from=first, r=r))
        words, cls = model.read(collate(batch))
        for k, b in enumerate(batch):
            n = len(b['piece'])
            if b['text_from'] < n:
                xs.append(torch.cat([cls[k], words[k, b['text_from']:n].mean(0), torch.ones(1)]))
                ys.append(b['r']['vector'] * VECTOR ** 0.5)
    x, y = torch.stack(xs).double(), torch.stack(ys).double()
    w = torch.linalg.solve(x.T @ x + 1e-3 * len(x) * torch.eye(x.shape[1], dtype=torch.float64), x.T @ y).float()
    model.heads.vec.weight.copy_(w[:-1].T)
    model.heads.vec.bias.copy_(w[-1])


def ranks(x):
    return x.argsort().argsort().double()


def agreement(a, b):
    """Spearman's rank correlation of the likenesses of all pairs of rows, by a and by b ([N, width] unit vectors)."""
    i, j = torch.triu_indices(len(a), len(a), 1)
    x, y = (ranks((v[i] * v[j]).sum(1)) for v in (a, b))
    return float(torch.corrcoef(torch.stack([x, y]))[0, 1])


def report(model, start, reader, records):
    """How far the extractor's own vectors agree with the start model's on the texts of records, read without context."""
    first = Encoder(vocab=model.encoder.shape['vocab'], layers=depth(start / 'model.safetensors'))
    first.load(start / 'model.safetensors', rows(start / 'vocab.txt', VOCAB))
    decoder = Decoder(model, reader)
    decoder.records([dict(r, context=[]) for r in records])
    told = [(r['text'], v) for r, v in zip(records, decoder.meanings) if v is not None]
    theirs = F.normalize(meanings(first, [text for text, _ in told], reader))
    return agreement(torch.stack([v for _, v in told]), theirs), len(told)


def main():
    a = argparse.ArgumentParser(description='Rank correlation of sentence vectors with those of the start model.')
    for name in ('model', 'start', 'records'):
        a.add_argument(f'--{name}', type=Path, required=True)
    opt = a.parse_args()
    found, n = report(shipped(opt.model), opt.start, Reader(VOCAB), read([opt.records]))
    print(f'{found:.3f} over all pairs of {n} texts')


if __name__ == '__main__':
    main()
