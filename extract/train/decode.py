"""From the model's scores to records of the guide. The program does the same in extract/decode.go:
a change here is a change there (the test on testdata/reference.jsonl holds them together)."""
import math

import torch
import torch.nn.functional as F

from data import collate, form, norm
from labels import *
from losses import spans_of
from model import between, distance
from verbs import lemma

# tune.py moves one only where records held out of the corpus say so.
DEFAULTS = dict(relation=0.5, open=0.5, second=2.0, context=1.0, coref=0.3, plural=0.25, asked=0.5, entity=0.0, none=0.0,
                nothing=0.7, lone=0.5, calibration={}, believed={})


class Decoder:
    def __init__(self, model, reader, **options):
        self.model, self.h, self.reader = model.eval(), model.heads, reader
        self.opt = dict(DEFAULTS, **options)

    @torch.no_grad()
    def records(self, inputs, size=32):
        """Predicted records of inputs (dicts with id, domain, context, text), in order; their sentence vectors, None for a
        text without words, lie in `meanings` then."""
        out = [None] * len(inputs)
        self.meanings = [None] * len(inputs)
        order = sorted(range(len(inputs)), key=lambda i: len(inputs[i]['text']) + sum(map(len, inputs[i]['context'])))
        for at in range(0, len(order), size):
            part = order[at:at + size]
            batch = []
            for i in part:
                ids, words, cls = self.reader.layout(inputs[i]['context'], inputs[i]['text'])
                first = next((k for k, w in enumerate(words) if w.part == -1), len(words))
                batch.append(dict(ids=ids, cls=cls, first=TEXT_AT - 1 - cls, piece=[w.piece for w in words],
                                  words=words, text_from=first))
            words, cls = self.model.read(collate(batch))
            for k, i in enumerate(part):
                n = len(batch[k]['piece'])
                self.vector = None
                out[i] = self.record(inputs[i], batch[k], words[k:k + 1, :n], cls[k:k + 1])
                self.meanings[i] = self.vector
        return out

    def record(self, given, ex, words, cls):
        h, text = self.h, given['text']
        ws, first, n = ex['words'], ex['text_from'], words.shape[1]
        r = dict(id=given.get('id', ''), domain=given.get('domain', ''), context=given['context'], text=text,
                 act='social', entities=[], coref=[], relations=[], sentences=[], links=[])
        if first == n:
            r['domain'] = r['domain'] or DOMAINS[0]
            return r
        whole = torch.cat([cls, words[:, first:].mean(1)], 1)
        act = h.act(whole)[0].softmax(0)
        r['domain'] = r['domain'] or DOMAINS[int(h.domain(whole)[0].argmax())]
        r['act'] = ACTS[int(act.argmax())]
        self.vector = F.normalize(h.vec(whole)[0], dim=0)
        self.sentences(r, ex, words, cls)
        if r['act'] == 'social':
            return r
        spans = self.entities(r, ex, words)
        pronouns = self.pronouns(ex, words, spans)
        mentions = [(a, b, kind, ent) for a, b, kind, ent in spans]
        user = len(self.names)
        self.names.append('USER')
        self.names.append('?')
        extra = [(-1, -1, USER, user)]
        extra += [(i, i, USER, user) for i in range(first, n) if ws[i].text in FIRST_PERSON]
        vectors = self.vectors(words, cls, mentions + [(a, b, PRONOUN, -1) for a, b in pronouns])
        mentions += self.coref(r, ex, vectors, mentions, pronouns)
        mentions += extra
        if r['act'] == 'question':
            mentions.append((-2, -2, ASKED, user + 1))
        self.relations(r, ex, words, cls, mentions)
        self.thin(r)
        self.calibrate(r)
        return r

    def thin(self, r):
        """Drops entities that nothing is told of, to which no pronoun points and that are not sure."""
        ends = {x for t in r['relations'] + r.get('query', []) for x in (t['subject'], t['object'], t.get('when'))}
        ends |= {self.names[i] for i in self.meant}
        r['entities'] = [e for e in r['entities'] if e['text'] in ends or e['confidence'] >= self.opt['lone']]

    def calibrate(self, r):
        """Moves confidences to where they mean what they say (calibrate.py)."""
        by = self.opt['calibration']
        told = [('entity', e, '') for e in r['entities']] + [('coref', c, '') for c in r['coref']]
        told += [('relation', t, t['relation']) for t in r['relations'] + r.get('query', [])]
        for kind, x, label in told:
            if kind in by:
                p = min(max(x['confidence'], 1e-4), 1 - 1e-4)
                s = by[kind]['scale'] * math.log(p / (1 - p)) + by[kind]['shift'] + by[kind].get('by', {}).get(label, 0.0)
                x['confidence'] = 1 / (1 + math.exp(-s))

    def vectors(self, words, cls, mentions):
        spans = torch.tensor([m[:2] for m in mentions], dtype=torch.long).reshape(-1, 2)
        kinds = torch.tensor([m[2] for m in mentions], dtype=torch.long)
        return self.h.mentions(words, cls, torch.zeros(len(mentions), dtype=torch.long), spans, kinds)

    def entities(self, r, ex, words):
        """Fills r['entities'] and self.names; returns the mention spans (first, last, kind, entity)."""
        ws, first = ex['words'], ex['text_from']
        scores = self.h.tag(words)[0].clone()
        scores[:first, 0] -= self.opt['context']
        scores[first:, 0] -= self.opt['none']
        p = scores.softmax(1)
        found = []
        for a, b, _ in spans_of(p):
            if ws[a].part != ws[b].part:
                continue
            source = r['text'] if ws[a].part == -1 else r['context'][ws[a].part]
            name = source[ws[a].start:ws[b].end]
            # The type: what the words say one by one, times what the span says as a whole.
            whole = self.h.names(words, *torch.tensor([[0], [a], [b]]))[0].softmax(0)
            both = (p[a:b + 1, 1::2] + p[a:b + 1, 2::2]).mean(0) * whole[:-1]
            kind, nothing = int(both.argmax()), float(whole[-1])
            conf = float(both[kind] / both.sum().clamp(min=1e-30)) * (1 - nothing)
            if norm(name) and (a < first or conf >= self.opt['entity'] and nothing < self.opt['nothing']):
                found.append((a, b, kind, conf, name))
        self.names, index, best, spans = [], {}, {}, []
        for a, b, kind, conf, name in [f for f in found if f[0] >= first] + [f for f in found if f[0] < first]:
            key = norm(name)
            if key not in index:
                index[key] = len(self.names)
                self.names.append(name)
            ent = index[key]
            if a >= first and conf > best.get(ent, (0, 0))[0] or ent not in best:
                best[ent] = (conf, kind)
            spans.append((a, b, ent))
        self.types = [best[e][1] for e in range(len(self.names))]
        seen = set()
        for a, b, ent in spans:
            if a >= first and ent not in seen:
                seen.add(ent)
                r['entities'].append(dict(text=self.names[ent], start=ws[a].start, end=ws[b].end,
                                          type=TYPES[self.types[ent]], confidence=best[ent][0]))
        r['entities'].sort(key=lambda e: e['start'])
        return [(a, b, self.types[ent], ent) for a, b, ent in spans]

    def pronouns(self, ex, words, spans):
        """(first, last) word spans of third-person mentions; self.cut holds their code point ends."""
        ws, first = ex['words'], ex['text_from']
        tags = self.h.men(words)[0].argmax(1).tolist()
        used = {i for a, b, _, _ in spans for i in range(a, b + 1)}
        out, self.cut = [], {}
        for i in range(first, len(ws)):
            if tags[i] == 0 or i in used or ws[i].text in FIRST_PERSON:
                continue
            if tags[i] == 2 and out and out[-1][1] == i - 1:
                out[-1] = (out[-1][0], i)
            elif tags[i] != 2:
                out.append((i, i))
                if tags[i] == 3 and ws[i].text in HEADS:
                    self.cut[i] = ws[i].start + len(HEADS[ws[i].text])
        return out

    def coref(self, r, ex, vectors, spans, pronouns):
        """Fills r['coref']; returns the pronouns as mentions of what they point to."""
        ws, first, out = ex['words'], ex['text_from'], []
        self.meant = set()
        if not spans:
            return out
        e = torch.arange(len(spans))
        for k, (a, b) in enumerate(pronouns):
            dist = torch.tensor([distance((a, b), s, first) for s in spans])
            p = self.h.antecedents(vectors, torch.full_like(e, len(spans) + k), e, dist).softmax(0).tolist()
            total = {}
            for s, x in zip(spans, p):
                total[s[3]] = total.get(s[3], 0.0) + x
            best = max(total, key=lambda i: (total[i], -i))
            if total[best] < self.opt['coref']:
                continue
            end = self.cut.get(a, ws[b].end) if a == b else ws[b].end
            said = r['text'][ws[a].start:end]
            if said.lower() == 'the':   # the noun behind it was read as a name
                continue
            chosen = [best]
            if said.lower() in PLURAL:
                chosen = sorted({best} | {i for i in total if total[i] >= self.opt['plural']})
            r['coref'].append(dict(text=said, start=ws[a].start, end=end,
                                   refers_to=' and '.join(self.names[i] for i in chosen),
                                   confidence=sum(total[i] for i in chosen)))
            out += [(a, b, PRONOUN, i) for i in chosen]
            self.meant |= set(chosen)
        return out

    def relations(self, r, ex, words, cls, mentions):
        h, first, n = self.h, ex['text_from'], words.shape[1]
        told = [m[0] < 0 or m[0] >= first for m in mentions]
        s, o = [], []
        for i, x in enumerate(mentions):
            for j, y in enumerate(mentions):
                if x[3] != y[3] and (told[i] or told[j]):
                    s.append(i)
                    o.append(j)
        if not s:
            return
        m = self.vectors(words, cls, mentions)
        lohi = [between(mentions[i], mentions[j], first, n) for i, j in zip(s, o)]
        dist = [distance(mentions[i], mentions[j], first) for i, j in zip(s, o)]
        z = h.pairs(words, m, torch.tensor(s), torch.tensor(o), torch.zeros(len(s), dtype=torch.long),
                    torch.tensor([x for x, _ in lohi]), torch.tensor([x for _, x in lohi]), torch.tensor(dist))
        scores = h.rel(z).sigmoid()
        floor = torch.full((len(RELATIONS),), self.opt['relation'])
        floor[-1] = self.opt['open']
        best = {}   # (subject, object, relation) → (probability, pair)
        for k, (i, j) in enumerate(zip(s, o)):
            for rel in (scores[k] >= floor).nonzero()[:, 0].tolist():
                a, b = mentions[i][3], mentions[j][3]
                if RELATIONS[rel] in SYMMETRIC and not self.forward(a, b):
                    a, b = b, a
                p = float(scores[k, rel])
                if p > best.get((a, b, rel), (0,))[0]:
                    best[a, b, rel] = (p, k)
        taken = {}
        for (a, b, rel), (p, k) in sorted(best.items(), key=lambda x: (-x[1][0], x[0])):
            pair = (min(a, b), max(a, b))
            if pair in taken and (p < self.opt['second'] or taken[pair] != (a, b)):
                continue
            taken.setdefault(pair, (a, b))
            self.fact(r, ex, words, m, mentions, a, b, rel, p, z[k])

    def forward(self, a, b):
        """Symmetric facts are told with the speaker first, else in order of mention."""
        user = len(self.names) - 2
        return a == user or (b != user and a < b)

    def fact(self, r, ex, words, m, mentions, a, b, rel, p, z):
        h, ws, first = self.h, ex['words'], ex['text_from']
        t = dict(subject=self.names[a], relation=RELATIONS[rel], object=self.names[b])
        if float(h.neg(z)[0]) > 0:
            t['negated'] = True
        status = int(h.status(z).argmax())
        if status:
            t['status'] = STATUS[status]
        times = [i for i, x in enumerate(mentions) if x[2] == TYPES.index('TIME') and x[3] not in (a, b)]
        if times and RELATIONS[rel] != 'happens_at':
            x = h.when_k(m[times]) @ h.when_q(z) / 8
            if float(x.max()) > 0:
                t['when'] = self.names[mentions[times[int(x.argmax())]][3]]
        if RELATIONS[rel] == 'open':
            said = words[0, first:]
            i = int((h.verb_k(said) @ h.verb_q(z)).argmax())
            word = ws[first + i].text
            t['predicate'] = 'be ' + word if float(h.be(z)[0]) > 0 else lemma(form(ws, first + i))
            x = h.part_k(said) @ h.part_q(z)
            if float(x.max()) > 0 and int(x.argmax()) != i:
                t['predicate'] += ' ' + ws[first + int(x.argmax())].text
        t['confidence'] = p
        unknown = len(self.names) - 1
        if unknown in (a, b) or (r['act'] == 'question' and float(h.ask(z)[0].sigmoid()) > self.opt['asked']):
            r.setdefault('query', []).append(t)
        else:
            r['relations'].append(t)

    def sentences(self, r, ex, words, cls):
        ws, n = ex['words'], words.shape[1]
        ends = self.h.end(words)[0, :, 0].tolist()
        spans, counts, at = [], [0] * len(r['context']), 0
        for i in range(n):
            last = i == n - 1 or ws[i + 1].part != ws[i].part
            if last or ends[i] > 0:
                spans.append((at, i + 1))
                if ws[i].part >= 0:
                    counts[ws[i].part] += 1
                at = i + 1
        before = sum(counts)
        v = self.h.sentences(words, cls, torch.zeros(len(spans), dtype=torch.long),
                             torch.tensor([a for a, _ in spans]), torch.tensor([b for _, b in spans]))
        role, shift = self.h.role(v).argmax(1).tolist(), self.h.shift(v)[:, 0].tolist()
        for k in range(before, len(spans)):
            a, b = spans[k]
            r['sentences'].append(dict(start=ws[a].start, end=ws[b - 1].end, role=ROLES[role[k]],
                                       topic_shift=shift[k] > 0 and (k > before or bool(r['context']))))
        pairs = [(i, j) for i in range(len(spans)) for j in range(len(spans)) if i != j and max(i, j) >= before]
        if not pairs:
            return
        kind = self.h.links(v, *torch.tensor(pairs).T).argmax(1).tolist()
        for (i, j), k in zip(pairs, kind):
            if k:
                r['links'].append({'from': i, 'to': j, 'kind': LINKS[k]})
        if r['links']:
            r['context_sentences'] = counts
