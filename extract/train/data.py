"""Records of the guide's format to training examples: pieces, words, mentions, pair labels.

An example holds plain lists; `collate` pads a batch of them into tensors. Everything a
record says is translated to words (outputs of BERT's basic tokeniser), of which the first
piece speaks. The order of pieces is

    context 1 [SEP] context 2 [SEP] ... [CLS] text [SEP]

and the position of the first piece of the text is always TEXT_AT, so that position alone
tells context from text (the runtime has no segment ids).
"""
import json
import re
import unicodedata
from collections import Counter, defaultdict

import torch
from tokenizers import BertWordPieceTokenizer

from labels import *
from verbs import lemma

MAX_CONTEXT, MAX_TEXT = 200, 250
DETERMINERS = re.compile(r'^(the|a|an|my|our|your|his|her|its|their|this|that|these|those)\s+')
TAG_ID = {t: i for i, t in enumerate(TAGS)}
TYPE_ID = {t: i for i, t in enumerate(TYPES)}
REL_ID = {t: i for i, t in enumerate(RELATIONS)}
STOP = set("""the a an and or but so of to in on at for with from by is are was were be been am do does did
have has had i you he she it we they me him her us them my your his its our their this that these those what
who when where why how not no yes if then than as there here . , ? ! ' " - ; : s t m re ve ll d just really
very well oh um uh""".split())


def norm(t):
    """The comparison form of the guide's section 7."""
    t = unicodedata.normalize('NFKC', t or '').lower().replace('’', "'")
    t = re.sub(r'\s+', ' ', t).strip().strip('.,;:!?"“”()')
    if t != 'user':
        t = DETERMINERS.sub('', t)
    return re.sub(r"'s$", '', t).strip()


def read(paths):
    """All records of JSON Lines files, in order."""
    return [json.loads(line) for p in paths for line in open(p, encoding='utf-8') if line.strip()]


def plain(s):
    """Lower case without accents, as the tokenizer sees a word."""
    return ''.join(c for c in unicodedata.normalize('NFD', s.lower()) if unicodedata.category(c) != 'Mn')


class Word:
    __slots__ = 'start end text piece part'.split()  # code points in its utterance; part: -1 = text, else context

    def __init__(self, start, end, text, piece, part):
        self.start, self.end, self.text, self.piece, self.part = start, end, text, piece, part


class Reader:
    """Cuts texts into pieces and words."""

    def __init__(self, vocab):
        self.tok = BertWordPieceTokenizer(str(vocab), lowercase=True)
        self.cls, self.sep = self.tok.token_to_id('[CLS]'), self.tok.token_to_id('[SEP]')
        self.cache = {}

    def pieces(self, text):
        """Piece ids, and per word (start, end, lower-case form, index of its first piece)."""
        if text in self.cache:
            return self.cache[text]
        e = self.tok.encode(text, add_special_tokens=False)
        words = []
        for i, (w, (a, b)) in enumerate(zip(e.word_ids, e.offsets)):
            if words and words[-1][4] == w:
                words[-1][1] = b
            else:
                words.append([a, b, None, i, w])
        words = [(a, b, plain(text[a:b]), i) for a, b, _, i, _ in words]
        if len(self.cache) < 60000:
            self.cache[text] = (e.ids, words)
        return e.ids, words

    def layout(self, context, text):
        """Ids, words and the index of [CLS] for one input; of the oldest context the last words stay where it does not fit."""
        parts, room = [], MAX_CONTEXT
        for k in range(len(context) - 1, -1, -1):
            ids, words = self.pieces(context[k])
            if len(ids) + 1 > room:   # of a context that does not fit the last words stay
                words = [w for w in words if len(ids) - w[3] < room] if room > 20 else []
                if not words:
                    break
                at = words[0][3]
                ids, words = ids[at:], [(a, b, t, i - at) for a, b, t, i in words]
            room -= len(ids) + 1
            parts.insert(0, (k, ids, words))
        ids, out = [], []
        for k, piece_ids, words in parts:
            out += [Word(a, b, t, len(ids) + i, k) for a, b, t, i in words]
            ids += piece_ids + [self.sep]
        cls = len(ids)
        piece_ids, words = self.pieces(text)
        ids += [self.cls]
        out += [Word(a, b, t, len(ids) + i, -1) for a, b, t, i in words if i < MAX_TEXT]
        ids += piece_ids[:MAX_TEXT] + [self.sep]
        return ids, out, cls


class Lexicon:
    """What type a name of the context has: the corpus says it elsewhere, or its last word does."""

    def __init__(self, records):
        whole, last = defaultdict(Counter), defaultdict(Counter)
        for r in records:
            for e in r['entities']:
                n = norm(e['text'])
                whole[n][e['type']] += 1
                if n:
                    last[n.split()[-1]][e['type']] += 1
        self.whole = {k: v.most_common(1)[0][0] for k, v in whole.items()}
        self.last = {k: v.most_common(1)[0][0] for k, v in last.items()}

    def type(self, name, people):
        n = norm(name)
        if n in self.whole:
            return self.whole[n]
        if n and n.split()[-1] in self.last:
            return self.last[n.split()[-1]]
        return 'PERSON' if people else 'CONCEPT'


