// Where things stand. Nodes and the labels of edges are bodies with a size, so neither covers the other. What already has a place keeps it:
// a change moves older nodes by a few pixels at most, and new ones grow beside their neighbour.
import { forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";
import type { Simulation, SimulationLinkDatum, SimulationNodeDatum } from "d3-force";

export interface Body extends SimulationNodeDatum {
  key: string;
  x: number;
  y: number;
  /** Half sizes of the box that must stay free, and how far its centre lies below the body's point. */
  w: number;
  h: number;
  dy: number;
  label: boolean;
  ends?: [string, string];
}

interface Spring extends SimulationLinkDatum<Body> {
  length: number;
}

const nodeSlack = 7; // px that an older node may give way; what jumps is hard to find again
const labelSlack = 40;
const gap = 7; // px between two boxes

export class Layout {
  private bodies = new Map<string, Body>();

  place(key: string): Body | undefined {
    return this.bodies.get(key);
  }

  all(): Body[] {
    return [...this.bodies.values()];
  }

  move(key: string, x: number, y: number): void {
    const b = this.bodies.get(key);
    if (b) [b.x, b.y] = [x, y];
  }

  /**
   * Takes the bodies that should be there and finds places for those that are new. Seeds are places that new nodes had before, on the last visit
   * or as a guess; aspect is width over height of the pane.
   */
  update(wanted: Body[], seeds: Map<string, [number, number]>, aspect: number): void {
    const old = this.bodies;
    const first = old.size === 0;
    this.bodies = new Map(wanted.map((b) => [b.key, b]));
    const anchors = new Map<string, [number, number]>();
    for (const b of wanted) {
      const known = old.get(b.key) ?? pointOf(seeds.get(b.key));
      if (!known) continue;
      [b.x, b.y] = [known.x, known.y];
      b.dy = old.get(b.key)?.dy ?? b.dy;
      anchors.set(b.key, [b.x, b.y]);
    }
    const fresh = wanted.filter((b) => !anchors.has(b.key));
    if (fresh.length === 0 && !first) {
      this.settle(anchors, 24, aspect);
      return;
    }
    const few = anchors.size > 0;
    if (!few) {
      this.tidy(aspect);
      return;
    }
    for (const b of fresh.filter((n) => !n.label)) this.beside(b, wanted, anchors);
    for (const b of fresh.filter((n) => n.label)) this.between(b);
    this.settle(anchors, 60, aspect);
  }

  /**
   * Forgets all places and lays the picture out anew: it untangles several beginnings with bodies that pass through each other, keeps the one
   * with the fewest crossings, and then makes room for names and labels.
   */
  tidy(aspect: number): void {
    const bodies = this.all();
    const nodes = walk(bodies.filter((b) => !b.label), bodies);
    let best = Infinity;
    let places: [number, number][] = [];
    for (let start = 0; start < (nodes.length <= 25 ? 5 : 3); start++) {
      if (start === 0) ring(nodes, aspect);
      else spiral(nodes, aspect, start);
      for (const b of bodies) if (b.label) this.between(b);
      this.settle(new Map(), 110, aspect, 1, false);
      const tangle = crossings(bodies, this.bodies);
      if (tangle >= best) continue;
      best = tangle;
      places = bodies.map((b) => [b.x, b.y]);
      if (best === 0) break;
    }
    bodies.forEach((b, i) => ([b.x, b.y] = places[i] ?? [b.x, b.y]));
    this.settle(new Map(), 150, aspect);
  }

  /** Lets the labels of one node's edges follow it while it is dragged. */
  follow(key: string): void {
    const anchors = new Map<string, [number, number]>();
    for (const b of this.bodies.values()) if (!b.ends?.includes(key)) anchors.set(b.key, [b.x, b.y]);
    for (const b of this.bodies.values()) if (b.ends?.includes(key)) this.between(b);
    this.settle(anchors, 12, 1, 0);
  }

  private between(b: Body): void {
    const [s, t] = (b.ends ?? []).map((k) => this.bodies.get(k));
    if (!s || !t) return;
    const turn = hash(b.key) - 0.5;
    if (s === t) [b.x, b.y] = [s.x + turn * 20, s.y - 56];
    else [b.x, b.y] = [(s.x + t.x) / 2 + turn * 8, (s.y + t.y) / 2 + turn * 8];
  }

  /** Puts a new node on the free spot nearest to its placed neighbours, a little towards the outside. */
  private beside(b: Body, wanted: Body[], anchors: Map<string, [number, number]>): void {
    const near: Body[] = [];
    for (const l of wanted) {
      if (!l.ends?.includes(b.key)) continue;
      const other = this.bodies.get(l.ends[0] === b.key ? l.ends[1] : l.ends[0]);
      if (other && other !== b && anchors.has(other.key)) near.push(other);
    }
    const taken = wanted.filter((o) => anchors.has(o.key));
    const centre = near[0] ?? { x: mean(taken.map((o) => o.x)), y: mean(taken.map((o) => o.y)) };
    let best = Infinity;
    let spot: [number, number] = [centre.x, centre.y];
    for (const distance of [130, 165, 205, 260, 330]) {
      for (let i = 0; i < 24; i++) {
        const a = (i / 24 + hash(b.key)) * 2 * Math.PI;
        const [x, y] = [centre.x + Math.cos(a) * distance * 1.15, centre.y + Math.sin(a) * distance * 0.85];
        let cost = distance / 40 + near.reduce((sum, n) => sum + Math.hypot(n.x - x, n.y - y), 0) / 80;
        for (const o of taken) cost += overlap(x, y, b, o) * 4 + crowd(x, y, o) + overlap((x + centre.x) / 2, (y + centre.y) / 2, pill, o) * 2;
        if (cost < best) [best, spot] = [cost, [x, y]];
      }
    }
    [b.x, b.y] = spot;
    anchors.set(b.key, spot); // a spot that was chosen with care is kept; it may still give way like the others
  }

  private settle(anchors: Map<string, [number, number]>, ticks: number, aspect: number, pull = 1, solid = true): void {
    const bodies = this.all();
    for (const b of bodies) b.vx = b.vy = 0;
    const springs: Spring[] = [];
    const labels: [Body, Body, Body][] = [];
    for (const b of bodies) {
      const [s, t] = (b.ends ?? []).map((end) => this.bodies.get(end));
      if (!s || !t) continue;
      labels.push([b, s, t]);
      if (s !== t) springs.push({ source: s, target: t, length: 72 + b.w + Math.min(s.w, 26) + Math.min(t.w, 26) });
    }
    const sim: Simulation<Body, Spring> = forceSimulation(bodies)
      .randomSource(steady())
      .force("spring", forceLink<Body, Spring>(springs).distance((s) => s.length).strength(0.35))
      .force("apart", forceManyBody<Body>().strength((b) => (b.label ? -60 : -640)).distanceMax(420))
      .force("x", forceX<Body>(0).strength(0.03 * pull / Math.max(aspect, 0.5)))
      .force("y", forceY<Body>(0).strength(0.03 * pull * Math.max(aspect, 0.5)))
      .force("middle", () => middle(labels))
      .force("boxes", () => solid && separate(bodies, 0.5))
      .stop();
    sim.alphaDecay(1 - Math.pow(0.002, 1 / ticks));
    for (let i = 0; i < ticks; i++) {
      sim.tick();
      hold(bodies, anchors);
    }
    if (!solid) return;
    for (const b of bodies) if (!b.label) turn(b, labels);
    // A label that is wedged between nodes gets free when these give way as readily.
    for (let i = 0; i < (anchors.size ? 120 : 300) && separate(bodies, 0.7, i < 100 ? 0.8 : 0.5); i++) hold(bodies, anchors);
  }
}

/** Puts a name above its shape when the edges come from below, so that they do not cross it; in between it stays where it is. */
function turn(b: Body, labels: [Body, Body, Body][]): void {
  let [sum, n] = [0, 0];
  for (const [l, s, t] of labels) {
    if ((s !== b && t !== b) || s === t) continue;
    sum += (l.y - b.y) / (Math.hypot(l.x - b.x, l.y - b.y) || 1);
    n++;
  }
  const lean = n ? sum / n : 0;
  if (lean > 0.5) b.dy = -Math.abs(b.dy);
  else if (lean < 0.15) b.dy = Math.abs(b.dy);
}

/** Draws each label to the middle of its edge, so that edges are as straight as the room allows. */
function middle(labels: [Body, Body, Body][]): void {
  for (const [b, s, t] of labels) {
    const up = s === t ? 56 : 0;
    b.vx = (b.vx ?? 0) * 0.5 + ((s.x + t.x) / 2 - b.x) * 0.3;
    b.vy = (b.vy ?? 0) * 0.5 + ((s.y + t.y) / 2 - up - b.y) * 0.3;
  }
}

const pill = { w: 44, h: 12, dy: 0 };

function pointOf(p: [number, number] | undefined): { x: number; y: number } | undefined {
  return p && { x: p[0], y: p[1] };
}

function hold(bodies: Body[], anchors: Map<string, [number, number]>): void {
  for (const b of bodies) {
    const anchor = anchors.get(b.key);
    if (!anchor) continue;
    const slack = b.label ? labelSlack : nodeSlack;
    const [dx, dy] = [b.x - anchor[0], b.y - anchor[1]];
    const far = Math.hypot(dx, dy);
    if (far <= slack) continue;
    b.x = anchor[0] + (dx / far) * slack;
    b.y = anchor[1] + (dy / far) * slack;
  }
}

/** Pushes overlapping boxes apart along the shorter way; labels give way more readily than nodes. */
function separate(bodies: Body[], share: number, labelGives = 0.8): boolean {
  let moved = false;
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i] as Body;
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j] as Body;
      const dx = b.x - a.x;
      const dy = b.y + b.dy - a.y - a.dy;
      const ox = a.w + b.w + gap - Math.abs(dx);
      const oy = a.h + b.h + gap - Math.abs(dy);
      if (ox <= 0 || oy <= 0) continue;
      moved = true;
      const weight = a.label === b.label ? 0.5 : a.label ? labelGives : 1 - labelGives;
      if (ox < oy) {
        const push = (dx < 0 ? -ox : ox) * share;
        a.x -= push * weight;
        b.x += push * (1 - weight);
      } else {
        const push = (dy < 0 ? -oy : oy) * share;
        a.y -= push * weight;
        b.y += push * (1 - weight);
      }
    }
  }
  return moved;
}

