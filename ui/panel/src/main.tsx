// The page. It starts the stream of events, draws the picture and the list, and listens to the keyboard.
import { render } from "preact";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Actions } from "./actions.ts";
import { api } from "./api.ts";
import { Banner, Bar, Tool } from "./bar.tsx";
import { Caption } from "./caption.tsx";
import { isField } from "./card.tsx";
import { Empty } from "./empty.tsx";
import { FactCard } from "./factcard.tsx";
import { Keys } from "./keys.tsx";
import { List } from "./list.tsx";
import { follow } from "./live.ts";
import { forgetWidths } from "./measure.ts";
import { Model } from "./model.ts";
import { NodeCard } from "./nodecard.tsx";
import { Note } from "./note.tsx";
import { Picture } from "./picture.ts";
import { keyOf } from "./scene.ts";
import type { Selection } from "./scene.ts";
import { Theme } from "./theme.ts";
import "./panel.css";

const model = new Model();
const actions = new Actions(model);
const theme = new Theme(model);

const selectionAt = (target: EventTarget | null): Selection | null => {
  const key = target instanceof Element ? (target.closest("[data-key]")?.getAttribute("data-key") ?? "") : "";
  if (!/^[ne]\d+$/u.test(key)) return null;
  return { kind: key.startsWith("n") ? "node" : "edge", id: key.slice(1) };
};

function App() {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [selection, setSelection] = useState<Selection | null>(null);
  const [first, setFirst] = useState("");
  const [help, setHelp] = useState(false);
  const svg = useRef<SVGSVGElement>(null);
  const picture = useRef<Picture | null>(null);
  const origin = useRef<{ element: Element | null; selection: Selection | null; list: boolean }>({ element: null, selection: null, list: false });

  const open = (s: Selection, key = ""): void => {
    const from = document.activeElement;
    if (!from?.closest(".card")) origin.current = { element: from, selection: s, list: !!from?.closest(".list") };
    setFirst(key);
    setSelection(s);
  };
  const close = (): void => {
    setSelection(null);
    const o = origin.current;
    if (o.element?.isConnected && o.element !== document.body) (o.element as HTMLElement).focus();
    else if (!(o.selection && picture.current?.focus(o.selection))) document.querySelector<HTMLElement>(o.list ? ".list .fact" : "#picture [tabindex='0']")?.focus();
  };
  const latest = useRef({ open, selection });
  latest.current = { open, selection };

  useEffect(() => model.subscribe(() => redraw(0)), []);
  useEffect(() => follow(model), []);
  usePicture(svg, picture, (s) => latest.current.open(s));
  useLayoutEffect(() => picture.current?.select(selection), [selection]);
  useKeys({ open, selection, close, help: () => setHelp((h) => !h) });

  const gone = selection && !(selection.kind === "edge" ? model.edges : model.nodes).has(selection.id);
  useEffect(() => {
    if (gone) close();
  }, [gone]);

  const anchor = (s: Selection): DOMRect | null => {
    const inList = origin.current.list ? document.querySelector(`.list [data-key="${keyOf(s)}"]`)?.getBoundingClientRect() : undefined;
    return inList ?? picture.current?.rectOf(s) ?? document.querySelector(`.list [data-key="${keyOf(s)}"]`)?.getBoundingClientRect() ?? null;
  };
  const card = selection && !gone ? { model, actions, selection, first, anchor, around: () => picture.current?.rectsAround() ?? [], open, close, key: keyOf(selection) } : null;
  const list = useMemo(() => <List model={model} selected={selection} open={(s) => latest.current.open(s)} />, [model.version, selection]);

  return (
    <>
      <Bar model={model} actions={actions} theme={theme} search={find} keys={() => setHelp(true)} />
      <Banner model={model} />
      <main>
        <Graph svg={svg} picture={picture} />
        <aside aria-label="What was said and what I made of it">
          <Caption model={model} />
          {list}
        </aside>
      </main>
      {card && (card.selection.kind === "edge" ? <FactCard {...card} /> : <NodeCard {...card} />)}
      {help && <Keys close={() => setHelp(false)} />}
      <Note actions={actions} model={model} />
    </>
  );
}

