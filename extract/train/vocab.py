#!/usr/bin/env python3
"""The vocabulary that ships: the start model's, without pieces that English speech never needs.

    vocab.py START/vocab.txt OUT.txt

Placeholders and pieces of other scripts go (2,559 of 30,522: one megabyte of the encoder), everything
else keeps its order. `rows` tells which rows of the start model's embedding the new ids are.
"""
import sys
import unicodedata


def needed(piece):
    if piece.startswith('[unused'):
        return False
    return not any(ord(c) > 0x24f and unicodedata.category(c)[0] in 'LMN' for c in piece)


def lines(path):
    return [x.rstrip('\n') for x in open(path, encoding='utf-8')]


def rows(start, ours):
    """Row of each piece of the vocabulary file `ours` in the vocabulary file `start`."""
    at = {p: i for i, p in enumerate(lines(start))}
    return [at[p] for p in lines(ours)]


if __name__ == '__main__':
    kept = [p for p in lines(sys.argv[1]) if needed(p)]
    open(sys.argv[2], 'w', encoding='utf-8').write(''.join(p + '\n' for p in kept))