function overlap(x: number, y: number, a: { w: number; h: number; dy: number }, b: Body): number {
  const ox = a.w + b.w + 14 - Math.abs(b.x - x);
  const oy = a.h + b.h + 14 - Math.abs(b.y + b.dy - y - a.dy);
  return ox > 0 && oy > 0 ? Math.min(ox, oy) / 4 : 0;
}

const crowd = (x: number, y: number, o: Body): number => 220 / (Math.hypot(o.x - x, o.y - y) + 40);

const mean = (v: number[]): number => (v.length ? v.reduce((a, b) => a + b, 0) / v.length : 0);

/** Orders nodes so that those of one branch follow each other, beginning with the most linked. */
function walk(nodes: Body[], bodies: Body[]): Body[] {
  const near = new Map<string, string[]>(nodes.map((n) => [n.key, []]));
  for (const { ends } of bodies) {
    if (!ends) continue;
    near.get(ends[0])?.push(ends[1]);
    near.get(ends[1])?.push(ends[0]);
  }
  const byKey = new Map(nodes.map((n) => [n.key, n]));
  const order = new Set<Body>();
  const visit = (n: Body): void => {
    if (order.has(n)) return;
    order.add(n);
    for (const key of near.get(n.key) ?? []) {
      const next = byKey.get(key);
      if (next) visit(next);
    }
  };
  for (const n of [...nodes].sort((a, b) => (near.get(b.key)?.length ?? 0) - (near.get(a.key)?.length ?? 0))) visit(n);
  return [...order];
}