def matches(words, part, needle):
    """Word spans (first, last) of one part whose words spell needle (a list of word forms)."""
    out, n = [], len(needle)
    for i in range(len(words) - n + 1):
        if words[i].part == part and words[i + n - 1].part == part and all(
                words[i + k].text == needle[k] for k in range(n)):
            out.append((i, i + n - 1))
    return out


def cover(words, start, end):
    """The span of text words that code points start..end touch, or None."""
    hit = [i for i, w in enumerate(words) if w.part == -1 and w.start < end and w.end > start]
    return (hit[0], hit[-1]) if hit else None


def split_sentences(text):
    """Code point spans of the sentences of a punctuated text."""
    spans, at = [], 0
    for m in re.finditer(r'[.!?]+["”’)]*(?=\s|$)', text):
        spans.append((at, m.end()))
        at = m.end()
    if text[at:].strip():
        spans.append((at, len(text)))
    return spans


PEOPLE = set('spouse_of sibling_of relative_of friend_of colleague_of knows parent_of works_at works_as'.split())


def example(r, reader, lexicon):
    """One training example of a record: a dict of lists over its words."""
    ids, words, cls = reader.layout(r['context'], r['text'])
    n = len(words)
    first = next((i for i, w in enumerate(words) if w.part == -1), n)
    ex = dict(ids=ids, first=TEXT_AT - 1 - cls, cls=cls, piece=[w.piece for w in words], text_from=first,
              id=r['id'], words=words)
    kept = {w.part for w in words}

    # Entities: every place where one is named is a mention of it.
    tags, weight = [0] * n, [1.0] * n
    mentions, entity_of, types = [], {}, []   # mention: (first word, last word, kind, entity)
    taken = [False] * n

    def mark(a, b, kind, ent):
        if any(taken[a:b + 1]):
            return False
        for i in range(a, b + 1):
            taken[i] = True
            tags[i] = TAG_ID[('B-' if i == a else 'I-') + TYPES[kind]]
        mentions.append((a, b, kind, ent))
        return True

    def entity(name, kind):
        entity_of[norm(name)] = len(types)
        types.append(kind)
        return len(types) - 1

    own = sorted(r['entities'], key=lambda e: e['start'] - e['end'])  # longer ones first
    for e in own:
        ent = entity(e['text'], TYPE_ID[e['type']])
        span = cover(words, e['start'], e['end'])
        if span:
            mark(*span, TYPE_ID[e['type']], ent)
    for e in own:
        needle = [t for _, _, t, _ in reader.pieces(e['text'])[1]]
        ent = entity_of[norm(e['text'])]
        for part in kept:
            for a, b in matches(words, part, needle):
                if len(needle[0]) > 1 and needle[0] not in STOP:
                    mark(a, b, types[ent], ent)

    def outside(name, people):
        """The entity that a name stands for; names of the context become entities now."""
        key = norm(name)
        if key in entity_of:
            return entity_of[key]
        needle = [t for _, _, t, _ in reader.pieces(name)[1]]
        spans = [s for k in sorted(kept - {-1}) for s in matches(words, k, needle)]
        if not spans:
            short = [t for _, _, t, _ in reader.pieces(key)[1]]
            spans = [s for k in sorted(kept - {-1}) for s in matches(words, k, short)] if short else []
        if not spans:
            return None
        kind = TYPE_ID[lexicon.type(name, people)]
        ent = entity(name, kind)
        return ent if any([mark(a, b, kind, ent) for a, b in spans]) else None

    facts = [(t, False) for t in r['relations']] + [(t, True) for t in r.get('query', [])]
    for t, _ in facts:
        for x in (t['subject'], t['object'], t.get('when')):
            if x and x not in ('USER', '?'):
                outside(x, t['relation'] in PEOPLE)

    # Third-person mentions.
    men, refs = [0] * n, []
    for c in r['coref']:
        span = cover(words, c['start'], c['end'])
        if not span:
            continue
        a, b = span
        head = c['end'] < words[b].end
        for i in range(a, b + 1):
            men[i] = 3 if head and a == b else 1 if i == a else 2
        ents = [outside(c['refers_to'], True)]
        if ents[0] is None:
            ents = [outside(x, True) for x in re.split(r', | and ', c['refers_to'])]
        refs.append((a, b, [e for e in ents if e is not None]))
    for a, b, ents in refs:
        for e in ents:
            mentions.append((a, b, PRONOUN, e))

    for i in range(n):
        if words[i].part >= 0 and tags[i] == 0:
            weight[i] = 1.0 if words[i].text in STOP else 0.3
    user, asked = len(types), len(types) + 1
    mentions.append((-1, -1, USER, user))        # [CLS]
    mentions += [(i, i, USER, user) for i in range(first, n) if words[i].text in FIRST_PERSON]
    mentions.append((-2, -2, ASKED, asked))      # the unknown of a question

    def end(name):
        return user if name == 'USER' else asked if name == '?' else entity_of.get(norm(name))

    pairs = []   # (subject, object, relation, negated, status, asked, when, verb, particle, be)
    for t, q in facts:
        s, o = end(t['subject']), end(t['object'])
        if s is None or o is None or s == o:
            continue
        verb, part, be = predicate(t, words, first)
        pairs.append((s, o, REL_ID[t['relation']], int(bool(t.get('negated'))),
                      STATUS.index(t.get('status', 'current')), int(q),
                      entity_of.get(norm(t['when']), -1) if 'when' in t else -1, verb, part, be))
    ex.update(tags=tags, weight=weight, men=men, mentions=mentions, types=types, refs=refs, pairs=pairs, user=user,
              asked=asked, act=-100 if r.get('cut') else ACTS.index(r['act']), domain=DOMAINS.index(r['domain']),
              vector=r.get('vector'))
    # Facts that a text cut short may or may not have told yet.
    ex['unsure'] = {(end(t['subject']), end(t['object'])) for t in r.get('unsure', [])}
    ex.update(sentences(r, words, first))
    return ex


