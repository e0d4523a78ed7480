// The card of a node: its name, what it is, and all that is known about it.
import { useEffect, useState } from "preact/hooks";
import { words } from "./actions.ts";
import { api } from "./api.ts";
import { Action, Editor, Frame, Problem } from "./card.tsx";
import type { CardProps } from "./card.tsx";
import { Says } from "./list.tsx";
import { Shape } from "./shape.tsx";
import type { Correction, Edge, Trouble } from "./wire.ts";
import { asWhat, familyOf, isYou, objectName, short, subjectName, typeWords } from "./words.ts";

const factsShown = 40;

export function NodeCard({ model, actions, selection, first, anchor, around, open, close }: CardProps) {
  const n = model.nodes.get(selection.id);
  const [facts, setFacts] = useState<Edge[]>(model.factsOf(selection.id));
  const [editing, setEditing] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  useEffect(() => {
    let here = true;
    api.node(selection.id).then((card) => {
      if (!here) return;
      for (const other of card.nodes) if (!model.nodes.has(other.id)) model.nodes.set(other.id, other);
      for (const e of card.facts) if (!model.edges.has(e.id)) model.edges.set(e.id, e);
      setFacts(card.facts);
    }, (err: unknown) => here && setTrouble(words(err)));
    return () => void (here = false);
  }, [selection.id, n?.facts, n?.name]);

  if (!n) return null;
  const you = isYou(n);
  const name = you ? "You" : n.name;
  const act = (c: Correction, done: string): void => void actions.correct(c, done).then(setTrouble);
  const keys: Record<string, () => void> = you ? {} : { e: () => setEditing(true), t: () => document.getElementById("kind")?.focus() };
  const also = n.names.filter((x) => x !== n.name);

  return (
    <Frame label={`Card of ${short(name, 80)}`} anchor={anchor(selection)} around={around} moved={selection.id} close={close} keys={keys} first={first}>
      {editing ? (
        <Editor
          label="New name" value={n.name} cancel={() => setEditing(false)}
          save={(text) => {
            setEditing(false);
            act({ op: "rename", node: n.id, text }, `Renamed to ${short(text, 40)}.`);
          }}
        />
      ) : (
        <h2 class="name"><Shape family={familyOf(n.type)} /><bdi>{short(name, 300)}</bdi></h2>
      )}
      {you && <p class="sure">You, who speak.</p>}
      {!you && <p class="sure">{n.by === "you" ? "You corrected this." : `I take it for ${asWhat(n.type)}.`}</p>}
      {also.length > 0 && <p class="sure">Also called {short(also.join(", "), 200)}.</p>}
      <Problem trouble={trouble} />
      {!you && (
        <div class="actions">
          <Action icon="edit" text="Rename" hint="E" act={() => setEditing(true)} />
          <label class="kind">
            <span class="hidden">What it is</span>
            <select
              id="kind" value={n.type}
              onChange={(e) => {
                const type = e.currentTarget.value;
                act({ op: "retype", node: n.id, type }, `Now it is ${asWhat(type)}.`);
              }}
            >
              {typeWords.map((t) => <option key={t.id} value={t.id}>{t.name}</option>)}
            </select>
            <kbd aria-hidden="true">T</kbd>
          </label>
        </div>
      )}
      <ul class="facts">
        {facts.filter((e) => model.edges.has(e.id)).slice(0, factsShown).map((old) => {
          const e = model.edges.get(old.id) ?? old;
          return (
            <li key={e.id}>
              <button type="button" class="row" dir="auto" onClick={() => open({ kind: "edge", id: e.id })}>
                <bdi>{short(subjectName(model.nodes.get(e.from)), 40)}</bdi> <Says e={e} /> <bdi>{short(objectName(model.nodes.get(e.to)), 40)}</bdi>
              </button>
            </li>
          );
        })}
      </ul>
    </Frame>
  );
}
