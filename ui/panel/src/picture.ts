// The picture: an SVG that is kept in step with the scene, element by element, so that nothing flickers and focus survives a change.
import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import type { D3ZoomEvent, ZoomBehavior, ZoomTransform } from "d3-zoom";
import { curve } from "./curve.ts";
import { Layout } from "./layout.ts";
import type { Model } from "./model.ts";
import { loadPlaces, savePlaces } from "./places.ts";
import { bodiesOf, keyOf, pillWidth, sameBodies, sceneOf } from "./scene.ts";
import type { Scene, SceneEdge, SceneNode, Selection } from "./scene.ts";
import { inner, shape } from "./shapes.ts";
import { svg } from "./svg.ts";

const calm = 180; // ms, ease-out
const farewell = 400; // ms
const smallest = 0.35;
const rim = 20; // px around the picture
const foot = 58; // px below it, for the hands
const readable = 0.72; // below this zoom the words keep their size while the distances shrink

interface Point {
  x: number;
  y: number;
}

export class Picture {
  private layout = new Layout();
  private scene: Scene = { nodes: [], edges: [] };
  private shown = new Map<string, Point>();
  private elements = new Map<string, SVGGElement>();
  private lines = new Map<string, SVGGElement>();
  private world = svg("g", { class: "world" });
  private edgeLayer = svg("g", { class: "edges", "aria-hidden": "true" });
  private pillLayer = svg("g", { class: "pills" });
  private nodeLayer = svg("g", { class: "nodes" });
  private zoom: ZoomBehavior<SVGSVGElement, unknown>;
  private at: ZoomTransform = zoomIdentity;
  private byHand = false;
  private frame = 0;
  private dragging: { key: string; dx: number; dy: number; moved: boolean } | null = null;
  private current = "";
  private selected = "";

  constructor(private root: SVGSVGElement, private open: (s: Selection) => void) {
    root.append(this.world);
    this.world.append(this.edgeLayer, this.pillLayer, this.nodeLayer);
    this.zoom = zoom<SVGSVGElement, unknown>()
      .scaleExtent([smallest, 3])
      .filter((e: Event) => !(e.target as Element).closest(".node") && !(e as MouseEvent).button)
      .on("zoom", (e: D3ZoomEvent<SVGSVGElement, unknown>) => {
        this.at = e.transform;
        if (e.sourceEvent) this.byHand = true;
        this.world.setAttribute("transform", e.transform.toString());
        root.style.setProperty("--words", String(Math.min(Math.max(1, readable / e.transform.k), 1.8)));
      });
    select(root).call(this.zoom).on("dblclick.zoom", null);
    root.addEventListener("pointerdown", this.down);
    root.addEventListener("pointermove", this.drag);
    root.addEventListener("pointerup", this.up);
    root.addEventListener("pointercancel", this.up);
    root.addEventListener("click", this.click);
    root.addEventListener("keydown", this.key);
    root.addEventListener("focusin", (e) => this.focused(keyAt(e.target)));
    root.addEventListener("pointerover", (e) => this.light(keyAt(e.target)));
    root.addEventListener("pointerleave", () => this.light(""));
  }

  draw(model: Model): void {
    const before = this.scene;
    this.scene = sceneOf(model);
    const same = sameBodies(before, this.scene);
    if (!same) this.place(before);
    this.sync();
    if (same) this.paint();
    else this.glide();
  }

  private place(before: Scene): void {
    const { width, height } = this.size();
    const seeds = this.shown.size === 0 ? loadPlaces() : new Map<string, [number, number]>();
    // A guess that came true stays where it was.
    for (const g of before.nodes) {
      const at = g.id === null ? this.shown.get(g.key) : undefined;
      const real = at && this.scene.nodes.find((n) => n.id !== null && n.name === g.name);
      if (at && real) seeds.set(real.key, [at.x, at.y]);
    }
    this.layout.update(bodiesOf(this.scene), seeds, width / height);
    this.remember();
  }

  private remember(): void {
    savePlaces(this.layout.all().filter((b) => !b.label && !b.key.startsWith("~")));
  }

