"""What the joint model is trained on: one number per head and batch, summed with weights."""
import torch
import torch.nn.functional as F

from labels import *
from model import VECTOR, between, distance

WEIGHTS = dict(tag=1.0, men=0.5, end=0.3, rel=1.0, neg=2.0, status=1.0, ask=0.3, be=0.3, verb=0.5, part=0.3,
               when=0.5, coref=1.0, act=0.4, role=0.4, span=0.5, domain=0.1, vec=1.0, shift=0.2, link=0.3)


JOIN = 0.1   # a word that opens a span joins its neighbour of the same type from this probability of going on


def spans_of(p):
    """(first, last, type) spans of tag probabilities [W, tags].

    A word is out, opens or goes on by the sums over types; the type is the span's likeliest. So a name
    whose words lean to different types stays one name."""
    out, opens, on = [], p[:, 1::2].sum(1).tolist(), p[:, 2::2].sum(1).tolist()
    off, kind = p[:, 0].tolist(), (p[:, 1::2] + p[:, 2::2]).argmax(1).tolist()
    for i in range(len(off)):
        if off[i] >= max(opens[i], on[i]):
            continue
        after = bool(out) and out[-1][1] == i - 1
        if after and (on[i] > opens[i] or kind[i] == kind[i - 1] and on[i] > JOIN):
            out[-1][1] = i
        else:
            out.append([i, i])
    return [(a, b, int((p[a:b + 1, 1::2] + p[a:b + 1, 2::2]).sum(0).argmax())) for a, b in out]


def candidates(ex, probabilities):
    """The mentions of an example: those of the record, and spans that the tagger wrongly finds.

    Returns the list of (first, last, kind, entity) and the number of entities in it."""
    mentions = list(ex['mentions'])
    count = ex['asked'] + 1
    if probabilities is None:
        return mentions, count
    gold = {(m[0], m[1]) for m in mentions}
    used = {i for m in mentions if m[0] >= 0 and m[2] < USER for i in range(m[0], m[1] + 1)}
    for a, b, kind in spans_of(probabilities):
        if (a, b) not in gold and not any(i in used for i in range(a, b + 1)):
            mentions.append((a, b, kind, count))
            count += 1
    return mentions, count


def beside(b, ex, gold):
    """Spans that miss a mention of the text by a word at one end: they name nothing."""
    out = []
    for first, last in sorted(gold):
        if first >= ex['text_from']:
            end, step = torch.randint(2, (2,)).tolist()
            first, last = (first, last + 2 * step - 1) if end else (first + 2 * step - 1, last)
            if ex['text_from'] <= first <= last < len(ex['words']) and (first, last) not in gold:
                out.append((b, first, last, len(TYPES)))
    return out


class Flat:
    """Mentions and ordered pairs of a whole batch in flat index lists."""

    def __init__(self, batch, tags):
        self.index, self.spans, self.kinds, self.entity = [], [], [], []
        self.by_example, self.counts, self.names = [], [], []
        for b, ex in enumerate(batch):
            mentions, count = candidates(ex, tags[b] if tags else None)
            at = len(self.index)
            # What each span names, for the head that decides on whole spans: wrong spans of the text name nothing,
            # those of the context may well be names that the record does not need.
            known = len(ex['mentions'])
            for i, (first, last, kind, _) in enumerate(mentions):
                if first >= 0 and kind < USER and (i < known or first >= ex['text_from']):
                    self.names.append((b, first, last, kind if i < known else len(TYPES)))
            self.names += beside(b, ex, {(m[0], m[1]) for m in ex['mentions']})
            for m in mentions:
                self.index.append(b)
                self.spans.append((m[0], m[1]))
                self.kinds.append(m[2])
                self.entity.append(m[3])
            self.by_example.append(range(at, at + len(mentions)))
            self.counts.append(count)
        self.s, self.o, self.b, self.lo, self.hi, self.dist = [], [], [], [], [], []
        for b, ex in enumerate(batch):
            first, n = ex['text_from'], len(ex['piece'])
            told = [self.spans[i][0] < 0 or self.spans[i][0] >= first for i in self.by_example[b]]
            for i in self.by_example[b]:
                for j in self.by_example[b]:
                    if self.entity[i] == self.entity[j]:
                        continue
                    if not (told[i - self.by_example[b][0]] or told[j - self.by_example[b][0]]):
                        continue
                    lo, hi = between(self.spans[i], self.spans[j], first, n)
                    self.s.append(i)
                    self.o.append(j)
                    self.b.append(b)
                    self.lo.append(lo)
                    self.hi.append(hi)
                    self.dist.append(distance(self.spans[i], self.spans[j], first))


def cross(scores, target, mask=None):
    """Mean cross entropy over rows, 0 for none."""
    if not len(target):
        return scores.sum() * 0
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e4)
    return F.cross_entropy(scores, target)


