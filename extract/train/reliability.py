#!/usr/bin/env python3
"""Whether confidences mean what they say; the program's extract/reliability.go does the same. Standard library only.

    reliability.py GOLD.jsonl PREDICTED.jsonl

Prints the expected calibration error of the relations (Naeini and others, 2015; ten bins of equal count).
"""
import sys
import zlib

from score import alias_map, load, norm, rel_key


def judged(gold, predicted):
    """{'entity' | 'coref' | 'relation': [(confidence, label, right, domain)]} of what was told."""
    out = dict(entity=[], coref=[], relation=[])
    for g, p in zip(gold, predicted):
        al = alias_map(g)
        named = {(norm(e['text']), e['type']) for e in g['entities']}
        out['entity'] += [(e.get('confidence', 0.0), e['type'], (norm(e['text']), e['type']) in named, g['domain']) for e in p['entities']]
        who = {(c['start'], c['end'], al.get(norm(c['refers_to']), norm(c['refers_to']))) for c in g['coref']}
        out['coref'] += [(c.get('confidence', 0.0), '', (c['start'], c['end'], al.get(norm(c['refers_to']), norm(c['refers_to']))) in who,
                          g['domain']) for c in p['coref']]
        facts = {rel_key(t, al) for t in g['relations']}
        out['relation'] += [(t.get('confidence', 0.0), t['relation'], rel_key(t, al) in facts, g['domain']) for t in p['relations']]
    return out


def error(seen, bins=10):
    """Expected calibration error: the mean distance of confidence and share of right ones, over bins of equal count."""
    order = sorted((s[0], s[2]) for s in seen)
    total = 0.0
    for k in range(bins):
        part = order[len(order) * k // bins:len(order) * (k + 1) // bins]
        if part:
            total += abs(sum(p for p, _ in part) - sum(y for _, y in part))
    return total / max(1, len(order))


def reported(record):
    """Whether a record is in the half of the tuning set that no confidence is fitted on."""
    return record['id'].startswith('dev-') and zlib.crc32(('calibration ' + record['id']).encode()) % 2 == 1


def main(argv):
    gold, predicted = load(argv[1]), load(argv[2])
    both = [i for i in gold if i in predicted]
    print(f"{error(judged([gold[i] for i in both], [predicted[i] for i in both])['relation']):.4f}")


if __name__ == '__main__':
    main(sys.argv)
