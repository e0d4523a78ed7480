// A shape for each family of types, drawn around the origin, so that colour is never the only difference.

/** Radius of a node by how much is known about it: three steps, no more. */
export function radius(facts: number): number {
  return facts >= 8 ? 22 : facts >= 3 ? 18 : 14;
}

const polygon = (r: number, points: [number, number][]): string =>
  "M" + points.map(([x, y]) => `${(x * r).toFixed(2)},${(y * r).toFixed(2)}`).join("L") + "Z";

const circle = (r: number): string => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`;

function rounded(w: number, h: number, c: number): string {
  const [x, y] = [w - c, h - c];
  return `M${-x},${-h}H${x}Q${w},${-h} ${w},${-y}V${y}Q${w},${h} ${x},${h}H${-x}Q${-w},${h} ${-w},${y}V${-y}Q${-w},${-h} ${-x},${-h}Z`;
}

const hexagon: [number, number][] = [0, 1, 2, 3, 4, 5].map((i) => {
  const a = (Math.PI / 3) * i;
  return [Math.cos(a) * 1.06, Math.sin(a) * 1.06];
});

export function shape(family: string, r: number): string {
  switch (family) {
    case "animals": // a drop that leans on its round side
      return `M0,${-r * 1.16}C${r * 0.55},${-r * 0.62} ${r},${-r * 0.2} ${r},${r * 0.18}A${r},${r * 0.9} 0 0,1 ${-r},${r * 0.18}C${-r},${-r * 0.2} ${-r * 0.55},${-r * 0.62} 0,${-r * 1.16}Z`;
    case "organisations":
      return rounded(r * 0.92, r * 0.92, r * 0.22);
    case "places": // a pin
      return `M0,${r * 1.15}C${-r * 0.4},${r * 0.6} ${-r * 0.95},${r * 0.25} ${-r * 0.95},${-r * 0.2}A${r * 0.95},${r * 0.95} 0 1,1 ${r * 0.95},${-r * 0.2}C${r * 0.95},${r * 0.25} ${r * 0.4},${r * 0.6} 0,${r * 1.15}Z`;
    case "things":
      return polygon(r, [[0, -1.12], [1.12, 0], [0, 1.12], [-1.12, 0]]);
    case "doings":
      return polygon(r, hexagon);
    case "health": {
      const a = 0.38;
      return polygon(r, [
        [-a, -1], [a, -1], [a, -a], [1, -a], [1, a], [a, a], [a, 1], [-a, 1], [-a, a], [-1, a], [-1, -a], [-a, -a],
      ]);
    }
    case "measure": // a tag
      return polygon(r, [[-1.05, 0], [-0.5, -0.78], [1.05, -0.78], [1.05, 0.78], [-0.5, 0.78]]);
    default:
      return circle(r);
  }
}

/** A second, inner line for the families that are told apart by it. */
export function inner(family: string, r: number): string | null {
  if (family === "you") return circle(r * 0.62);
  if (family === "ideas") return circle(r * 0.5);
  return null;
}