  tidy(): void {
    const { width, height } = this.size();
    this.layout.tidy(width / height);
    this.remember();
    this.glide();
    this.fit(true);
  }

  private size(): { width: number; height: number } {
    const box = this.root.getBoundingClientRect();
    return { width: Math.max(box.width, 1), height: Math.max(box.height, 1) };
  }

  /** Makes, changes and removes elements until they are those of the scene. */
  private sync(): void {
    const wanted = new Set<string>();
    for (const n of this.scene.nodes) {
      wanted.add(n.key);
      this.syncNode(n);
    }
    for (const e of this.scene.edges) {
      wanted.add(e.key);
      this.syncEdge(e);
    }
    for (const [key, el] of this.elements) {
      if (wanted.has(key)) continue;
      this.elements.delete(key);
      this.shown.delete(key);
      leave(el);
      const line = this.lines.get(key);
      if (line) leave(line);
      this.lines.delete(key);
    }
    if (!this.elements.has(this.current)) this.current = this.scene.nodes[0]?.key ?? "";
    for (const [key, el] of this.elements) el.setAttribute("tabindex", key === this.current ? "0" : "-1");
  }

  private syncNode(n: SceneNode): void {
    let g = this.elements.get(n.key);
    if (!g) {
      g = svg("g", { "data-key": n.key, role: "button" });
      g.append(svg("g", { class: "body" }));
      g.firstElementChild?.append(svg("path", { class: "shape" }), svg("path", { class: "inner" }), svg("text", { "text-anchor": "middle", class: "name" }));
      this.elements.set(n.key, g);
      this.nodeLayer.append(g);
    }
    g.setAttribute("class", `node ${n.family}${n.id === null ? " tentative" : ""}${n.key === this.selected ? " selected" : ""}`);
    g.setAttribute("aria-label", n.label);
    g.querySelector(".shape")?.setAttribute("d", shape(n.family, n.r));
    g.querySelector(".inner")?.setAttribute("d", inner(n.family, n.r) ?? "");
    const text = g.querySelector("text");
    if (text) {
      text.textContent = n.name;
      text.setAttribute("y", String((this.layout.place(n.key)?.dy ?? 1) < 0 ? -n.r - 9 : n.r + 17));
    }
  }

  private syncEdge(e: SceneEdge): void {
    let pill = this.elements.get(e.key);
    let line = this.lines.get(e.key);
    if (!pill || !line) {
      line = svg("g", {});
      line.append(svg("path", { class: "line" }), svg("path", { class: "head" }), svg("path", { class: "bar" }));
      pill = svg("g", { "data-key": e.key, role: "button" });
      pill.append(svg("g", { class: "body" }));
      const text = svg("text", { "text-anchor": "middle", y: "4" });
      text.append(svg("tspan", {}), svg("tspan", { class: "mark" }));
      pill.firstElementChild?.append(svg("rect", { rx: "11", height: "22", y: "-11" }), text);
      this.elements.set(e.key, pill);
      this.lines.set(e.key, line);
      this.edgeLayer.append(line);
      this.pillLayer.append(pill);
    }
    const width = pillWidth(e);
    line.setAttribute("class", e.classes);
    pill.setAttribute("class", `pill ${e.classes}${e.key === this.selected ? " selected" : ""}`);
    pill.setAttribute("aria-label", e.label);
    const rect = pill.querySelector("rect");
    rect?.setAttribute("width", width.toFixed(1));
    rect?.setAttribute("x", (-width / 2).toFixed(1));
    const [words, mark] = pill.querySelectorAll("tspan");
    if (words) words.textContent = e.text;
    if (mark) mark.textContent = e.mark ? " " + e.mark : "";
  }

  /** Moves everything from where it is shown to where it belongs. */
  private glide(): void {
    cancelAnimationFrame(this.frame);
    const start = new Map(this.shown);
    const began = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = (now: number): void => {
      const t = still ? 1 : Math.min((now - began) / calm, 1);
      const eased = 1 - (1 - t) ** 3;
      for (const key of this.elements.keys()) {
        const to = this.layout.place(key);
        if (!to) continue;
        const from = start.get(key) ?? to;
        this.shown.set(key, { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased });
      }
      this.paint();
      if (t < 1) this.frame = requestAnimationFrame(step);
    };
    step(still ? began + calm : began);
    this.fit();
  }

