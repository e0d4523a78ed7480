// The card of a fact or of a node: where it came from, how sure it is, and what one can do about it. It stands beside what it speaks of.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Actions } from "./actions.ts";
import { Icon } from "./icons.tsx";
import type { Model } from "./model.ts";
import type { Selection } from "./scene.ts";
import type { Trouble } from "./wire.ts";

export interface CardProps {
  model: Model;
  actions: Actions;
  selection: Selection;
  /** A key that was pressed on the thing before the card was there: E, R … */
  first: string;
  anchor(s: Selection): DOMRect | null;
  /** What is linked with the thing and should stay in sight if there is room. */
  around(): DOMRect[];
  open(s: Selection): void;
  close(): void;
}

export interface FrameProps {
  label: string;
  anchor: DOMRect | null;
  around(): DOMRect[];
  moved: string;
  close(): void;
  keys: Record<string, () => void>;
  first: string;
  children: ComponentChildren;
}

const margin = 12;

/** The card's box, its place, and its keys. */
export function Frame({ label, anchor, around, moved, close, keys, first, children }: FrameProps) {
  const box = useRef<HTMLElement>(null);
  const handlers = useRef(keys);
  handlers.current = keys;

  useLayoutEffect(() => {
    if (box.current) stand(box.current, anchor, around());
  }, [moved]);
  // Before the screen is painted: the next key that is typed must find the card, not what had the focus before it.
  useLayoutEffect(() => {
    box.current?.focus({ preventScroll: true });
    if (first) handlers.current[first]?.();
  }, []);
  useEffect(() => {
    if (!box.current) return;
    const again = new ResizeObserver(() => box.current && stand(box.current, anchor, around()));
    again.observe(box.current);
    return () => again.disconnect();
  }, [moved]);

  return (
    <section
      class="card" ref={box} role="dialog" aria-label={label} tabIndex={-1}
      onKeyDown={(e) => {
        if (e.key === "Escape") {
          e.stopPropagation();
          close();
          return;
        }
        if (e.ctrlKey || e.metaKey || e.altKey || isField(e.target)) return;
        const act = handlers.current[e.key.toLowerCase()];
        if (!act) return;
        e.preventDefault();
        e.stopPropagation();
        act();
      }}
    >
      <button type="button" class="tool close" title="Close" aria-label="Close" onClick={close}><Icon name="close" /></button>
      {children}
    </section>
  );
}

/** Finds the place beside the thing where the card covers least of what belongs to it, and never the thing itself. */
function stand(card: HTMLElement, anchor: DOMRect | null, around: DOMRect[]): void {
  const [w, h] = [card.offsetWidth, card.offsetHeight];
  const [W, H] = [innerWidth, innerHeight];
  const a = anchor ?? new DOMRect(W / 2, H / 3, 0, 0);
  const clampX = (x: number): number => Math.max(margin, Math.min(x, W - w - margin));
  const clampY = (y: number): number => Math.max(margin + 44, Math.min(y, H - h - margin));
  const [cx, cy] = [clampX(a.left + a.width / 2 - w / 2), clampY(a.top + a.height / 2 - 60)];
  const all = [a, ...around];
  const [left, right] = [Math.min(...all.map((r) => r.left)), Math.max(...all.map((r) => r.right))];
  const [top, bottom] = [Math.min(...all.map((r) => r.top)), Math.max(...all.map((r) => r.bottom))];
  const places: [number, number][] = [
    [right + margin, cy], [left - margin - w, cy], [cx, bottom + margin], [cx, top - margin - h],
    [a.right + margin, cy], [a.left - margin - w, cy], [cx, a.bottom + margin], [cx, a.top - margin - h],
    [a.right + margin, a.bottom + margin], [a.right + margin, a.top - margin - h], [a.left - margin - w, a.bottom + margin], [a.left - margin - w, a.top - margin - h],
    [W - w - margin, clampY(56)],
  ];
  let best = Infinity;
  let at: [number, number] = [clampX(a.right + margin), cy];
  for (const [px, py] of places) {
    const [x, y] = [clampX(px), clampY(py)];
    const box = new DOMRect(x, y, w, h);
    let cost = covered(box, a) * 1_000 + Math.hypot(x + w / 2 - a.x - a.width / 2, y + h / 2 - a.y - a.height / 2) * 2;
    for (const r of around) cost += covered(box, r) * 4;
    if (cost < best) [best, at] = [cost, [x, y]];
  }
  card.style.setProperty("--x", `${Math.round(at[0])}px`);
  card.style.setProperty("--y", `${Math.round(at[1])}px`);
}

function covered(a: DOMRect, b: DOMRect): number {
  const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return x > 0 && y > 0 ? x * y : 0;
}

export const isField = (t: EventTarget | null): boolean =>
  t instanceof HTMLInputElement ? t.type !== "radio" : t instanceof HTMLTextAreaElement || t instanceof HTMLSelectElement;

export function Action({ icon, text, hint, act, kind }: { icon: string; text: string; hint: string; act(): void; kind?: string }) {
  return (
    <button type="button" class={`action ${kind ?? ""}`} onClick={act} aria-keyshortcuts={hint}>
      <Icon name={icon} />
      {text}
      <kbd aria-hidden="true">{hint}</kbd>
    </button>
  );
}

/** A name to type, with the old one to start from. */
export function Editor({ label, value, save, cancel }: { label: string; value: string; save(text: string): void; cancel(): void }) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  return (
    <form
      class="editor"
      onSubmit={(e) => {
        e.preventDefault();
        if (text.trim() && text.trim() !== value) save(text.trim());
        else cancel();
      }}
    >
      <label>
        <span class="hidden">{label}</span>
        <input
          ref={field} value={text} maxLength={2000} dir="auto" autocomplete="off" onInput={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key !== "Escape") return;
            e.stopPropagation();
            cancel();
          }}
        />
      </label>
      <button type="submit" class="action primary">Save</button>
    </form>
  );
}

export function Problem({ trouble }: { trouble: Trouble | null }) {
  if (!trouble) return null;
  return (
    <p class="problem" role="alert">
      <strong>{trouble.error}</strong> {trouble.next}
    </p>
  );
}
