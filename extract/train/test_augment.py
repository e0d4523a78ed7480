"""A changed record is still a record of the guide: nothing points beside its words. Standard library only."""
import unittest

from augment import Augmenter, edit
from test_corpus import records
from validate import Checker


class Augment(unittest.TestCase):
    def test_edits_move_spans(self):
        text, spans = edit('Ann met Bob.', [(0, 3, 'Marta'), (11, 12, '')], [(0, 3), (8, 11), (0, 12)])
        self.assertEqual(text, 'Marta met Bob')
        self.assertEqual([text[a:b] for a, b in spans], ['Marta', 'Bob', 'Marta met Bob'])

    def test_what_is_put_in_before_a_span_stays_outside_of_it(self):
        text, spans = edit('so Bob ran', [(3, 3, 'um ')], [(3, 6), (0, 2)])
        self.assertEqual([text[a:b] for a, b in spans], ['Bob', 'so'])

    def test_augmented_records_keep_to_the_guide(self):
        all_records = list(records('corpus'))
        augment, checker, changed = Augmenter(all_records, 5), Checker(), 0
        for r in all_records:
            new = augment(r)
            changed += new['text'] != r['text']
            checker.where, checker.seen = r['id'], set()
            checker.record(new)
        serious = [e for e in checker.errors if 'leading determiner' not in e]
        # A name that is also part of an unannotated one may be torn: one record in two thousand.
        self.assertLess(len(serious), len(all_records) // 1000, serious[:10])
        self.assertGreater(changed, len(all_records) // 3)


if __name__ == '__main__':
    unittest.main()