  private paint(): void {
    for (const [key, el] of this.elements) {
      const p = this.shown.get(key);
      if (p) el.setAttribute("transform", `translate(${p.x.toFixed(1)},${p.y.toFixed(1)})`);
    }
    const r = new Map(this.scene.nodes.map((n) => [n.key, n.r]));
    for (const e of this.scene.edges) {
      const [s, t, p] = [this.shown.get(e.from), this.shown.get(e.to), this.shown.get(e.key)];
      const line = this.lines.get(e.key);
      if (!s || !t || !p || !line) continue;
      const d = curve(s, r.get(e.from) ?? 14, t, r.get(e.to) ?? 14, p, e.arrow);
      const [path, head, bar] = line.children;
      path?.setAttribute("d", d.line);
      head?.setAttribute("d", d.head);
      bar?.setAttribute("d", e.negated ? d.bar : "");
    }
  }

  /** Keeps the picture inside the pane until the person moves it; after that only they do. */
  fit(force = false): void {
    if (force) this.byHand = false;
    const bodies = this.layout.all();
    if (this.byHand || bodies.length === 0) return;
    const { width, height } = this.size();
    if (width < 60 || height < 60) return;
    const x0 = Math.min(...bodies.map((b) => b.x - b.w));
    const x1 = Math.max(...bodies.map((b) => b.x + b.w));
    const y0 = Math.min(...bodies.map((b) => b.y + b.dy - b.h));
    const y1 = Math.max(...bodies.map((b) => b.y + b.dy + b.h));
    const [W, H] = [width - 2 * rim, height - rim - foot];
    const k = Math.max(Math.min(W / (x1 - x0), H / (y1 - y0), 1.15), 0.5);
    const inside = this.at.applyX(x0) >= rim && this.at.applyX(x1) <= width - rim && this.at.applyY(y0) >= rim && this.at.applyY(y1) <= height - foot;
    if (!force && inside && this.at !== zoomIdentity && k < this.at.k * 1.4) return;
    this.go(zoomIdentity.translate(rim + W / 2 - (k * (x0 + x1)) / 2, rim + H / 2 - (k * (y0 + y1)) / 2).scale(k));
  }

  private go(to: ZoomTransform): void {
    const from = this.at;
    const began = performance.now();
    const still = from === zoomIdentity || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = (now: number): void => {
      const t = still ? 1 : Math.min((now - began) / calm, 1);
      const e = 1 - (1 - t) ** 3;
      const mix = (a: number, b: number): number => a + (b - a) * e;
      this.zoom.transform(select(this.root), zoomIdentity.translate(mix(from.x, to.x), mix(from.y, to.y)).scale(mix(from.k, to.k)));
      if (t < 1) requestAnimationFrame(step);
    };
    step(began);
  }

  zoomBy(factor: number): void {
    this.byHand = true;
    this.zoom.scaleBy(select(this.root), factor);
  }

  /** Where a node or a label is on the screen, so that a card can stand beside it. */
  rectOf(s: Selection): DOMRect | null {
    return this.elements.get(keyOf(s))?.getBoundingClientRect() ?? null;
  }

  /** Where the neighbours of the selected element are. */
  rectsAround(): DOMRect[] {
    return [...this.elements.values()].filter((el) => el.classList.contains("near")).map((el) => el.getBoundingClientRect());
  }

  select(s: Selection | null): void {
    this.elements.get(this.selected)?.classList.remove("selected");
    this.selected = s ? keyOf(s) : "";
    this.elements.get(this.selected)?.classList.add("selected");
    if (s && this.elements.has(this.selected)) this.current = this.selected;
    this.light("");
  }

  focus(s: Selection): boolean {
    const el = this.elements.get(keyOf(s));
    el?.focus();
    return el !== undefined;
  }

