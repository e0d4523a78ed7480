"""Variants of a record: other names, no punctuation, fillers, stutters, other context, and its first words alone.

Every change is a list of edits (start, end, replacement) of the text that touch no border of
an annotated span; offsets move with them.
"""
import random
import re
from collections import defaultdict

from verbs import lemma

FILLERS = ['um', 'uh', 'you know', 'like', 'i mean', 'er', 'well', 'so', 'kind of', 'actually', 'basically']
NAMED = ('PERSON', 'ANIMAL', 'ORG', 'PLACE', 'PRODUCT', 'WORK')


def edit(text, edits, spans, wide=()):
    """Apply edits (sorted, disjoint) and move spans [(start, end)]; an edited span takes the new text. What is
    put in right before a span stays outside, but for the spans whose index is in `wide`."""
    out, at, moves = [], 0, []
    for a, b, new in edits:
        out.append(text[at:a])
        out.append(new)
        at = b
        moves.append((a, b, len(new) - (b - a)))
    out.append(text[at:])

    def shift(x, keep):
        return x + sum(delta for a, b, delta in moves if b < x or (b == x and not (a == b and keep)))
    return ''.join(out), [(shift(a, i in wide), shift(b, False)) for i, (a, b) in enumerate(spans)]


def apply(r, edits):
    """A record with edits applied to its text; None if a span would be cut."""
    spans = [(x['start'], x['end']) for k in ('entities', 'coref', 'sentences') for x in r[k]]
    inner = {e for k in ('entities', 'coref') for x in r[k] for e in [(x['start'], x['end'])]}
    for a, b, _ in edits:
        for s, e in inner:
            if a < e and b > s and not (a <= s and b >= e):
                return None
            if a == b and s < a < e:
                return None
    text, moved = edit(r['text'], edits, spans, range(len(spans) - len(r['sentences']), len(spans)))
    r, i = dict(r, text=text), 0
    for k in ('entities', 'coref', 'sentences'):
        new = []
        for x in r[k]:
            a, b = moved[i]
            i += 1
            if b <= a:
                return None
            x = dict(x, start=a, end=b)
            if 'text' in x:
                x['text'] = text[a:b]
            new.append(x)
        r[k] = new
    return r


def outside(r):
    """Names that the record uses but the text does not annotate: they stand in the context."""
    own = {e['text'] for e in r['entities']} | {'USER', '?'}
    used = [t[k] for t in r['relations'] + r.get('query', []) for k in ('subject', 'object', 'when') if k in t]
    return {x for x in used + [c['refers_to'] for c in r['coref']] if x not in own}