def losses(model, t, batch, noisy, words, cls):
    """All losses of a collated batch `t` of examples with their word and [CLS] vectors; noisy: the tagger's own
    wrong spans are added as negatives."""
    h = model.heads
    out = {}
    tag_scores = h.tag(words)
    flat_there = t['there'].reshape(-1)
    pad = t['piece'].shape[1]

    def rows(key, dtype=torch.long):
        x = torch.zeros(len(batch), pad, dtype=dtype)
        for b, ex in enumerate(batch):
            x[b, :len(ex[key])] = torch.tensor(ex[key], dtype=dtype)
        return x
    gold, weight = rows('tags'), rows('weight', torch.float)
    ce = F.cross_entropy(tag_scores.reshape(-1, len(TAGS)), gold.reshape(-1), reduction='none')
    weight = weight.reshape(-1) * flat_there
    out['tag'] = (ce * weight).sum() / len(batch) / 8
    told = torch.zeros(len(batch), pad, dtype=torch.bool)
    for b, ex in enumerate(batch):
        told[b, ex['text_from']:len(ex['piece'])] = True
    men = F.cross_entropy(h.men(words)[told], rows('men')[told], reduction='none')
    out['men'] = men.sum() / len(batch) / 4
    known = rows('ends_known', torch.bool)
    out['end'] = F.binary_cross_entropy_with_logits(h.end(words)[..., 0][known], rows('ends', torch.float)[known])

    tags = None
    if noisy:
        tags = [x[:len(ex['tags'])] for x, ex in zip(tag_scores.detach().softmax(2), batch)]
    flat = Flat(batch, tags)
    index, spans = torch.tensor(flat.index), torch.tensor(flat.spans)
    kinds = torch.tensor(flat.kinds)
    m = h.mentions(words, cls, index, spans, kinds)
    out.update(relation_losses(h, words, m, flat, batch, t))
    out['coref'] = coref_loss(h, m, flat, batch)
    if flat.names:
        b, first, last, kind = torch.tensor(flat.names).T
        out['span'] = F.cross_entropy(h.names(words, b, first, last), kind, reduction='sum') / len(batch) / 6
    mean = words.masked_fill(~told[..., None], 0).sum(1) / told.sum(1).clamp(min=1)[:, None]
    whole = torch.cat([cls, mean], 1)
    act = torch.tensor([x['act'] for x in batch])
    out['act'] = F.cross_entropy(h.act(whole), act, ignore_index=-100, reduction='sum') / max(1, int((act >= 0).sum()))
    out['domain'] = F.cross_entropy(h.domain(whole), torch.tensor([x['domain'] for x in batch]))
    like = [i for i, x in enumerate(batch) if x['vector'] is not None]
    if len(like) > 3:
        want = torch.stack([batch[i]['vector'] for i in like])
        # The share of the spread of meanings that is not met. Values around one: with those of a unit vector each step
        # of the optimiser is as large as what it looks for.
        want = want * VECTOR ** 0.5
        out['vec'] = (h.vec(whole[like]) - want).square().sum(1).mean() / want.var(0).sum().clamp(min=1.0)
    out.update(sentence_losses(h, words, cls, batch))
    return out


def relation_losses(h, words, m, flat, batch, t):
    s, o, b = torch.tensor(flat.s), torch.tensor(flat.o), torch.tensor(flat.b)
    z = h.pairs(words, m, s, o, b, torch.tensor(flat.lo), torch.tensor(flat.hi), torch.tensor(flat.dist))
    scores = h.rel(z)
    # Entity pairs take the maximum over their mention pairs.
    groups, ids = {}, []
    for x, y, k in zip(flat.s, flat.o, flat.b):
        ids.append(groups.setdefault((k, flat.entity[x], flat.entity[y]), len(groups)))
    ids = torch.tensor(ids)
    best = torch.full((len(groups), len(RELATIONS)), -1e4).scatter_reduce(
        0, ids[:, None].expand_as(scores), scores, 'amax')
    target, counted = torch.zeros_like(best), torch.ones(len(groups), 1)
    facts = []
    for k, ex in enumerate(batch):
        for x, y in ex['unsure']:
            for g in (groups.get((k, x, y)), groups.get((k, y, x))):
                if g is not None:
                    counted[g] = 0
        for f in ex['pairs']:
            g = groups.get((k, f[0], f[1]))
            if g is None:
                continue
            target[g, f[2]] = 1
            facts.append((g, k, f))
            back = groups.get((k, f[1], f[0]))
            if RELATIONS[f[2]] in SYMMETRIC and back is not None:
                target[back, f[2]] = 1
    out = {'rel': F.binary_cross_entropy_with_logits(best, target, counted.expand_as(best), reduction='sum') / len(batch) / 3}
    if not facts:
        return out
    # The attributes of a fact are read off the mention pair that speaks loudest for it.
    rel = torch.tensor([f[2] for _, _, f in facts])
    at = torch.tensor([g for g, _, _ in facts])
    with torch.no_grad():
        mine = torch.where(ids[:, None] == at[None, :], scores[:, rel], torch.tensor(-1e9)).argmax(0)
    y = z[mine]

    def column(i):
        return torch.tensor([f[i] for _, _, f in facts])
    out['neg'] = F.binary_cross_entropy_with_logits(h.neg(y)[:, 0], column(3).float())
    out['status'] = F.cross_entropy(h.status(y), column(4))
    out['ask'] = F.binary_cross_entropy_with_logits(h.ask(y)[:, 0], column(5).float())
    bb = torch.tensor([k for _, k, _ in facts])
    told = torch.zeros(len(facts), words.shape[1], dtype=torch.bool)
    for i, (_, k, _) in enumerate(facts):
        told[i, batch[k]['text_from']:len(batch[k]['piece'])] = True
    null = torch.zeros(len(facts), 1)
    told = torch.cat([torch.ones(len(facts), 1, dtype=torch.bool), told], 1)
    verb, part = column(7), column(8)
    is_open = verb >= 0

    def point(q, k):
        return torch.cat([null, (q(y)[:, None, :] * k(words)[bb]).sum(2) / 8], 1)
    if is_open.any():
        out['verb'] = cross(point(h.verb_q, h.verb_k)[is_open], verb[is_open] + 1, told[is_open])
        out['part'] = cross(point(h.part_q, h.part_k)[is_open], part[is_open] + 1, told[is_open])
        out['be'] = F.binary_cross_entropy_with_logits(h.be(y)[is_open, 0], column(9)[is_open].float())
    out['when'] = when_loss(h, y, m, facts, flat)
    return out


