#!/usr/bin/env python3
"""Scores predicted records against gold ones by GUIDE.md, section 7.

  score.py GOLD.jsonl[,GOLD2...] PREDICTED.jsonl [--only relation|entity|...] [--errors N]

Both are JSON Lines in the guide's record format, matched by id.
"""
import collections, json, re, sys, unicodedata

SYM = {"spouse_of", "sibling_of", "relative_of", "friend_of", "colleague_of", "knows"}
ART = re.compile(r"^(the|a|an|my|our|your|his|her|its|their|this|that|these|those)\s+")


def norm(t):
    t = unicodedata.normalize("NFKC", t or "").lower().replace("’", "'")
    t = re.sub(r"\s+", " ", t).strip()
    t = t.strip(".,;:!?\"“”()")
    if t != "user":
        t = ART.sub("", t)
    t = re.sub(r"'s$", "", t)
    return t.strip()


def alias_map(rec):
    """Names joined by also_called in this record: each accepted for the other."""
    group = {}
    for r in rec.get("relations", []):
        if r["relation"] == "also_called" and not r.get("negated"):
            a, b = norm(r["subject"]), norm(r["object"])
            g = group.get(a, {a}) | group.get(b, {b})
            for x in g:
                group[x] = g
    return {k: min(v) for k, v in group.items()}


def rel_key(r, al, label=True, status=False):
    s, o = norm(r["subject"]), norm(r["object"])
    if r["relation"] != "also_called":
        s, o = al.get(s, s), al.get(o, o)
    if r["relation"] in SYM or (r["relation"] == "also_called"):
        s, o = sorted((s, o))
    neg = bool(r.get("negated"))
    k = [s, o, neg]
    if label:
        k.append(r["relation"])
        if r["relation"] == "open":
            k.append((r.get("predicate") or "?").lower().split()[0])
    else:
        k = sorted((s, o))
    if status:
        k.append(r.get("status", "current"))
    return tuple(map(str, k))


def prf(tp, np_, ng):
    p = tp / np_ if np_ else 0.0
    r = tp / ng if ng else 0.0
    return p, r, (2 * p * r / (p + r) if p + r else 0.0)


class Count:
    def __init__(self):
        self.tp = self.np = self.ng = 0

    def add(self, gold, pred):
        g, p = collections.Counter(gold), collections.Counter(pred)
        self.tp += sum((g & p).values())
        self.np += sum(p.values())
        self.ng += sum(g.values())

    def __str__(self):
        p, r, f = prf(self.tp, self.np, self.ng)
        return f"P {p:.3f} R {r:.3f} F1 {f:.3f}  (tp {self.tp}, predicted {self.np}, gold {self.ng})"

    @property
    def f1(self):
        return prf(self.tp, self.np, self.ng)[2]


def coref_keys(rec, names):
    out = []
    for c in rec.get("coref", []):
        ref = norm(c["refers_to"])
        out.append((c["start"], c["end"], names.get(ref, ref)))
    return out


def macro_f1(pairs):
    labels = {g for g, _ in pairs} | {p for _, p in pairs}
    fs = []
    for l in sorted(labels):
        tp = sum(g == l and p == l for g, p in pairs)
        fs.append(prf(tp, sum(p == l for _, p in pairs), sum(g == l for g, _ in pairs))[2])
    return sum(fs) / len(fs) if fs else 0.0


def load(paths):
    out = {}
    for path in paths.split(","):
        for line in open(path, encoding="utf-8"):
            if line.strip():
                r = json.loads(line)
                out[r["id"]] = r
    return out


def main(argv):
    gold, pred = load(argv[1]), load(argv[2])
    show = int(argv[argv.index("--errors") + 1]) if "--errors" in argv else 0
    c = collections.defaultdict(Count)
    acts, roles, shifts = [], [], []
    nonsense = predicted = missing = 0
    by_rel = collections.defaultdict(Count)
    for i, g in gold.items():
        p = pred.get(i)
        if p is None:
            missing += 1
            p = {}
        al = alias_map(g)
        ge = [(norm(e["text"]), e["type"]) for e in g.get("entities", [])]
        pe = [(norm(e["text"]), e["type"]) for e in p.get("entities", [])]
        c["entity"].add(set(ge), set(pe))
        c["entity (no type)"].add({a for a, _ in ge}, {a for a, _ in pe})
        gr = {rel_key(r, al) for r in g.get("relations", [])}
        pr = {rel_key(r, al) for r in p.get("relations", [])}
        c["relation"].add(gr, pr)
        for k in gr | pr:
            by_rel[k[3]].add([k] if k in gr else [], [k] if k in pr else [])
        c["relation, status"].add({rel_key(r, al, status=True) for r in g.get("relations", [])},
                                  {rel_key(r, al, status=True) for r in p.get("relations", [])})
        gp = {rel_key(r, al, label=False) for r in g.get("relations", [])}
        pp = {rel_key(r, al, label=False) for r in p.get("relations", [])}
        c["relation, pair only"].add(gp, pp)
        predicted += len(pr)
        nonsense += sum(1 for r in p.get("relations", []) if rel_key(r, al, label=False) not in gp)
        if g.get("complex"):
            c["relation, complex"].add(gr, pr)
        if g.get("asr"):
            c["relation, raw speech"].add(gr, pr)
        if not g.get("relations"):
            c["no-fact records: false triples"].np += len(pr)
        names = alias_map(g)
        c["coreference"].add(coref_keys(g, names), coref_keys(p, names))
        acts.append((g["act"], p.get("act", "-")))
        gs, ps = g.get("sentences", []), p.get("sentences", [])
        for k, s in enumerate(gs):
            # A predicted sentence is matched by its middle, so small differences of splitting do no harm.
            mid = (s["start"] + s["end"]) / 2
            m = next((x for x in ps if x["start"] <= mid < x["end"]), {})
            roles.append((s["role"], m.get("role", "-")))
            shifts.append((bool(s["topic_shift"]), bool(m.get("topic_shift"))))
        c["links"].add({(l["from"], l["to"], l["kind"]) for l in g.get("links", [])},
                       {(l["from"], l["to"], l["kind"]) for l in p.get("links", [])})
        if show and (gr != pr):
            show -= 1
            print(f"--- {i}: {g['text']}\n    context: {g.get('context')}")
            for k in sorted(gr - pr):
                print("    missed ", k)
            for k in sorted(pr - gr):
                print("    extra  ", k)
    if missing:
        print(f"missing records: {missing} of {len(gold)}")
    for k in ("entity", "entity (no type)", "relation", "relation, pair only", "relation, status",
              "relation, complex", "relation, raw speech", "coreference", "links"):
        if c[k].ng or c[k].np:
            print(f"{k:24} {c[k]}")
    print(f"false triples in no-fact records: {c['no-fact records: false triples'].np}")
    print(f"pair not in gold (stand-in for nonsense): {nonsense}/{predicted} = {nonsense / max(predicted, 1):.3f}")
    print(f"act macro F1 {macro_f1(acts):.3f}, accuracy {sum(a == b for a, b in acts) / len(acts):.3f}")
    print(f"role macro F1 {macro_f1(roles):.3f}; topic shift F1 {prf(sum(a and b for a, b in shifts), sum(b for _, b in shifts), sum(a for a, _ in shifts))[2]:.3f}")
    if "--by-relation" in argv:
        for k, v in sorted(by_rel.items(), key=lambda kv: -kv[1].ng):
            print(f"  {k:16} {v}")
    return {k: v.f1 for k, v in c.items()}


if __name__ == "__main__":
    main(sys.argv)