class Augmenter:
    def __init__(self, records, seed):
        self.rng = random.Random(seed)
        self.names = defaultdict(list)       # (type, gender) → names
        self.contexts = [r['context'][-1] for r in records if r['context']]
        seen = set()
        for r in records:
            if r.get('asr'):
                continue
            said = self.genders(r)
            for e in r['entities']:
                n = e['text']
                if e['type'] in NAMED and n[0].isupper() and (n, e['type']) not in seen and (
                        e['start'] > 0 or e['type'] == 'PERSON') and len(n.split()) <= 3:
                    seen.add((n, e['type']))
                    gender = said.get(n, '') if e['type'] in ('PERSON', 'ANIMAL') else ''
                    self.names[e['type'], gender].append(n)
                    if gender:
                        self.names[e['type'], ''].append(n)
        self.known = {n.lower() for n, _ in seen}

    @staticmethod
    def genders(r):
        out = {}
        for c in r['coref']:
            p = c['text'].lower()
            g = 'f' if p in ('she', 'her', 'hers', 'herself') else 'm' if p in ('he', 'him', 'his', 'himself') else ''
            if g:
                out[c['refers_to']] = g
        return out

    def __call__(self, r):
        r = self.swap(r) if self.rng.random() < 0.55 else r
        r = self.drop_context(r)
        if self.rng.random() < 0.30 and not r.get('asr'):
            r = self.unpunctuate(r)
        if self.rng.random() < 0.15:
            r = self.fill(r)
        if self.rng.random() < 0.05:
            r = self.stutter(r)
        if self.rng.random() < 0.12:
            r = self.cut(r)
        return r

    def swap(self, r):
        """Names for other names of their type and gender, in text, context and facts."""
        said, edits, new_names = self.genders(r), [], {}
        for e in r['entities']:
            n = e['text']
            if e['type'] not in NAMED or not (n[0].isupper() or r.get('asr')) or n.lower() not in self.known:
                continue
            if self.rng.random() < 0.3 or len(n) < 3 or any(n in x and n not in x.split(' and ') for x in outside(r)):
                continue
            pool = self.names[e['type'], said.get(n, '') if e['type'] in ('PERSON', 'ANIMAL') else '']
            pool = [x for x in pool if len(x.split()) == len(n.split())]
            if not pool:
                continue
            new = self.rng.choice(pool)
            if r.get('asr') and n.islower():
                new = new.lower()
            low = (r['text'] + ' ' + ' '.join(r['context'])).lower()
            if new.lower() in low or any(n.lower() != x['text'].lower() and (
                    n.lower() in x['text'].lower() or x['text'].lower() in n.lower()) for x in r['entities']):
                continue
            new_names[n] = new
        if not new_names:
            return r
        for n, new in new_names.items():
            edits += [(m.start(), m.end(), new) for m in re.finditer(r'(?<!\w)' + re.escape(n) + r'(?!\w)', r['text'])]
        edits.sort()
        if any(a[1] > b[0] for a, b in zip(edits, edits[1:])):
            return r
        out = apply(r, edits)
        if out is None:
            return r
        out['vector'] = None   # the sentence vector of the corpus' own wording is no longer this one's

        def rename(x):
            if x in new_names:
                return new_names[x]
            if ' and ' in x:
                return ' and '.join(new_names.get(y, y) for y in x.split(' and '))
            return x
        for k in ('relations', 'query'):
            if k in out:
                out[k] = [{**t, **{f: rename(t[f]) for f in ('subject', 'object', 'when') if f in t}} for t in out[k]]
        out['coref'] = [dict(c, refers_to=rename(c['refers_to'])) for c in out['coref']]
        context = []
        for c in out['context']:
            for n, new in new_names.items():
                c = re.sub(r'(?<!\w)' + re.escape(n) + r'(?!\w)', lambda _: new, c)
            context.append(c)
        out['context'] = context
        return out

    def unpunctuate(self, r):
        """As a recogniser without punctuation writes it."""
        keep = {i for k in ('entities', 'coref') for x in r[k] for i in range(x['start'], x['end'])}
        t, edits = r['text'], []
        drop_apostrophes = self.rng.random() < 0.5
        for i, ch in enumerate(t):
            if i in keep:
                continue
            if ch in '.,;:!?"“”()' and not (0 < i < len(t) - 1 and t[i - 1].isdigit() and t[i + 1].isdigit()):
                edits.append((i - (i > 0 and t[i - 1] == ' ' and i - 1 not in keep), i + 1, ''))
            elif ch in "'’" and drop_apostrophes and not any(x['end'] == i for x in r['entities']):
                edits.append((i, i + 1, ''))
            elif ch == '—':
                edits.append((i, i + 1, ' '))
        context = r['context']
        if self.rng.random() < 0.7 and not any(re.search(r'[.,;:!?"]', x) for x in outside(r)):
            context = [re.sub(r'[.,;:!?"]', '', c) for c in context]
        out = apply(r, edits)
        return dict(out, context=context) if out and out['text'].strip() else r

    def gaps(self, r):
        """Word starts where something may be put in without cutting a span."""
        inner = {i for k in ('entities', 'coref') for x in r[k] for i in range(x['start'] + 1, x['end'])}
        return [m.start() for m in re.finditer(r'(?<=\s)\w', r['text']) if m.start() not in inner]

    def fill(self, r):
        gaps = self.gaps(r)
        if not gaps:
            return r
        at = sorted(self.rng.sample(gaps, min(len(gaps), self.rng.choice((1, 1, 2)))))
        return apply(r, [(i, i, self.rng.choice(FILLERS) + ' ') for i in at]) or r

    def stutter(self, r):
        inner = {i for k in ('entities', 'coref') for x in r[k] for i in range(x['start'], x['end'])}
        words = [m for m in re.finditer(r"(?<!\S)[A-Za-z']+(?=\s)", r['text']) if m.start() not in inner]
        if not words:
            return r
        m = self.rng.choice(words)
        return apply(r, [(m.start(), m.start(), m.group() + ' ')]) or r

    def cut(self, r):
        """The first words of an utterance, as one hears them while it is still being said, with what they commit to:
        facts whose two ends have been named with something between them. Where the ends stand side by side ("Ana and
        Tom …"), or the speaker or a pronoun for one of them has not come up yet, the fact is neither taught nor taught
        against: `unsure`."""
        words = [m.end() for m in re.finditer(r'\S+', r['text'])]
        if len(words) < 6 or r['links'] or r['act'] == 'social' or 'query' in r:
            return r
        at = words[self.rng.randrange(2, len(words) - 1)]
        if any(x['start'] < at < x['end'] for k in ('entities', 'coref') for x in r[k]):
            return r
        text = r['text'][:at]
        last = {}
        for e in r['entities']:
            if e['end'] <= at:
                last[e['text']] = e
        for c in r['coref']:
            if c['end'] <= at:
                last.setdefault(c['refers_to'], c)
        beyond = {e['text'] for e in r['entities'] if e['end'] > at} - set(last)
        later = {c['refers_to'] for c in r['coref'] if c['end'] > at} - set(last)
        me = re.search(r"(?<!\w)(i|me|my|mine|myself|we|us|our|ours|im|ive)(?!\w)", text.lower())
        kept, unsure = [], []
        for t in r['relations']:
            ends = [t['subject'], t['object']]
            if beyond & set(ends):
                continue
            t = {k: v for k, v in t.items() if k != 'when' or v not in beyond}
            spans = sorted((last[x]['start'], last[x]['end']) for x in ends if x in last)
            bare = len(spans) == 2 and not re.search(r'\w', re.sub(r'\b(and|or)\b', '', text[spans[0][1]:spans[1][0]]))
            said = t['relation'] != 'open' or any(lemma(w) in t['predicate'].lower().split() or w in t['predicate'].lower().split()
                                                  for w in re.findall(r"\w+", text.lower()))
            (unsure if bare or not said or later & set(ends) or 'USER' in ends and not me else kept).append(t)
        out = dict(r, text=text, cut=at, vector=None, relations=kept, unsure=unsure,
                   sentences=[dict(s, end=min(s['end'], at)) for s in r['sentences'] if s['start'] < at])
        for k in ('entities', 'coref'):
            out[k] = [x for x in r[k] if x['end'] <= at]
        if self.rng.random() < 0.2:   # recognisers close what they have not heard the end of
            out['text'] += self.rng.choice(('.', '...'))
            out['sentences'][-1]['end'] = len(out['text'])
        heard = ' '.join([*r['context'], text]).lower()
        if any(name.lower() not in heard for c in out['coref'] for name in c['refers_to'].split(' and ')):
            return r   # a pronoun before its noun
        return out

    def drop_context(self, r):
        """Drops context that nothing points to, or puts a stranger's line before it."""
        x = self.rng.random()
        if r['links'] or x > 0.3:
            return r
        low = ' '.join(r['context']).lower()
        names = {e['text'] for e in r['entities']}
        if x < 0.15 and r['context'] and not outside(r) and not any(n.lower() in low for n in names):
            first = dict(r['sentences'][0], topic_shift=False)
            return dict(r, context=[], sentences=[first] + r['sentences'][1:])
        if x >= 0.15 and len(r['context']) < 3 and self.contexts:
            extra = self.rng.choice(self.contexts)
            if not r['context'] and any(s['topic_shift'] for s in r['sentences']):
                return r
            if not any(n.lower() in extra.lower() for n in names):
                return dict(r, context=[extra] + r['context'])
        return r