def when_loss(h, y, m, facts, flat):
    """Which TIME mention, or none, dates each fact."""
    q, k = h.when_q(y), h.when_k(m)
    terms = []
    for i, (_, b, f) in enumerate(facts):
        times = [x for x in flat.by_example[b] if flat.kinds[x] == TYPES.index('TIME')]
        if not times:
            continue
        scores = torch.cat([torch.zeros(1), k[times] @ q[i] / 8])
        want = [j + 1 for j, x in enumerate(times) if flat.entity[x] == f[6]] if f[6] >= 0 else [0]
        if want:
            terms.append(scores.logsumexp(0) - scores[want].logsumexp(0))
    return torch.stack(terms).mean() if terms else y.sum() * 0


def coref_loss(h, m, flat, batch):
    p, e, dist, groups = [], [], [], []
    for b, ex in enumerate(batch):
        ents = [i for i in flat.by_example[b] if flat.kinds[i] < USER]
        for first, last, gold in ex['refs']:
            gold = set(gold)
            me = next((i for i in flat.by_example[b] if flat.kinds[i] == PRONOUN and
                       flat.spans[i] == (first, last)), None)
            if me is None or not any(flat.entity[i] in gold for i in ents):
                continue
            at = len(p)
            for i in ents:
                p.append(me)
                e.append(i)
                dist.append(distance(flat.spans[me], flat.spans[i], ex['text_from']))
            groups.append((at, len(p), [[k for k, i in enumerate(ents) if flat.entity[i] == g] for g in gold]))
    if not groups:
        return m.sum() * 0
    scores = h.antecedents(m, torch.tensor(p), torch.tensor(e), torch.tensor(dist))
    terms = []
    for a, z, sets in groups:
        x = scores[a:z]
        terms += [x.logsumexp(0) - x[k].logsumexp(0) for k in sets if k]
    return torch.stack(terms).mean()


def sentence_losses(h, words, cls, batch):
    b, lo, hi, role, shift, where = [], [], [], [], [], []
    pairs, kinds = [], []
    for k, ex in enumerate(batch):
        where = {}
        for i, s in enumerate(ex['spans']):
            if s is None:
                continue
            where[i] = len(b)
            b.append(k)
            lo.append(s[0])
            hi.append(s[1] + 1)
            mine = i - ex['before']
            role.append(ex['roles'][mine] if mine >= 0 else -100)
            shift.append(ex['shifts'][mine] if mine >= 0 else -100)
        if ex['links'] is None or len(where) < 2:
            continue
        for i in where:
            for j in where:
                if i != j and max(i, j) >= ex['before']:
                    pairs.append((where[i], where[j]))
                    kinds.append(ex['links'].get((i, j), 0))
    v = h.sentences(words, cls, torch.tensor(b), torch.tensor(lo), torch.tensor(hi))
    role, shift = torch.tensor(role), torch.tensor(shift)
    out = {'role': F.cross_entropy(h.role(v), role, ignore_index=-100, reduction='sum') / max(1, int((role >= 0).sum()))}
    mine = shift >= 0
    if mine.any():
        out['shift'] = F.binary_cross_entropy_with_logits(h.shift(v)[mine, 0], shift[mine].float())
    if pairs:
        i, j = torch.tensor(pairs).T
        kinds = torch.tensor(kinds)
        out['link'] = F.cross_entropy(h.links(v, i, j), kinds, reduction='sum') / max(4, int((kinds > 0).sum()) * 2)
    return out
