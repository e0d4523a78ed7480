package graphstore

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
)

// compareFields orders two lists of fields as their keys must be ordered.
func compareFields(a, b []field) int {
	return slices.CompareFunc(a, b, func(x, y field) int {
		switch x := x.(type) {
		case num:
			return cmp.Compare(x, y.(num))
		case text:
			return cmp.Compare(x, y.(text))
		case flag:
			return bytes.Compare(x.appendTo(nil), y.(flag).appendTo(nil))
		}
		panic("unknown field")
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(uint64(1), "works_at", "", uint64(2), true, uint64(1), "works_at", "a", uint64(2), false)
	f.Add(uint64(1), "a", "b", uint64(2), true, uint64(1), "a\x00", "b", uint64(2), true)
	f.Add(uint64(1), "", "\x00\x01", uint64(256), false, uint64(255), "\x00", "\xff", uint64(2), true)
	f.Fuzz(func(t *testing.T, s1 uint64, r1, p1 string, o1 uint64, n1 bool, s2 uint64, r2, p2 string, o2 uint64, n2 bool) {
		a := []field{num(s1), text(r1), text(p1), num(o1), flag(n1)}
		b := []field{num(s2), text(r2), text(p2), num(o2), flag(n2)}
		ka, kb := key(keyFact, a...), key(keyFact, b...)
		if have, want := cmp.Compare(ka, kb), compareFields(a, b); have != want {
			t.Errorf("%v and %v: keys compare %d, fields %d", a, b, have, want)
		}
		prefix, fields, err := parseKey([]byte(ka))
		if err != nil || prefix != keyFact || compareFields(fields, a) != 0 {
			t.Errorf("%v came back as %v, %v", a, fields, err)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	for prefix := range layout {
		f.Add([]byte{prefix, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2})
	}
	f.Add([]byte("aanna\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		prefix, fields, err := parseKey(b)
		if err == nil && key(prefix, fields...) != string(b) {
			t.Errorf("%q reads as %v, which writes as %q", b, fields, key(prefix, fields...))
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"the bakery", "My sister's", "A", "“Dune”", "ﷺ", "\xff", "it's"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := normalName(s)
		if n == "" && fold(s) != "" {
			t.Errorf("%q lost its name", s)
		}
		if len(shortened(n)) > 512 {
			t.Errorf("%q makes a key of %d bytes", s, len(shortened(n)))
		}
	})
}

func TestKeysOfEachLayoutComeBack(t *testing.T) {
	values := map[rune][]field{'u': {num(0), num(1), num(1 << 63)}, 's': {text(""), text("a\x00b"), text("é")}, 'b': {flag(false), flag(true)}}
	for prefix, l := range layout {
		for i := range 3 {
			var fields []field
			for _, kind := range l.fields {
				fields = append(fields, values[kind][i%len(values[kind])])
			}
			p, back, err := parseKey([]byte(key(prefix, fields...)))
			if err != nil || p != prefix || compareFields(fields, back) != 0 {
				t.Errorf("%q %v came back as %v, %v", prefix, fields, back, err)
			}
		}
	}
}