/** First places on a ring: in the order of a walk a tree has no crossings there. */
function ring(nodes: Body[], aspect: number): void {
  const r = 60 + 30 * nodes.length ** 0.8;
  nodes.forEach((b, i) => {
    const a = (i / nodes.length) * 2 * Math.PI;
    [b.x, b.y] = [Math.cos(a) * r * Math.sqrt(aspect), Math.sin(a) * r / Math.sqrt(aspect)];
  });
}

/** First places on a spiral, the most linked in the middle; each start turns it differently. */
function spiral(nodes: Body[], aspect: number, start: number): void {
  nodes.forEach((b, i) => {
    const r = 62 * Math.sqrt(i);
    const a = i * (2.399963 + start * 0.21); // about the golden angle
    [b.x, b.y] = [Math.cos(a) * r * Math.sqrt(aspect), Math.sin(a) * r / Math.sqrt(aspect)];
  });
}

/** How many pairs of edges cross each other, taken as straight lines. */
function crossings(bodies: Body[], at: Map<string, Body>): number {
  const lines: [Body, Body][] = [];
  for (const { ends } of bodies) {
    const [s, t] = ends ? [at.get(ends[0]), at.get(ends[1])] : [];
    if (s && t && s !== t) lines.push([s, t]);
  }
  const side = (a: Body, b: Body, c: Body): boolean => (b.x - a.x) * (c.y - a.y) > (b.y - a.y) * (c.x - a.x);
  let n = 0;
  lines.forEach(([a, b], i) => {
    for (const [c, d] of lines.slice(i + 1)) {
      if (a === c || a === d || b === c || b === d) continue;
      if (side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) n++;
    }
  });
  return n;
}

/** The same key gives the same number, so that the same graph gets the same picture. */
function hash(key: string): number {
  let h = 2166136261;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 16777619);
  return (h >>> 0) / 2 ** 32;
}

function steady(): () => number {
  let s = 1;
  return () => ((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32);
}