def form(words, i):
    """A word as the lemmatiser wants it: a clitic keeps its apostrophe."""
    clitic = i and words[i - 1].text in "'’" and words[i].text in ('s', 'm', 're', 've', 'd', 'll')
    return "'" + words[i].text if clitic else words[i].text


def predicate(t, words, first):
    """Where the words of an open relation's predicate stand: verb, particle (word index or -1), and
    1 if it is "be" with a complement (then verb points at the complement)."""
    if t['relation'] != 'open' or not t.get('predicate', '').split():
        return -1, -1, 0
    p = t['predicate'].lower().split()
    be = int(p[0] == 'be' and len(p) > 1)
    head, rest = (p[1], p[2:]) if be else (p[0], p[1:])
    verb = next((i for i in range(first, len(words)) if words[i].text == head), -1)
    if verb < 0 or not be:
        verb = next((i for i in range(first, len(words)) if lemma(form(words, i)) == head), verb)
    part = -1
    if rest and verb >= 0:
        part = next((i for i in range(verb + 1, len(words)) if words[i].text == rest[0]), -1)
    return verb, part, be


def sentences(r, words, first):
    """Sentence ends by word, and the text's sentences with role, shift and links."""
    n = len(words)
    ends, known = [0] * n, [0] * n
    spans = []
    for s in r['sentences']:
        hit = [i for i in range(first, n) if words[i].start >= s['start'] and words[i].end <= s['end']]
        spans.append((hit[0], hit[-1]) if hit else None)
        if hit:
            ends[hit[-1]] = 1
    for i in range(first, n):
        known[i] = 1
    for i in range(first, n):
        if r.get('cut') and words[i].end >= r['cut']:   # nobody knows whether the sentence ends here
            known[i] = 0
    counts = r.get('context_sentences')
    all_spans = []
    for k, c in enumerate(r['context']):
        idx = [i for i in range(first) if words[i].part == k]
        cut = split_sentences(c)
        if counts and k < len(counts) and len(cut) != counts[k]:
            cut = [(0, len(c))] if counts[k] == 1 else None
        if not idx or cut is None:
            all_spans += [None] * (counts[k] if counts and k < len(counts) else 1)
            continue
        for a, b in cut:
            hit = [i for i in idx if words[i].start >= a and words[i].end <= b]
            all_spans.append((hit[0], hit[-1]) if hit else None)
            if hit:
                ends[hit[-1]] = 1
        for i in idx:
            known[i] = 1
    before = len(all_spans)
    all_spans += spans
    links = {(x['from'], x['to']): LINKS.index(x['kind']) for x in r['links']}
    usable = not r['context'] or counts is not None or not links
    return dict(ends=ends, ends_known=known, spans=all_spans, before=before,
                roles=[-100 if r.get('cut') else ROLES.index(s['role']) for s in r['sentences']],
                shifts=[-100 if r.get('cut') else int(bool(s['topic_shift'])) for s in r['sentences']],
                links=links if usable else None)


def collate(batch):
    """Tensors of a batch for the encoder; the rest stays in the examples."""
    width = max(len(x['ids']) for x in batch)
    words = max(len(x['piece']) for x in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros(len(batch), width, dtype=torch.bool)
    pos = torch.zeros(len(batch), width, dtype=torch.long)
    piece = torch.zeros(len(batch), words, dtype=torch.long)
    there = torch.zeros(len(batch), words, dtype=torch.bool)
    cls = torch.tensor([x['cls'] for x in batch])
    for b, x in enumerate(batch):
        k = len(x['ids'])
        ids[b, :k] = torch.tensor(x['ids'])
        mask[b, :k] = True
        pos[b, :k] = torch.arange(x['first'], x['first'] + k)
        piece[b, :len(x['piece'])] = torch.tensor(x['piece'], dtype=torch.long)
        there[b, :len(x['piece'])] = True
    return dict(ids=ids, mask=mask, pos=pos, piece=piece, there=there, cls=cls)
