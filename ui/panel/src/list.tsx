// Now: the facts as sentences, newest first, each with the words it came from.
import { Quoted } from "./quote.tsx";
import type { Model } from "./model.ts";
import type { Selection } from "./scene.ts";
import { Shape } from "./shape.tsx";
import type { Edge } from "./wire.ts";
import { doubtful, familyOf, isYou, objectName, short, subjectName, whenTold } from "./words.ts";

const most = 200; // rows; the search finds the rest

interface ListProps {
  model: Model;
  selected: Selection | null;
  open(s: Selection): void;
}

export function List({ model, selected, open }: ListProps) {
  const facts = model.facts();
  const title = model.search ? "Found" : model.view === "memory" ? "Memory" : "Now";
  return (
    <section class="list" aria-label={title}>
      <h2>
        {title} <span class="count">{facts.length > 0 ? facts.length : ""}</span>
      </h2>
      {facts.length === 0 && <Nothing model={model} />}
      <ol onKeyDown={walk}>
        {facts.slice(0, most).map((e) => (
          <Row key={e.id} e={e} model={model} selected={selected?.kind === "edge" && selected.id === e.id} open={open} />
        ))}
      </ol>
      {facts.length > most && <p class="rest">and {facts.length - most} more; search finds them</p>}
    </section>
  );
}

function Row({ e, model, selected, open }: { e: Edge; model: Model; selected: boolean; open(s: Selection): void }) {
  const [from, to] = [model.nodes.get(e.from), model.nodes.get(e.to)];
  const look = isYou(from) ? to : from;
  return (
    <li>
      <button
        type="button" class={`fact ${e.status}${selected ? " selected" : ""}`} data-key={`e${e.id}`} aria-haspopup="dialog"
        onClick={() => open({ kind: "edge", id: e.id })}
      >
        <Shape family={familyOf(look?.type ?? "")} />
        <span class="sentence" dir="auto">
          <b><bdi>{short(subjectName(from), 60)}</bdi></b> <Says e={e} /> <b><bdi>{short(objectName(to), 60)}</bdi></b>
          {e.when && <>{" "}<span class="when">{short(e.when, 40)}</span></>}
          {doubtful(e) && <span class="doubt" title="I may have misheard this"> ?<span class="hidden"> in doubt</span></span>}
          {(e.confirmed || e.by === "you") && <span class="tick" title="Confirmed by you"> ✓<span class="hidden"> confirmed</span></span>}
        </span>
        <time dateTime={e.last}>{whenTold(e.last).replace("today at ", "")}</time>
        {e.quote && <span class="small"><Quoted quote={e.quote} /></span>}
      </button>
    </li>
  );
}

/** The relation in words, with a "not" that cannot be overlooked. */
export function Says({ e }: { e: { says: string; negated: boolean } }) {
  const words = short(e.says, 60);
  const at = e.negated ? words.search(/\bnot\b/u) : -1;
  if (at < 0) return <span class="says">{words}</span>;
  return <span class="says">{words.slice(0, at)}<em>not</em>{words.slice(at + 3)}</span>;
}

function Nothing({ model }: { model: Model }) {
  if (!model.loaded) return <p class="nothing">One moment…</p>;
  if (model.search) return <p class="nothing">Nothing I know matches “{short(model.search, 40)}”.</p>;
  if (model.edges.size > 0) return <p class="nothing">Nothing here yet; “Both” shows all that I know.</p>;
  return <p class="nothing">Facts appear here as sentences, each with the words it came from.</p>;
}

function walk(e: KeyboardEvent): void {
  const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const rows = [...(e.currentTarget as Element).querySelectorAll<HTMLElement>(".fact")];
  const to = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
  to?.focus();
  if (to) e.preventDefault();
}
