#!/usr/bin/env python3
"""Writes what the Go tokenizer is held to: ../testdata/tokens.tsv and ../testdata/tokens-samples.jsonl,
and a small file for the reader of safetensors, ../testdata/kit.safetensors.

  golden.py

It tokenises the text of every T and C line of the corpus with Hugging Face's tokenizer over
../../assets/models/vocab.txt. tokens.tsv has a SHA-256 for each file, over one line per text with
`id:start:end` of each piece; the samples have the pieces in full, so that a failure can be read.
"""
import hashlib
import json
import random
from pathlib import Path

import numpy
from safetensors.numpy import save_file
from tokenizers import BertWordPieceTokenizer

HERE = Path(__file__).resolve().parent
STRANGE = [  # what speech recognition or a keyboard may hand in beyond plain English
    'Café au lait, naïve façade, Ångström & Ærøskøbing', 'cafe\u0301 de\u0301ja\u0300 vu', 'ZOË İSTANBUL ẞ straße ﬁne ½ ²',
    '東京タワーで会った 我爱你 한국어 텍스트', 'שלום עולם مرحبا بالعالم', 'emoji 😀👩‍👩‍👧 🇩🇪 ok👍🏽done', 'a\u200bb\u00adc\ufeffd e\u2028f\u00a0g\u3000h',
    'x\x00y\x07z\ttab\nline\r\nend', '“quoted” ‘single’ – dash — em … dots', "don't can't I'm we've they'd o'clock rock'n'roll",
    'http://example.com/a_b?c=d&e=f#g', 'anna.smith+test@example.co.uk', '$40.50 £3 €7 ¥100 50% 3/4 20°C', 'a' * 100, 'b' * 101, 'ab' * 60 + ' tail',
    'pneumonoultramicroscopicsilicovolcanoconiosis', '##ing ## # [ ] ^_`{|}~', 'СОБАКА Ёлка й', 'Ω μ Σίσυφος ΑΣ', '\u0301leading accent', '!!!???...,,,',
    '', ' ', '\u200b', 'é', 'ǅ ǆ Ǆ', 'ไทย ภาษา', 'हिन्दी में', 'Zürich\u0308s', '\U0001d400\U0001d401 math', 'ａｂｃ　１２３', '한\u1112\u1161\u11ab', '\ufffd bad \ufffd']


def texts(path):
    for line in path.read_text(encoding='utf-8').split('\n'):
        if line.startswith(('T:', 'C:')):
            yield line[2:].strip(' ')


def main():
    tok = BertWordPieceTokenizer(str(HERE.parent.parent / 'assets/models/vocab.txt'), lowercase=True)

    def pieces(text):
        e = tok.encode(text, add_special_tokens=False)
        return [[i, a, b] for i, (a, b) in zip(e.ids, e.offsets)]

    out, every = [], []
    for folder in ('corpus', 'corpus-sharealike', 'dev'):
        for path in sorted((HERE / folder).glob('*.txt')):
            digest, n = hashlib.sha256(), 0
            for text in texts(path):
                digest.update((' '.join(f'{i}:{a}:{b}' for i, a, b in pieces(text)) + '\n').encode())
                n += 1
                if folder == 'corpus':
                    every.append(text)
            out.append(f'{folder}/{path.name}\t{n}\t{digest.hexdigest()}\n')
    data = HERE.parent / 'testdata'
    (data / 'tokens.tsv').write_text(''.join(out), encoding='utf-8')
    samples = STRANGE + random.Random(1).sample(every, 50)
    (data / 'tokens-samples.jsonl').write_text(
        ''.join(json.dumps(dict(text=t, pieces=pieces(t))) + '\n' for t in samples), encoding='utf-8')
    numbers = numpy.array([[.5, -1], [1024, .0625]], dtype='float32')
    save_file(dict(wide=numbers, narrow=numbers.astype('float16'), ids=numpy.array([-1, 0, 30521], dtype='int32')),
              data / 'kit.safetensors', metadata=dict(made='golden'))
    print(f'{len(out)} files, {len(every)} texts of the corpus, {len(samples)} samples')


if __name__ == '__main__':
    main()
