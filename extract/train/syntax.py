"""Grammar before facts: the encoder first learns who governs whom in the sentences of UD English EWT (Silveira and
others, 2014; CC BY-SA 4.0), so that it knows subjects and objects when it meets its first relation.

The trees are not part of the project. Where the folder is missing the step is left out, and says so. The heads that
read trees are thrown away afterwards: only the encoder goes on.
"""
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

from data import collate
from labels import *

LABELS = ('acl advcl advmod amod appos aux case cc ccomp clf compound conj cop csubj dep det discourse dislocated expl fixed '
          'flat goeswith iobj list mark nmod nsubj nummod obj obl orphan parataxis punct reparandum root vocative xcomp').split()
WIDTH = 128


def trees(path):
    """(text, [(start, end, head token or -1, label)]) of every sentence of a CoNLL-U file; offsets in code points."""
    text, tokens = '', []
    for line in open(path, encoding='utf-8'):
        if line.startswith('# text = '):
            text, tokens, at = line[9:].strip(), [], 0
        elif line.strip() and line[0].isdigit():
            f = line.split('\t')
            if not f[0].isdigit():
                continue
            start = text.find(f[1], at)
            if start < 0:
                continue
            at = start + len(f[1])
            tokens.append((start, at, int(f[6]) - 1, f[7].split(':')[0]))
        elif not line.strip() and tokens:
            if len(tokens) > 2:
                yield text, tokens
            tokens = []


def example(text, tokens, reader, rng):
    """A training example: every word of the tokeniser with the word that governs it and the label; half of the sentences
    are read in lower case and without punctuation, as recognisers write."""
    if rng.random() < 0.5:
        keep, out, moved = [], '', {}
        for i, (a, b, head, label) in enumerate(tokens):
            if label != 'punct':
                out += ' ' if out and (text[a - 1:a].isspace() or tokens[i - 1][3] == 'punct') else ''
                moved[i] = len(keep)
                keep.append((len(out), len(out) + b - a, head, label))
                out += text[a:b]
        text, tokens = out.lower(), [(a, b, moved.get(h, -1), l) for a, b, h, l in keep]
    ids, words, cls = reader.layout([], text)
    starts = {}
    for i, (a, b, _, _) in enumerate(tokens):
        w = next((k for k, w in enumerate(words) if w.start <= a < w.end), None)
        if w is not None:
            starts.setdefault(w, i)
    of = {i: w for w, i in starts.items()}
    heads, labels = [-1] * len(words), [0] * len(words)
    for w, i in starts.items():
        _, _, head, label = tokens[i]
        if label == 'root':
            heads[w] = 0
        elif head in of and of[head] != w:
            heads[w] = of[head] + 1          # 0 is the root
        labels[w] = LABELS.index(label) if label in LABELS else LABELS.index('dep')
    return dict(ids=ids, first=TEXT_AT - 1 - cls, cls=cls, piece=[w.piece for w in words], heads=heads, labels=labels)


class Trees(nn.Module):
    """Who governs whom: a score for every pair of words and for the root ([CLS]), and a label for the pair."""

    def __init__(self, width):
        super().__init__()
        self.down, self.up = nn.Linear(width, WIDTH), nn.Linear(width, WIDTH)
        self.arc = nn.Linear(WIDTH, WIDTH)
        self.label_down, self.label_up = nn.Linear(width, WIDTH), nn.Linear(width, WIDTH)
        self.label = nn.Linear(WIDTH, len(LABELS))

    def forward(self, words, cls, there, heads, labels):
        """The loss of a batch and the share of words whose governor was found."""
        over = torch.cat([cls[:, None], words], 1)
        scores = self.arc(F.gelu(self.down(words))) @ F.gelu(self.up(over)).transpose(1, 2) / WIDTH ** 0.5
        scores = scores.masked_fill(~torch.cat([there[:, :1], there], 1)[:, None, :], -1e4)
        known = heads >= 0
        loss = F.cross_entropy(scores[known], heads[known])
        b, w = known.nonzero(as_tuple=True)
        z = F.gelu(self.label_down(words[b, w]) + self.label_up(over[b, heads[known]]))
        right = (scores[known].argmax(1) == heads[known]).float().mean()
        return loss + F.cross_entropy(self.label(z), labels[known]), right


def pad(batch, key, width):
    return torch.tensor([x[key] + [-1] * (width - len(x[key])) for x in batch])


def learn(model, path, reader, epochs, rate, bf16, seed, batch=16):
    """Trains the encoder of `model` on the trees of a file for some epochs."""
    rng = random.Random(seed)
    sentences = [s for s in trees(path) if len(s[1]) <= 60]
    heads = Trees(model.encoder.shape['width'])
    params = list(model.encoder.parameters())
    optim = torch.optim.AdamW([dict(params=params, lr=rate), dict(params=heads.parameters(), lr=rate * 6)],
                              weight_decay=0.01, betas=(0.9, 0.98), eps=1e-6, fused=True)
    total = epochs * (len(sentences) // batch)
    plan = torch.optim.lr_scheduler.LambdaLR(optim, lambda s: min((s + 1) / (total * 0.1), 1, (total - s) / (total * 0.6)))
    model.train()
    step, began, found = 0, time.time(), 0.0
    for _ in range(epochs):
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i][1]) + rng.random() * 6)
        groups = [order[i:i + batch] for i in range(0, len(order) - batch + 1, batch)]
        rng.shuffle(groups)
        for group in groups:
            examples = [example(*sentences[i], reader, rng) for i in group]
            t = collate(examples)
            with torch.autocast('cpu', torch.bfloat16, enabled=bf16):
                h = model.encoder(t['ids'], t['pos'], t['mask'])
            b, width = torch.arange(len(h)), t['piece'].shape[1]
            loss, right = heads(h[b[:, None], t['piece']], h[b, t['cls']], t['there'], pad(examples, 'heads', width),
                                pad(examples, 'labels', width))
            optim.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(params, 1.0)
            optim.step()
            plan.step()
            step += 1
            found += (float(right) - found) * 0.02
            if step % 200 == 0:
                left = (time.time() - began) / step * (total - step)
                print(f'grammar: step {step}/{total}, {100 * found:.0f} of 100 governors found, {left / 60:.0f} min left', flush=True)