/** Makes the drawing and keeps it in step with the model. */
function usePicture(svg: RefObject<SVGSVGElement | null>, picture: RefObject<Picture | null>, open: (s: Selection) => void): void {
  useLayoutEffect(() => {
    if (!svg.current) return;
    const p = new Picture(svg.current, open);
    picture.current = p;
    const resized = new ResizeObserver(() => p.fit());
    resized.observe(svg.current);
    void document.fonts.ready.then(() => {
      forgetWidths();
      model.changed();
    });
    const clock = setInterval(() => model.changed(), 30_000); // "just now" grows old
    return () => {
      resized.disconnect();
      clearInterval(clock);
    };
  }, []);
  useLayoutEffect(() => {
    if (model.loaded) picture.current?.draw(model);
  }, [model.version]);
}

/** The pane of the picture: the drawing itself, and the hands to move it. */
function Graph({ svg, picture }: { svg: RefObject<SVGSVGElement | null>; picture: RefObject<Picture | null> }) {
  const hidden = useMemo(() => model.picture().hidden, [model.version]);
  const empty = model.loaded && model.edges.size === 0 && model.guesses.length === 0;
  return (
    <section class="graph" aria-label="Picture">
      <svg id="picture" ref={svg} tabindex={-1} role="group" aria-label="Picture of what I know; arrows walk along the lines, Enter opens a card" />
      {empty && <Empty model={model} actions={actions} />}
      {!empty && (
        <div class="hands">
          {hidden > 0 && (
            <button type="button" class="rim" onClick={() => more()}>+{hidden}<span class="hidden"> more to show</span></button>
          )}
          <Tool name="plus" label="Closer" act={() => picture.current?.zoomBy(1.25)} />
          <Tool name="minus" label="Farther" act={() => picture.current?.zoomBy(0.8)} />
          <Tool name="fit" label="All of it" act={() => picture.current?.fit(true)} />
          <Tool name="tidy" label="Lay it out anew" act={() => picture.current?.tidy()} />
        </div>
      )}
    </section>
  );
}

function more(): void {
  model.more += 30;
  model.changed();
}

let asked = 0;

/** Narrows the view at once by what the page knows, and then by what the store finds. */
function find(text: string): void {
  model.search = text;
  model.found = null;
  model.changed();
  const mine = ++asked;
  if (text.trim().length < 2) return;
  setTimeout(() => {
    if (mine !== asked) return;
    api.find(text.trim()).then((r) => {
      if (mine !== asked) return;
      for (const n of r.nodes) if (!model.nodes.has(n.id)) model.nodes.set(n.id, n);
      for (const e of r.facts) if (!model.edges.has(e.id)) model.edges.set(e.id, e);
      model.found = new Set(r.facts.map((e) => e.id));
      model.changed();
    }, () => {}); // the page's own answer stands; the state in the bar tells that the program is away
  }, 150);
}

interface KeyHands {
  open(s: Selection, key?: string): void;
  selection: Selection | null;
  close(): void;
  help(): void;
}

/** Keys that work anywhere outside a field. A letter on a focused node or fact opens its card and acts there. */
function useKeys(hands: KeyHands): void {
  const now = useRef(hands);
  now.current = hands;
  useEffect(() => {
    const pressed = (e: KeyboardEvent): void => {
      const key = e.key.toLowerCase();
      const command = e.ctrlKey || e.metaKey;
      if (isField(e.target)) {
        if (e.key === "Escape" && e.target instanceof HTMLInputElement && e.target.id === "search") {
          find("");
          e.target.blur();
        }
        return;
      }
      const on = selectionAt(e.target);
      if (command && key === "z") void (e.shiftKey ? actions.redo() : actions.undo());
      else if (command && key === "y") void actions.redo();
      else if (command || e.altKey) return;
      else if (key === "/") document.getElementById("search")?.focus();
      else if (key === "?") now.current.help();
      else if (key === "escape" && now.current.selection) now.current.close();
      else if (on && "ercxnt".includes(key) && key.length === 1) now.current.open(on, key);
      else return;
      e.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

const root = document.getElementById("panel");
if (root) render(<App />, root);