  /** Dims what has nothing to do with the element under the pointer or in the card. */
  private light(key: string): void {
    const of = key || this.selected;
    const near = new Set<string>([of]);
    for (const e of this.scene.edges) {
      if (e.key === of) near.add(e.from).add(e.to);
      else if (e.from === of || e.to === of) near.add(e.key).add(e.from).add(e.to);
    }
    const on = of !== "" && this.elements.has(of);
    this.root.classList.toggle("lit", on);
    for (const [k, el] of this.elements) el.classList.toggle("near", on && near.has(k));
    for (const [k, el] of this.lines) el.classList.toggle("near", on && near.has(k));
  }

  private focused(key: string): void {
    if (!key) return;
    this.elements.get(this.current)?.setAttribute("tabindex", "-1");
    this.current = key;
    this.elements.get(key)?.setAttribute("tabindex", "0");
    this.light(key);
  }

  private openKey(key: string): void {
    const thing = key.startsWith("n") ? this.scene.nodes.find((n) => n.key === key) : this.scene.edges.find((e) => e.key === key);
    if (thing?.id != null) this.open({ kind: key.startsWith("n") ? "node" : "edge", id: thing.id });
  }

  private click = (e: Event): void => {
    if (this.dragging?.moved) return;
    this.openKey(keyAt(e.target));
  };

  private down = (e: PointerEvent): void => {
    const key = keyAt(e.target);
    const at = this.shown.get(key);
    if (!at || !key.startsWith("n") || e.button !== 0) return;
    const [x, y] = this.at.invert(this.local(e));
    this.dragging = { key, dx: at.x - x, dy: at.y - y, moved: false };
  };

  private drag = (e: PointerEvent): void => {
    const d = this.dragging;
    if (!d || !(e.buttons & 1)) return;
    const [px, py] = this.at.invert(this.local(e));
    const at = this.shown.get(d.key);
    const [x, y] = [px + d.dx, py + d.dy];
    if (!d.moved && at && Math.hypot(x - at.x, y - at.y) * this.at.k < 4) return; // a click trembles
    if (!d.moved) this.root.setPointerCapture(e.pointerId);
    d.moved = true;
    this.byHand = true;
    cancelAnimationFrame(this.frame);
    this.layout.move(d.key, x, y);
    this.layout.follow(d.key);
    for (const key of this.elements.keys()) {
      const p = this.layout.place(key);
      if (p) this.shown.set(key, { x: p.x, y: p.y });
    }
    this.paint();
  };

  private up = (): void => {
    if (this.dragging?.moved) this.remember();
    setTimeout(() => (this.dragging = null)); // after the click that ends a drag
  };

  private local(e: PointerEvent): [number, number] {
    const box = this.root.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }

  private key = (e: KeyboardEvent): void => {
    const key = keyAt(e.target);
    if (!key || e.ctrlKey || e.metaKey || e.altKey) return;
    const toward = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (e.key === "Enter" || e.key === " ") this.openKey(key);
    else if (toward) this.walk(key, toward[0] ?? 0, toward[1] ?? 0);
    else return;
    e.preventDefault();
  };

  /** Arrows walk along edges: from a node to its labels, from a label to its ends. */
  private walk(key: string, dx: number, dy: number): void {
    const here = this.shown.get(key);
    const edge = this.scene.edges.find((e) => e.key === key);
    const next = edge ? [edge.from, edge.to] : this.scene.edges.filter((e) => e.from === key || e.to === key).map((e) => e.key);
    let best = 0.2; // the cosine of about 80°: more sideways than that is another direction
    let to = "";
    for (const k of next) {
      const p = this.shown.get(k);
      if (!here || !p || k === key) continue;
      const far = Math.hypot(p.x - here.x, p.y - here.y) || 1;
      const cos = ((p.x - here.x) * dx + (p.y - here.y) * dy) / far;
      if (cos > best) [best, to] = [cos, k];
    }
    this.elements.get(to)?.focus();
  }
}

const keyAt = (target: EventTarget | null): string =>
  (target instanceof Element ? target.closest("[data-key]")?.getAttribute("data-key") : "") ?? "";

function leave(el: SVGGElement): void {
  el.classList.add("leaving");
  el.removeAttribute("data-key");
  el.removeAttribute("role");
  el.setAttribute("aria-hidden", "true");
  el.setAttribute("tabindex", "-1");
  setTimeout(() => el.remove(), farewell);
}
