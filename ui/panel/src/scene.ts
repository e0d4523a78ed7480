// From the model to what is drawn: nodes and edges with their words, their look and their size. Facts and guesses become the same kind of thing here.
import type { Body } from "./layout.ts";
import { textWidth } from "./measure.ts";
import type { Model } from "./model.ts";
import { radius } from "./shapes.ts";
import type { Edge, Guess, ID, Node } from "./wire.ts";
import { doubtful, familyOf, isYou, short, symmetric, typeName } from "./words.ts";

export interface Selection {
  kind: "node" | "edge";
  id: ID;
}

export interface SceneNode {
  key: string;
  id: ID | null; // null: only guessed
  name: string;
  family: string;
  r: number;
  label: string;
}

export interface SceneEdge {
  key: string;
  id: ID | null;
  from: string;
  to: string;
  text: string;
  mark: "" | "?" | "✓";
  classes: string;
  negated: boolean;
  arrow: boolean;
  label: string;
}

export interface Scene {
  nodes: SceneNode[];
  edges: SceneEdge[];
}

export const nameSize = 13;
export const pillSize = 12;
const pillPad = 9;

export const keyOf = (s: Selection): string => (s.kind === "node" ? "n" : "e") + s.id;
const guessKey = (name: string): string => "~" + name.toLocaleLowerCase();

export function sceneOf(model: Model): Scene {
  const { nodes, edges } = model.picture();
  const scene: Scene = { nodes: nodes.map(sceneNode), edges: edges.map((e) => sceneEdge(e, model)) };
  const have = new Set(scene.nodes.map((n) => n.key));
  for (const [i, g] of model.guesses.entries()) guess(scene, model, have, g, i);
  return scene;
}

function sceneNode(n: Node): SceneNode {
  const name = isYou(n) ? "You" : n.name;
  const facts = n.facts === 1 ? "1 fact" : `${n.facts} facts`;
  return {
    key: "n" + n.id, id: n.id, name: short(name), family: familyOf(n.type), r: isYou(n) ? 20 : radius(n.facts),
    label: `${short(name, 80)}, ${typeName(n.type)}, ${facts}`,
  };
}

function sceneEdge(e: Edge, model: Model): SceneEdge {
  const classes = ["edge"];
  if (e.status !== "current") classes.push(e.status);
  if (e.negated) classes.push("negated");
  if (doubtful(e)) classes.push("doubtful");
  const mark = e.confirmed || e.by === "you" ? "✓" : doubtful(e) ? "?" : "";
  return {
    key: "e" + e.id, id: e.id, from: "n" + e.from, to: "n" + e.to, text: short(e.says, 28), mark,
    classes: classes.join(" "), negated: e.negated, arrow: !symmetric(e.relation),
    label: short(model.sentence(e), 160) + (mark === "?" ? ", in doubt" : mark ? ", confirmed" : ""),
  };
}

function guess(scene: Scene, model: Model, have: Set<string>, g: Guess, i: number): void {
  const end = (t: { name: string; type: string }): string => {
    const known = model.named(t.name, t.type);
    const key = known ? "n" + known.id : guessKey(t.name);
    if (!have.has(key)) {
      have.add(key);
      scene.nodes.push(known ? sceneNode(known) : {
        key, id: null, name: short(t.type === "USER" ? "You" : t.name), family: familyOf(t.type), r: 14,
        label: `${short(t.name, 80)}, still listening`,
      });
    }
    return key;
  };
  const [from, to] = [end(g.subject), end(g.object)];
  if (scene.edges.some((e) => e.from === from && e.to === to && e.text === short(g.says, 28))) return;
  const status = g.status === "current" ? "" : " " + g.status;
  scene.edges.push({
    key: `~e${i} ${from} ${to}`, id: null, from, to, text: short(g.says, 28), mark: "", negated: g.negated, arrow: !symmetric(g.relation),
    classes: "edge tentative" + status + (g.negated ? " negated" : ""), label: `${g.says}, still listening`,
  });
}

export const pillWidth = (e: SceneEdge): number =>
  textWidth(e.text + (e.mark ? " " + e.mark : ""), pillSize, 500) + 2 * pillPad;

/** The boxes that the layout keeps free. */
export function bodiesOf(scene: Scene): Body[] {
  const bodies: Body[] = scene.nodes.map((n) => ({
    key: n.key, x: 0, y: 0, label: false, dy: 11,
    w: Math.max(n.r + 4, textWidth(n.name, nameSize, 600) / 2 + 3), h: n.r + 14,
  }));
  for (const e of scene.edges) {
    bodies.push({ key: e.key, x: 0, y: 0, label: true, dy: 0, w: pillWidth(e) / 2, h: 11, ends: [e.from, e.to] });
  }
  return bodies;
}

/** Whether two scenes need the same room: then nothing has to move. */
export function sameBodies(a: Scene, b: Scene): boolean {
  const print = (s: Scene): string =>
    s.nodes.map((n) => `${n.key}${n.name}${n.r}`).sort().join() + "|" + s.edges.map((e) => e.key + e.from + e.to + e.text + e.mark).sort().join();
  return print(a) === print(b);
}
