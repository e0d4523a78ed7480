#!/usr/bin/env python3
"""The base form of English verb forms, for the predicate of `open` relations.

    from verbs import lemma
    lemma('went') == 'go'; lemma('planned') == 'plan'; lemma("'m") == 'be'

  verbs.py --grow FILE.txt ...   adds the verbs of the corpus's predicates to ../verbs.txt
  verbs.py --share FILE.jsonl .. tells for how many `open` relations a word of the text has the lemma
  verbs.py --golden              prints the committed forms of ../testdata with their lemmas

The tables are ../verbs.tsv (irregular forms, by hand) and ../verbs.txt (known base forms). The
algorithm is that of ../verbs.go, step by step; both are held to the same list of forms by tests.
"""
import json
import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PREFIXES = 're un over under out mis pre co dis de'.split()


def tables():
    irregular, base = {}, set((HERE / 'verbs.txt').read_text(encoding='utf-8').split())
    for line in (HERE / 'verbs.tsv').read_text(encoding='utf-8').splitlines():
        verb, _, forms = line.partition('\t')
        base.add(verb)
        for form in forms.split():
            irregular.setdefault(form, verb)
    return irregular, base


IRREGULAR, BASE = tables()


def stems(w):
    """What w may be an inflected form of, the likeliest first."""
    if w.endswith('ies') and len(w) > 4:
        return [w[:-3] + 'y', w[:-1]]
    if w.endswith('s') and not w.endswith('ss') and len(w) > 3:
        return [w[:-1], w[:-2]] if w.endswith('es') else [w[:-1]]
    if w.endswith('ied') and len(w) > 4:
        return [w[:-3] + 'y', w[:-1], w[:-2]]
    if w.endswith('ed') and len(w) > 3:
        stem = w[:-2]
    elif w.endswith('ing') and len(w) > 4:
        stem = w[:-3]
    else:
        return []
    out = [stem + 'e', stem]
    if doubled(stem) or stem.endswith('ck'):
        out.append(stem[:-1])
    return out


def doubled(stem):
    return len(stem) > 2 and stem[-1] == stem[-2]


def guess(w):
    """The base form of a regular form whose verb is not known, by its spelling."""
    options = stems(w)
    if not options:
        return w
    if w.endswith('s'):
        hiss = w.endswith(('shes', 'ches', 'sses', 'xes', 'zzes', 'oes'))
        return options[1] if hiss else options[0]
    if w.endswith('ied'):
        return options[0]
    stem = options[1]
    if not any(c in 'aeiouy' for c in stem) or w.endswith('eed'):
        return w
    if len(options) > 2 and doubled(stem) and stem[-1] not in 'lsfz':
        return options[2]
    soft = stem[-1] in 'cvzu' or stem.endswith(('at', 'iz', 'ys', 'rs', 'ns', 'dg', 'rg', 'ng')) and len(stem) > 3
    soft = soft or stem[-1] == 'l' and stem[-2:-1] in tuple('bcdfgkpstz')  # mumble, google
    return options[0] if soft else stem


def lemma(form):
    """The base form of one verb form; a word that is no verb comes back as it is, in lower case."""
    w = form.lower().replace('\u2019', "'").strip("'")
    if w.endswith("n't"):
        w = w[:-3]
    if not w.isascii() or "'" in w:
        return w
    if w in IRREGULAR:
        return IRREGULAR[w]
    if w in BASE:
        return w
    for known in stems(w):
        if known in BASE:
            return known
    # A prefix changes nothing in how a verb is inflected: reheated, outgrew, unmade.
    for m in filter(None, (re.match(p + '-?', w) for p in PREFIXES)):
        rest = w[m.end():]
        inner = IRREGULAR.get(rest) or next((s for s in stems(rest) if s in BASE), '')
        if len(rest) > 2 and inner:
            return m[0] + inner
    return guess(w)


def grow(files):
    found = set()
    for name in files:
        for line in open(name, encoding='utf-8'):
            m = re.search(r'\|\s*pred=\s*([a-z]+)', line)
            if m:
                found.add(m[1])
    # A verb that is an inflected form of a known one ("based") is not a base form.
    known = BASE | {w for w in found if not any(s in BASE | found for s in stems(w))}
    kept = sorted(w for w in known if w not in IRREGULAR)
    (HERE / 'verbs.txt').write_text('\n'.join(kept) + '\n', encoding='utf-8')
    print(f'{len(kept)} verbs; not taken: {sorted(found - set(kept))}')


def share(files):
    """Where the verb of each predicate stands; what stands nowhere is said without a verb."""
    where, missing = Counter(), Counter()
    for name in files:
        for line in open(name, encoding='utf-8'):
            r = json.loads(line)
            said = [{lemma(w) for w in re.findall(r'\w+', s)} for s in (r['text'], ' '.join(r['context']))]
            for t in r['relations'] + r.get('query', []):
                if t['relation'] == 'open':
                    verb = t['predicate'].split()[0].lower()
                    place = 'text' if verb in said[0] else 'context' if verb in said[1] else 'nowhere'
                    where[place] += 1
                    missing[verb] += place == 'nowhere'
    for place, n in where.most_common():
        print(f'{place:8} {n:6} {n / where.total():.3f}')
    print('nowhere:', ', '.join(f'{v} {n}' for v, n in missing.most_common(30) if n))


def main(argv):
    if argv[:1] == ['--grow']:
        grow(argv[1:])
    elif argv[:1] == ['--share']:
        share(argv[1:])
    elif argv == ['--golden']:
        for line in (HERE / 'testdata' / 'verbs.tsv').read_text(encoding='utf-8').splitlines():
            form = line.split('\t')[0]
            print(f'{form}\t{lemma(form)}')
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main(sys.argv[1:])
