// The card of a fact.
import { useEffect, useState } from "preact/hooks";
import { words } from "./actions.ts";
import { api } from "./api.ts";
import { Action, Frame, Problem } from "./card.tsx";
import type { CardProps } from "./card.tsx";
import { Says } from "./list.tsx";
import { Quoted } from "./quote.tsx";
import { Relations } from "./relations.tsx";
import type { Correction, Edge, Quote, Trouble } from "./wire.ts";
import { doubtful, objectName, short, subjectName, sureness, times, whenTold } from "./words.ts";

const quotesShown = 5;

export function FactCard({ model, actions, selection, first, anchor, around, open, close }: CardProps) {
  const e = model.edges.get(selection.id);
  const [quotes, setQuotes] = useState<Quote[]>(e?.quote ? [e.quote] : []);
  const [choosing, setChoosing] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  useEffect(() => {
    let here = true;
    api.fact(selection.id).then((f) => here && setQuotes(f.quotes), (err: unknown) => here && setTrouble(words(err)));
    return () => void (here = false);
  }, [selection.id, e?.count, e?.quote?.text]);

  if (!e) return null;
  const [from, to] = [model.nodes.get(e.from), model.nodes.get(e.to)];
  const sentence = short(model.sentence(e), 80);
  const act = (c: Correction, done: string, leave = false): void => {
    if (leave) close();
    void actions.correct(c, done).then((t) => {
      if (!t) return;
      setTrouble(t);
      if (leave) actions.say(t.error, false, t.next);
    });
  };
  const confirm = (): void => act({ op: "confirm", edge: e.id }, `Confirmed: ${sentence}`);
  const reject = (): void => act({ op: "reject", edge: e.id }, `Taken out: ${sentence}`, true);
  const negate = (): void => act({ op: "negated", edge: e.id, negated: !e.negated }, e.negated ? "Now it says that it is so." : "Now it says that it is not so.");
  const keys = { c: confirm, x: reject, n: negate, r: () => setChoosing(true), e: () => from && open({ kind: "node", id: from.id }) };

  return (
    <Frame label={`Fact: ${sentence}`} anchor={anchor(selection)} around={around} moved={selection.id} close={close} keys={keys} first={first}>
      <h2 class="sentence" dir="auto">
        <button type="button" class="end" onClick={() => from && open({ kind: "node", id: from.id })}><bdi>{short(subjectName(from), 120)}</bdi></button>{" "}
        <Says e={e} />{" "}
        <button type="button" class="end" onClick={() => to && open({ kind: "node", id: to.id })}><bdi>{short(objectName(to), 120)}</bdi></button>
        {e.when && <>{" "}<span class="when">{short(e.when, 80)}</span></>}
      </h2>
      <p class={`sure${doubtful(e) ? " doubt" : ""}`}>{sureness(e)}</p>
      <Heard e={e} quotes={quotes} />
      <Problem trouble={trouble} />
      {choosing ? (
        <Relations
          current={e} cancel={() => setChoosing(false)}
          choose={(relation, predicate) => {
            setChoosing(false);
            act({ op: "relation", edge: e.id, relation, ...(predicate ? { predicate } : {}) }, "The relation is changed.");
          }}
        />
      ) : (
        <div class="actions">
          {!e.confirmed && <Action icon="right" text="Right" hint="C" act={confirm} kind="good" />}
          <Action icon="wrong" text="Wrong" hint="X" act={reject} kind="bad" />
          <Action icon="relation" text="Relation" hint="R" act={() => setChoosing(true)} />
          <Action icon="not" text={e.negated ? "It is so" : "Not so"} hint="N" act={negate} />
        </div>
      )}
      <More e={e} />
    </Frame>
  );
}

function Heard({ e, quotes }: { e: Edge; quotes: Quote[] }) {
  if (quotes.length === 0) return null;
  return (
    <ul class="heard" aria-label="Where it came from">
      {quotes.slice(0, quotesShown).map((q) => (
        <li key={q.line}>
          <Quoted quote={q} whole />
          <time dateTime={q.at}>I heard it {whenTold(q.at)}</time>
        </li>
      ))}
      {e.count > quotesShown && <li class="rest">and {times(e.count - quotesShown)} before</li>}
    </ul>
  );
}

/** Figures live one level deeper than the sentence. */
function More({ e }: { e: Edge }) {
  const state = { current: "so now", past: "in the past", planned: "planned" }[e.status];
  return (
    <details class="more">
      <summary>More</summary>
      <dl>
        <dt>Heard</dt><dd>{times(e.count)}</dd>
        <dt>First</dt><dd>{whenTold(e.heard)}</dd>
        <dt>Sureness</dt><dd>{Math.round(e.confidence * 100)} of 100</dd>
        <dt>When it holds</dt><dd>{e.when ? short(e.when, 80) : state}</dd>
        <dt>Kept</dt><dd>{e.memory ? "in memory" : "in this session only"}</dd>
      </dl>
    </details>
  );
}
