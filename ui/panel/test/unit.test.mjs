// What needs no browser: the contrast of the palettes, the layout, and the words.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const source = (name) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

/** Loads a TypeScript module of the page. */
async function load(name) {
  const outfile = path.join(mkdtempSync(path.join(tmpdir(), "panel-")), "module.mjs");
  await esbuild.build({ entryPoints: [source(name)], outfile, bundle: true, format: "esm", logLevel: "warning" });
  return import(pathToFileURL(outfile).href);
}

function palette(name) {
  const css = readFileSync(source("panel.css"), "utf8");
  const block = css.slice(css.indexOf(`/* palette: ${name} */`));
  const colours = {};
  for (const [, key, value] of block.slice(0, block.indexOf("}")).matchAll(/--([a-z0-9]+): (#[0-9a-f]{6});/g)) colours[key] = value;
  return colours;
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const v = parseInt(hex.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

for (const name of ["dark", "light"]) {
  test(`text of the ${name} palette can be read and its marks can be told`, () => {
    const c = palette(name);
    const grounds = ["ground", "panel", "raised"];
    const texts = ["ink", "ink2", "ink3", "live", "bad", "warn"];
    const marks = ["people", "animals", "organisations", "places", "things", "doings", "health", "measure", "ideas", "line", "focus"];
    for (const ground of grounds) {
      for (const text of texts) {
        const k = contrast(c[text], c[ground]);
        assert.ok(k >= 4.5, `${text} on ${ground}: ${k.toFixed(2)}`);
      }
    }
    for (const ground of ["ground", "panel"]) {
      for (const mark of marks) {
        const k = contrast(c[mark], c[ground]);
        assert.ok(k >= 3, `${mark} on ${ground}: ${k.toFixed(2)}`);
      }
    }
    assert.ok(contrast(c.ink, c.mark) >= 4.5, "marked words");
    assert.ok(contrast(c.ground, c.ink) >= 4.5, "the start button");
  });
}

/** A graph of n nodes, each linked to an earlier one, with labels of different widths. */
function graph(n, links = n - 1) {
  const bodies = [];
  for (let i = 0; i < n; i++) bodies.push({ key: `n${i}`, x: 0, y: 0, w: 18 + ((i * 7) % 40), h: 30, dy: 11, label: false });
  for (let i = 1; i <= links; i++) {
    const [a, b] = [i % n, Math.floor(((i % n) * 13) / 29)];
    bodies.push({ key: `e${i}`, x: 0, y: 0, w: 20 + ((i * 11) % 45), h: 11, dy: 0, label: true, ends: [`n${a}`, `n${b}`] });
  }
  return bodies;
}

function overlaps(bodies) {
  const bad = [];
  bodies.forEach((a, i) => bodies.slice(i + 1).forEach((b) => {
    const dy = Math.abs(a.y + a.dy - b.y - b.dy);
    if (Math.abs(a.x - b.x) < a.w + b.w - 1 && dy < a.h + b.h - 1) bad.push(`${a.key} ${b.key}`);
  }));
  return bad;
}

test("sixty nodes and their labels stand free of each other", async () => {
  const { Layout } = await load("layout.ts");
  const layout = new Layout();
  layout.update(graph(60, 80), new Map(), 1.1);
  assert.deepEqual(overlaps(layout.all()), []);
});

test("old nodes stay within eight pixels while a graph grows by one fact at a time", async () => {
  const { Layout } = await load("layout.ts");
  const layout = new Layout();
  layout.update(graph(8), new Map(), 1.1);
  for (let n = 9; n <= 30; n++) {
    const before = layout.all().filter((b) => !b.label).map((b) => [b.key, b.x, b.y]);
    layout.update(graph(n), new Map(), 1.1);
    for (const [key, x, y] of before) {
      const now = layout.place(key);
      const moved = Math.hypot(now.x - x, now.y - y);
      assert.ok(moved <= 8, `${key} moved by ${moved.toFixed(1)} px when node ${n} came`);
    }
  }
});

test("a picture of two trees has no crossing lines", async () => {
  const { Layout } = await load("layout.ts");
  const node = (key) => ({ key, x: 0, y: 0, w: 30, h: 30, dy: 11, label: false });
  const edge = (a, b) => ({ key: `${a}-${b}`, x: 0, y: 0, w: 30, h: 11, dy: 0, label: true, ends: [a, b] });
  const layout = new Layout();
  const lines = [["a", "b"], ["a", "c"], ["a", "d"], ["d", "e"], ["x", "y"], ["x", "z"], ["z", "w"]];
  layout.update([..."abcdexyzw"].map(node).concat(lines.map(([a, b]) => edge(a, b))), new Map(), 1.1);
  const p = Object.fromEntries(layout.all().map((b) => [b.key, b]));
  const side = (a, b, c) => (b.x - a.x) * (c.y - a.y) > (b.y - a.y) * (c.x - a.x);
  const crossing = lines.flatMap(([a, b], i) => lines.slice(i + 1).filter(([c, d]) => new Set([a, b, c, d]).size === 4 &&
    side(p[a], p[b], p[c]) !== side(p[a], p[b], p[d]) && side(p[c], p[d], p[a]) !== side(p[c], p[d], p[b])).map((o) => `${a}${b} ${o.join("")}`));
  assert.deepEqual(crossing, []);
});

test("the same graph gets the same picture", async () => {
  const { Layout } = await load("layout.ts");
  const [a, b] = [new Layout(), new Layout()];
  a.update(graph(20), new Map(), 1.1);
  b.update(graph(20), new Map(), 1.1);
  assert.deepEqual(a.all().map((x) => [x.x, x.y]), b.all().map((x) => [x.x, x.y]));
});

test("names are cut by letters and never in the middle of one", async () => {
  const { short } = await load("words.ts");
  assert.equal(short("  Marta \n of   Lisbon "), "Marta of Lisbon");
  assert.equal(short("👩‍🚀".repeat(30), 10).length <= 40, true);
  assert.equal(short("𝒳".repeat(100), 5), "𝒳".repeat(4) + "…");
});

test("times are told as near as one wants to know", async () => {
  const { whenTold } = await load("words.ts");
  const now = new Date(2026, 5, 10, 15, 0);
  const told = (...at) => whenTold(new Date(...at).toISOString(), now);
  assert.equal(told(2026, 5, 10, 14, 59, 30), "just now");
  assert.match(told(2026, 5, 10, 9, 5), /^today at /);
  assert.match(told(2026, 5, 9, 23, 0), /^yesterday at /);
  assert.match(told(2026, 5, 6, 12, 0), /day at /);
  assert.match(told(2025, 4, 3, 12, 0), /2025/);
  assert.equal(whenTold("nonsense"), "");
});

test("the lock file names no registry, and every package is pinned", () => {
  const at = (name) => readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8");
  const lock = JSON.parse(at("package-lock.json"));
  for (const [name, p] of Object.entries(lock.packages)) assert.equal(p.resolved, undefined, name);
  const { dependencies, devDependencies } = JSON.parse(at("package.json"));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});
