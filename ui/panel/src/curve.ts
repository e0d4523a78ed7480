// The line of an edge: a quiet curve from one shape to the other through the middle of its label, with a head that shows the direction.

interface Point {
  x: number;
  y: number;
}

export interface Curve {
  line: string;
  head: string;
  bar: string;
}

const clear = 4; // px between a shape and the line
const headLength = 7;

export function curve(s: Point, rs: number, t: Point, rt: number, p: Point, pointed = true): Curve {
  if (s.x === t.x && s.y === t.y) return loop(s, rs, p);
  let c = through(s, t, p);
  const a = toward(s, c, rs + clear);
  const tip = toward(t, c, rt + clear);
  c = through(a, tip, p);
  const back = unit(tip, c);
  const short = pointed ? headLength * 0.8 : 0;
  const b = { x: tip.x + back.x * short, y: tip.y + back.y * short };
  const m = at(a, c, b, 0.89);
  const along = unit(at(a, c, b, 0.85), at(a, c, b, 0.93));
  return {
    line: `M${f(a.x)},${f(a.y)}Q${f(c.x)},${f(c.y)} ${f(b.x)},${f(b.y)}`,
    head: pointed ? arrow(tip, back) : "",
    bar: `M${f(m.x - along.y * 6)},${f(m.y + along.x * 6)}L${f(m.x + along.y * 6)},${f(m.y - along.x * 6)}`,
  };
}

function loop(s: Point, r: number, p: Point): Curve {
  const d = unit(s, p);
  const side = { x: -d.y, y: d.x };
  const far = Math.hypot(p.x - s.x, p.y - s.y) * 1.33;
  const from = { x: s.x + (d.x + side.x * 0.5) * r, y: s.y + (d.y + side.y * 0.5) * r };
  const to = { x: s.x + (d.x - side.x * 0.5) * (r + clear), y: s.y + (d.y - side.y * 0.5) * (r + clear) };
  const c1 = { x: s.x + d.x * far + side.x * far * 0.7, y: s.y + d.y * far + side.y * far * 0.7 };
  const c2 = { x: s.x + d.x * far - side.x * far * 0.7, y: s.y + d.y * far - side.y * far * 0.7 };
  return {
    line: `M${f(from.x)},${f(from.y)}C${f(c1.x)},${f(c1.y)} ${f(c2.x)},${f(c2.y)} ${f(to.x)},${f(to.y)}`,
    head: arrow(to, unit(to, c2)),
    bar: "",
  };
}

/** The control point of a quadratic curve from a to b that passes p half way. */
const through = (a: Point, b: Point, p: Point): Point => ({ x: 2 * p.x - (a.x + b.x) / 2, y: 2 * p.y - (a.y + b.y) / 2 });

function unit(a: Point, b: Point): Point {
  const far = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  return { x: (b.x - a.x) / far, y: (b.y - a.y) / far };
}

function toward(a: Point, b: Point, by: number): Point {
  const u = unit(a, b);
  return { x: a.x + u.x * by, y: a.y + u.y * by };
}

const at = (a: Point, c: Point, b: Point, t: number): Point => ({
  x: (1 - t) ** 2 * a.x + 2 * (1 - t) * t * c.x + t * t * b.x,
  y: (1 - t) ** 2 * a.y + 2 * (1 - t) * t * c.y + t * t * b.y,
});

function arrow(tip: Point, back: Point): string {
  const base = { x: tip.x + back.x * headLength, y: tip.y + back.y * headLength };
  const half = headLength * 0.48;
  return `M${f(tip.x)},${f(tip.y)}L${f(base.x - back.y * half)},${f(base.y + back.x * half)}L${f(base.x + back.y * half)},${f(base.y - back.x * half)}Z`;
}

const f = (v: number): string => v.toFixed(1);
