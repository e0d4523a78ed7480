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
  open(s: Selection): void;
  close(): void;
}

export interface FrameProps {
  label: string;
  anchor: DOMRect | null;
  moved: string;
  close(): void;
  keys: Record<string, () => void>;
  first: string;
  children: ComponentChildren;
}

const margin = 12;

/** The card's box, its place, and its keys. */
export function Frame({ label, anchor, moved, close, keys, first, children }: FrameProps) {
  const box = useRef<HTMLElement>(null);
  const handlers = useRef(keys);
  handlers.current = keys;

  useLayoutEffect(() => {
    if (box.current) stand(box.current, anchor);
  }, [moved]);
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    if (first) handlers.current[first]?.();
  }, []);
  useEffect(() => {
    if (!box.current) return;
    const again = new ResizeObserver(() => box.current && stand(box.current, anchor));
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

/** Finds the side of the thing with room for the card, so that it never covers what it speaks of. */
function stand(card: HTMLElement, anchor: DOMRect | null): void {
  const [w, h] = [card.offsetWidth, card.offsetHeight];
  const [W, H] = [innerWidth, innerHeight];
  const a = anchor ?? new DOMRect(W / 2, H / 3, 0, 0);
  const clampX = (x: number): number => Math.max(margin, Math.min(x, W - w - margin));
  const clampY = (y: number): number => Math.max(margin + 44, Math.min(y, H - h - margin));
  const beside = clampY(a.top + a.height / 2 - 60);
  let [x, y] = [clampX(a.left - w / 2), clampY(a.bottom + margin)];
  if (a.right + margin + w <= W - margin) [x, y] = [a.right + margin, beside];
  else if (a.left - margin - w >= margin) [x, y] = [a.left - margin - w, beside];
  else if (a.bottom + margin + h > H - margin && a.top - margin - h > margin) y = a.top - margin - h;
  card.style.setProperty("--x", `${Math.round(x)}px`);
  card.style.setProperty("--y", `${Math.round(y)}px`);
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
  useEffect(() => {
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
