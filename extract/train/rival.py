#!/usr/bin/env python3
"""Times a generative model that writes the same facts as JSON under a grammar beside the extractor, on the same sentences.

    rival.py MODEL.gguf [--sentences 40]     (./build.sh rival MODEL.gguf builds what it needs)

The model is shown the guide's labels and three records of the corpus, then every sentence with its context. Its opening is
read once and kept, so only what a new sentence costs is timed. Both read one sentence after the other on two threads.
"""
import argparse
import json
import re
import statistics
import subprocess
import zlib
from pathlib import Path

import score
from labels import *
from train import HERE, ROOT, corpus

SHOWN = ('home-0001', 'work-0137', 'desk-0060')
TASK = ('You turn one spoken utterance into facts. Reply with one JSON object: "act" is one of ' + ', '.join(ACTS) + '. "entities" '
        'are the things named, each with "text" as said (without article or possessive) and "type", one of ' + ', '.join(TYPES) +
        '. "coref" are third-person pronouns, each with "text" and "refers_to", the name it means. "relations" are the facts that '
        'the speaker commits to: "subject" and "object" are texts of entities (also of the context) or USER for the speaker; '
        '"relation" is one of ' + ', '.join(RELATIONS) + '; "predicate" is the base verb if the relation is open, else ""; '
        '"negated" is true or false; "status" is current, past or planned. No facts from questions, wishes or conditions.')


def grammar():
    """The JSON that the model may write, as GBNF."""
    def either(words):
        return ' | '.join(f'"\\"{w}\\""' for w in words)

    def listed(name):
        return f'"[" ( {name} ( ", " {name} )* )? "]"'
    return '\n'.join((
        f'root ::= "{{\\"act\\": " act ", \\"entities\\": " {listed("entity")} ", \\"coref\\": " {listed("mention")} '
        f'", \\"relations\\": " {listed("fact")} "}}"',
        'entity ::= "{\\"text\\": " string ", \\"type\\": " type "}"',
        'mention ::= "{\\"text\\": " string ", \\"refers_to\\": " string "}"',
        'fact ::= "{\\"subject\\": " string ", \\"relation\\": " relation ", \\"object\\": " string ", \\"predicate\\": " string '
        '", \\"negated\\": " ("true" | "false") ", \\"status\\": " status "}"',
        f'act ::= {either(ACTS)}', f'type ::= {either(TYPES)}', f'relation ::= {either(RELATIONS)}', f'status ::= {either(STATUS)}',
        r'string ::= "\"" [^"\\\x00-\x1f]* "\""'))


def written(r):
    """A record as the model should write it."""
    return json.dumps(dict(
        act=r['act'], entities=[dict(text=e['text'], type=e['type']) for e in r['entities']],
        coref=[dict(text=c['text'], refers_to=c['refers_to']) for c in r['coref']],
        relations=[dict(subject=t['subject'], relation=t['relation'], object=t['object'], predicate=t.get('predicate', ''),
                        negated=bool(t.get('negated')), status=t.get('status', 'current')) for t in r['relations']]),
        ensure_ascii=False)


def turn(r):
    before = ''.join(f'Before: {c}\n' for c in r['context'])
    return f'<|im_start|>user\n{before}Utterance: {r["text"]}<|im_end|>\n<|im_start|>assistant\n'


def prompts(records, shown):
    opening = f'<|im_start|>system\n{TASK}<|im_end|>\n' + ''.join(turn(r) + written(r) + '<|im_end|>\n' for r in shown)
    return '\x1e'.join([opening] + [turn(r) for r in records])


def record(given, text):
    """What the model wrote, as a record; what was cut off before its end counts as nothing."""
    r = dict(given, act='statement', entities=[], coref=[], relations=[], sentences=[], links=[])
    try:
        r.update(json.loads(text))
    except ValueError:
        return r
    at = 0
    for c in r['coref']:
        found = r['text'].lower().find(c['text'].lower(), at)
        c.update(start=max(0, found), end=max(0, found) + len(c['text']))
        at = c['end']
    return r


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('model', type=Path)
    a.add_argument('--sentences', type=int, default=40)
    a.add_argument('--out', type=Path, default=ROOT / '.build/rival')
    opt = a.parse_args()
    opt.out.mkdir(parents=True, exist_ok=True)
    gold = sorted(corpus([HERE / 'dev']), key=lambda r: zlib.crc32(r['id'].encode()))[:opt.sentences]
    shown = [r for r in corpus([HERE / 'corpus']) if r['id'] in SHOWN]
    given = [{k: r[k] for k in ('id', 'domain', 'context', 'text')} for r in gold]
    (opt.out / 'grammar.gbnf').write_text(grammar() + '\n')
    (opt.out / 'gold.jsonl').write_text(''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in gold))
    rival = subprocess.Popen([str(opt.out / 'rival'), str(opt.model), str(opt.out / 'grammar.gbnf'), '2'],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8', errors='replace')
    try:
        rival.stdin.write(prompts(given, shown))
        rival.stdin.close()
    except BrokenPipeError:   # it says itself why it ended
        pass
    times, out = [], []
    for g, line in zip(given, rival.stdout):
        ms, _, text = line.partition('\t')
        times.append(float(ms))
        out.append(record(g, text.strip()))
        print(f'\r{len(out)} of {len(given)} sentences', end='', flush=True)
    if rival.wait() or len(out) != len(given):
        raise SystemExit('the model stopped early; its reason stands above')
    (opt.out / 'written.jsonl').write_text(''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in out))
    print('\nwhat the model wrote:')
    score.main(['score', str(opt.out / 'gold.jsonl'), str(opt.out / 'written.jsonl')])
    ours = subprocess.run([str(ROOT / 'bin/hotmem'), 'eval', str(opt.out / 'gold.jsonl')], check=True, capture_output=True,
                          text=True).stdout
    print('what the extractor read:', ours, sep='\n')
    mine, theirs = float(re.search(r'p50 ([0-9.]+) ms', ours)[1]), statistics.median(times)
    print(f'a sentence: {theirs:.0f} ms (median; {min(times):.0f} to {max(times):.0f}) against {mine:.1f} ms: {theirs / mine:.0f} times')


if __name__ == '__main__':
    main()
