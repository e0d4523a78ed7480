"""The joint model: a BERT encoder and small heads that read tags, coreference, relations, acts, roles and links.

Sizes: H encoder width (384), W words, M mentions, N ordered pairs of mentions. The heads see
only the first piece of each word. `Heads` is what the program runs again in Go; every name
in it is a tensor name of the heads file.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

from labels import *

PAIR, BETWEEN, MENTION_DIM, COREF, POINT, SENT, VECTOR = 256, 96, 256, 128, 64, 128, 384
DISTANCES = 18   # 0..15 signed log buckets, 16 no position, 17 the other is in the context


class Layer(nn.Module):
    def __init__(self, width, inner, heads, drop):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.drop = nn.Dropout(drop)

    @staticmethod
    def gelu(x):
        return F.gelu(x, approximate='tanh')   # as llama.cpp computes it

    def forward(self, x, bias):
        b, t, h = x.shape

        def split(y):
            return y.view(b, t, self.heads, h // self.heads).transpose(1, 2)
        # Written out: for some forty tokens the way back through torch's fused attention took a fifth of a whole step.
        p = split(self.q(x)) @ split(self.k(x)).transpose(2, 3) * (h // self.heads) ** -0.5 + bias
        a = p.softmax(-1).to(x.dtype) @ split(self.v(x))
        x = self.norm1(x + self.drop(self.o(a.transpose(1, 2).reshape(b, t, h))))
        return self.norm2(x + self.drop(self.down(self.gelu(self.up(x)))))


class Encoder(nn.Module):
    """BERT as llama.cpp runs it: no segment ids; they are folded into the position rows (see `load`)."""

    def __init__(self, vocab=30522, width=384, layers=6, heads=12, inner=1536, drop=0.1):
        super().__init__()
        self.shape = dict(vocab=vocab, width=width, layers=layers, heads=heads, inner=inner)
        self.tokens = nn.Embedding(vocab, width)
        self.positions = nn.Embedding(POSITIONS, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, inner, heads, drop) for _ in range(layers))
        self.drop = nn.Dropout(drop)

    def forward(self, ids, pos, mask):
        x = self.drop(self.norm(self.tokens(ids) + self.positions(pos)))
        bias = torch.zeros(mask.shape, dtype=x.dtype).masked_fill(~mask, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias.to(torch.bfloat16) if torch.is_autocast_enabled('cpu') else bias)
        return x.float()

    def load(self, path, rows):
        """Start weights in Hugging Face's BERT layout. Row TEXT_AT-1 ([CLS]) and the rows behind it
        get the pretrained positions 0, 1, 2 … and segment 0; the rows before it, for the context, get
        the positions up to 240 and segment 1. `rows` are the rows of the vocabulary that ships."""
        w = weights(path)
        e = 'embeddings.'
        row = torch.arange(POSITIONS)
        old = torch.where(row >= TEXT_AT - 1, row - TEXT_AT + 1, (row - 14).clamp(min=1))
        kind = (row < TEXT_AT - 1).long()
        with torch.no_grad():
            self.tokens.weight.copy_(w[e + 'word_embeddings.weight'][rows])
            self.positions.weight.copy_(w[e + 'position_embeddings.weight'][old] +
                                        w[e + 'token_type_embeddings.weight'][kind])
            self.norm.weight.copy_(w[e + 'LayerNorm.weight'])
            self.norm.bias.copy_(w[e + 'LayerNorm.bias'])
            for i, layer in enumerate(self.layers):
                p = f'encoder.layer.{i}.'
                for ours, theirs in dict(q='attention.self.query', k='attention.self.key', v='attention.self.value',
                                         o='attention.output.dense', norm1='attention.output.LayerNorm',
                                         up='intermediate.dense', down='output.dense',
                                         norm2='output.LayerNorm').items():
                    m = getattr(layer, ours)
                    m.weight.copy_(w[p + theirs + '.weight'])
                    m.bias.copy_(w[p + theirs + '.bias'])
        return self


def weights(path):
    """The tensors of a Hugging Face BERT file, without the prefix that some have."""
    return {k.removeprefix('bert.'): v.float() for k, v in load_file(path).items()}


def depth(path):
    """How many layers a BERT file has."""
    return 1 + max(int(k.split('.')[2]) for k in weights(path) if k.startswith('encoder.layer.'))


def two(a, hidden, b):
    """A two-layer head."""
    return nn.Sequential(nn.Linear(a, hidden), nn.GELU(), nn.Linear(hidden, b))


class Heads(nn.Module):
    def __init__(self, width=384):
        super().__init__()
        self.tag, self.men, self.end = two(width, 256, len(TAGS)), two(width, 128, len(MENTION)), two(width, 64, 1)
        # What a span of words names: one of the types, or (the last) nothing.
        self.span = two(3 * width, 128, len(TYPES) + 1)
        self.kind = nn.Embedding(len(KINDS), 32)
        self.mention = nn.Linear(2 * width + 32, MENTION_DIM)
        self.asked = nn.Parameter(torch.randn(MENTION_DIM) * 0.1)
        # Pairs of mentions.
        self.subj, self.obj = nn.Linear(MENTION_DIM, PAIR), nn.Linear(MENTION_DIM, PAIR)
        self.subj_x, self.obj_x = nn.Linear(MENTION_DIM, PAIR), nn.Linear(MENTION_DIM, PAIR)
        self.dist = nn.Embedding(DISTANCES, PAIR)
        self.btw, self.btw_w, self.btw_out = nn.Linear(width, BETWEEN), nn.Linear(width, 1), nn.Linear(BETWEEN, PAIR)
        self.pair = nn.Linear(PAIR, PAIR)
        self.rel = nn.Linear(PAIR, len(RELATIONS))
        self.neg, self.ask, self.be = nn.Linear(PAIR, 1), nn.Linear(PAIR, 1), nn.Linear(PAIR, 1)
        self.status = nn.Linear(PAIR, len(STATUS))
        self.verb_q, self.verb_k = nn.Linear(PAIR, POINT), nn.Linear(width, POINT)
        self.part_q, self.part_k = nn.Linear(PAIR, POINT), nn.Linear(width, POINT)
        self.when_q, self.when_k = nn.Linear(PAIR, POINT), nn.Linear(MENTION_DIM, POINT)
        # Coreference.
        self.pro, self.ant = nn.Linear(MENTION_DIM, COREF), nn.Linear(MENTION_DIM, COREF)
        self.pro_x, self.ant_x = nn.Linear(MENTION_DIM, COREF), nn.Linear(MENTION_DIM, COREF)
        self.cdist = nn.Embedding(DISTANCES, COREF)
        self.coref = nn.Linear(COREF, 1)
        # Utterance and sentences.
        self.act = two(2 * width, 128, len(ACTS))
        self.domain = nn.Linear(2 * width, len(DOMAINS))
        self.vec = nn.Linear(2 * width, VECTOR)
        self.sent = nn.Linear(3 * width, SENT)
        self.role, self.shift = nn.Linear(SENT, len(ROLES)), nn.Linear(SENT, 1)
        self.link_a, self.link_b, self.link_x = nn.Linear(SENT, SENT), nn.Linear(SENT, SENT), nn.Linear(SENT, SENT)
        self.link = nn.Linear(SENT, len(LINKS))
        for layer in (self.rel, self.neg, self.ask):
            nn.init.constant_(layer.bias, -3.0)

    def names(self, words, b, first, last):
        """[N, types + 1] scores of what words first..last (inclusive) of examples b name."""
        total = torch.cat([torch.zeros_like(words[:, :1]), words.cumsum(1)], 1)
        mean = (total[b, last + 1] - total[b, first]) / (last + 1 - first)[:, None]
        return self.span(torch.cat([words[b, first], words[b, last], mean], 1))

    def mentions(self, words, cls, index, spans, kinds):
        """[M, MENTION_DIM] vectors; words [B, W, H], index [M] example, spans [M, 2] first and last
        word (-1: [CLS], -2: the unknown), kinds [M]."""
        first, last = spans[:, 0], spans[:, 1]
        at = cls[index]
        a = torch.where((first < 0)[:, None], at, words[index, first.clamp(min=0)])
        b = torch.where((last < 0)[:, None], at, words[index, last.clamp(min=0)])
        m = F.gelu(self.mention(torch.cat([a, b, self.kind(kinds)], 1)))
        return torch.where((first == -2)[:, None], self.asked.expand_as(m), m)

    def pairs(self, words, m, s, o, b, lo, hi, dist):
        """[N, PAIR] vectors of ordered mention pairs: s, o [N] mentions, b [N] examples,
        lo..hi [N] the words between them (hi exclusive), dist [N]."""
        u = F.gelu(self.btw(words))
        g = self.btw_w(words).clamp(-8, 8).exp()
        zero = torch.zeros_like(g[:, :1])
        cu = torch.cat([zero.expand(-1, -1, BETWEEN), (u * g).cumsum(1)], 1)
        cg = torch.cat([zero, g.cumsum(1)], 1)
        top, bottom = cu[b, hi] - cu[b, lo], cg[b, hi] - cg[b, lo]
        mean = torch.where((hi > lo)[:, None], top / bottom.clamp(min=1e-6), torch.zeros_like(top))
        z = (self.subj(m)[s] + self.obj(m)[o] + self.subj_x(m)[s] * self.obj_x(m)[o] + self.dist(dist) +
             self.btw_out(mean))
        return F.gelu(self.pair(F.gelu(z)))

    def antecedents(self, m, p, e, dist):
        """[N] scores of pronoun mentions p for entity mentions e."""
        z = self.pro(m)[p] + self.ant(m)[e] + self.pro_x(m)[p] * self.ant_x(m)[e] + self.cdist(dist)
        return self.coref(F.gelu(z))[:, 0]

    def sentences(self, words, cls, b, lo, hi):
        """[S, SENT] sentence vectors: mean and first word of words lo..hi (exclusive), and [CLS]."""
        c = torch.cat([torch.zeros_like(words[:, :1]), words.cumsum(1)], 1)
        mean = (c[b, hi] - c[b, lo]) / (hi - lo)[:, None]
        return F.gelu(self.sent(torch.cat([mean, words[b, lo], cls[b]], 1)))

    def links(self, v, i, j):
        """[L, LINKS] scores of a link from sentence i to sentence j."""
        return self.link(F.gelu(self.link_a(v)[i] + self.link_b(v)[j] + self.link_x(v)[i] * v[j]))


class Model(nn.Module):
    def __init__(self, **shape):
        super().__init__()
        self.encoder = Encoder(**shape)
        self.heads = Heads(self.encoder.shape['width'])

    def read(self, t):
        """Word vectors [B, W, H] and [CLS] vectors [B, H] of a collated batch."""
        h = self.encoder(t['ids'], t['pos'], t['mask'])
        b = torch.arange(len(h))
        return h[b[:, None], t['piece']] * t['there'][..., None], h[b, t['cls']]


def distance(a, b, first):
    """The distance bucket of two mentions (first word, last word, …) in a text that starts at word `first`."""
    if a[0] < 0 or b[0] < 0:
        return 16
    if (a[0] < first) != (b[0] < first):
        return 17
    d = b[0] - a[0]
    k = sum(abs(d) >= x for x in (1, 2, 3, 4, 7, 11, 16))
    return k + 8 if d < 0 else k


def between(a, b, first, n):
    """The words lo..hi (exclusive) that stand between two mentions; of the text only, if one is not in it."""
    if a[0] == -2 or b[0] == -2:
        return first, n
    if a[0] == -1 or b[0] == -1:
        other = b if a[0] == -1 else a
        return (first, other[0]) if other[0] > first else (first, first)
    if a[0] > b[0]:
        a, b = b, a
    lo = a[1] + 1
    if a[0] < first <= b[0]:
        lo = first
    return (lo, b[0]) if b[0] > lo else (lo, lo)
