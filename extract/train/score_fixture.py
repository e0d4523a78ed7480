#!/usr/bin/env python3
"""Writes ../testdata/score-*: gold records of the corpus, damaged predictions, and what score.py says of them.

  score_fixture.py

The Go scorer is tested against these figures. The damage is drawn from a fixed seed and has every
kind of slip that the scorer must judge: names with articles, quotes and other letter case, wrong
types and labels, swapped ends, aliases, doubled and lost triples, other verbs, lost records.
"""
import contextlib
import copy
import io
import json
import random
from pathlib import Path

import compact
import score

HERE = Path(__file__).resolve().parent
SETS = 'casual life work world mono argue acts trap asr raw dense cover ctx memo'.split()
TYPES = 'PERSON ANIMAL ORG PLACE PRODUCT CONCEPT TIME'.split()
LABELS = 'likes owns spouse_of knows friend_of also_called is_a open has_attribute'.split()


def blocks(path):
    out = []
    for line in path.read_text(encoding='utf-8').split('\n'):
        if line.startswith('@'):
            out.append([])
        if line.strip() and not line.startswith('#'):
            out[-1].append(line)
    return out


def gold(rng):
    records = []
    for name in SETS:
        every = [compact.record(b) for b in blocks(HERE / 'corpus' / f'{name}-1.txt')]
        for want in (lambda r: r['links'], lambda r: 'query' in r, lambda r: not r['relations'], lambda r: r.get('asr'),
                     lambda r: r['coref'], lambda r: any(t['relation'] == 'also_called' for t in r['relations']),
                     lambda r: any(s['topic_shift'] for s in r['sentences']), lambda r: r.get('complex')):
            fit = [r for r in every if want(r) and len(r['text']) < 260]
            if fit:
                records.append(dict(rng.choice(fit)))
    seen, out = set(), []
    for r in records:
        if r['text'] not in seen:
            seen.add(r['text'])
            r['id'] = f'fixture-{len(out) + 1:03d}'
            out.append({k: r[k] for k in compact.ORDER if k in r})
    return out


def disguise(rng, name):
    if name in ('USER', '?'):
        return name
    return rng.choice([name, name, name, name.upper(), 'the ' + name, 'My  ' + name, name + "'s", f'“{name}”', name + ' .', name + ' thing'])


def damage(rng, r):
    names = [e['text'] for e in r['entities']] + ['USER']
    for e in r['entities']:
        e['text'] = disguise(rng, e['text'])
        if rng.random() < .15:
            e['type'] = rng.choice(TYPES)
    r['entities'] = [e for e in r['entities'] if rng.random() < .85]
    for t in r['relations']:
        t['subject'], t['object'] = disguise(rng, t['subject']), disguise(rng, t['object'])
        if rng.random() < .2:
            t['subject'], t['object'] = t['object'], t['subject']
        if rng.random() < .15:
            t['relation'] = rng.choice(LABELS)
        if t['relation'] == 'open' and rng.random() < .5:
            t['predicate'] = rng.choice([t.get('predicate', 'be') + ' up', 'Give', ' '])
        if t['relation'] == 'open' and not t.get('predicate', '').strip():
            t.pop('predicate', None)
        if rng.random() < .1:
            t['negated'] = not t.get('negated', False)
        if rng.random() < .2:
            t['status'] = rng.choice(['past', 'planned', 'current'])
    r['relations'] = [t for t in r['relations'] if rng.random() < .85]
    if r['relations'] and rng.random() < .2:
        r['relations'].append(dict(rng.choice(r['relations'])))
    if rng.random() < .25:
        r['relations'].append(dict(subject=rng.choice(names), relation=rng.choice(LABELS[:-2]), object=rng.choice(names)))
    for c in r['coref']:
        c['refers_to'] = rng.choice([disguise(rng, c['refers_to']), rng.choice(names)])
        c['end'] -= rng.random() < .05
    r['coref'] += [dict(c) for c in r['coref'] if rng.random() < .1]
    for s in r['sentences']:
        s['start'] += rng.choice([0, 0, 3])
        s['end'] = max(s['start'], s['end'] - rng.choice([0, 0, 5]))
        s['role'] = rng.choice([s['role'], s['role'], 'claim', 'evidence'])
        s['topic_shift'] ^= rng.random() < .1
    r['sentences'] = [s for s in r['sentences'] if rng.random() < .95]
    r['act'] = rng.choice([r['act']] * 4 + ['statement', 'question'])
    r['links'] = [k for k in r['links'] if rng.random() < .8] + ([{'from': 1, 'to': 0, 'kind': 'attacks'}] if rng.random() < .1 else [])
    return r


def main():
    rng = random.Random(20)
    want = gold(rng)
    pred = [damage(rng, copy.deepcopy(r)) for r in want if rng.random() < .95]
    pred.append(dict(pred[0], id='nobody asked', act='social'))
    rng.shuffle(pred)
    data = HERE.parent / 'testdata'
    for name, records in (('gold', want), ('pred', pred)):
        (data / f'score-{name}.jsonl').write_text(
            ''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in records), encoding='utf-8')
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        score.main(['score.py', str(data / 'score-gold.jsonl'), str(data / 'score-pred.jsonl'), '--by-relation'])
    (data / 'score-golden.txt').write_text(said.getvalue(), encoding='utf-8')
    print(f'{len(want)} gold, {len(pred)} predicted')


if __name__ == '__main__':
    main()
