// What the page knows: the server's snapshot, the changes since, and what the person looks at. No drawing happens here.
import type { Caption, Change, Edge, Guess, ID, Line, Node, ProgramStatus, Snapshot } from "./wire.ts";
import { objectName, subjectName } from "./words.ts";

export type View = "session" | "memory" | "both";

/** More nodes than this make a picture unreadable; the rest is counted on the rim. */
export const pictureLimit = 60;

const silent: ProgramStatus = {
  state: "starting", level: 0, microphone: "", behind: 0, dropped: 0, text_ms: 0, sound_ms: 0, can_listen: false,
};

export class Model {
  nodes = new Map<ID, Node>();
  edges = new Map<ID, Edge>();
  lines = new Map<ID, Line>();
  guesses: Guess[] = [];
  status: ProgramStatus = silent;
  caption: Caption = { stable: "", tentative: "" };
  session: ID = "";
  total = 0;
  view: View = "both";
  search = "";
  found: Set<ID> | null = null;
  loaded = false;
  connected = false;
  refused = false;
  more = 0;
  /** Grows with whatever the list or the picture must be drawn anew for; the level of the microphone, ten times a second, is not of that kind. */
  version = 0;

  private last: ID = "";
  private newest = new Map<string, number>();
  private listeners = new Set<() => void>();
  private due = false;

  /** Calls back once per frame at most, however often it is told. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed(): void {
    this.version++;
    this.touched();
  }

  /** Like changed, for what neither list nor picture shows. */
  touched(): void {
    if (this.due) return;
    this.due = true;
    const run = (): void => {
      if (!this.due) return;
      this.due = false;
      for (const l of this.listeners) l();
    };
    // A hidden tab gets no frames, but its title and live region should follow.
    if (document.hidden) setTimeout(run, 200);
    else requestAnimationFrame(run);
  }

  load(s: Snapshot): void {
    this.nodes = new Map(s.nodes.map((n) => [n.id, n]));
    this.edges = new Map(s.edges.map((e) => [e.id, e]));
    this.lines = new Map(s.lines.map((l) => [l.id, l]));
    this.newest.clear();
    this.session = s.session;
    this.total = s.edges.length + s.more;
    this.status = s.status;
    this.caption = s.caption;
    this.guesses = s.tentative;
    this.last = s.lines.at(-1)?.id ?? "";
    this.loaded = true;
    this.changed();
  }

  /** Applies a change. Two writers may overtake each other on the way, so an element never goes back to an older state. */
  apply(c: Change): void {
    if (c.session) this.session = c.session;
    for (const n of c.nodes) if (this.fresh(`n${n.id}`, c.seq)) this.nodes.set(n.id, n);
    for (const e of c.edges) {
      if (!this.fresh(`e${e.id}`, c.seq)) continue;
      if (!this.edges.has(e.id)) this.total++;
      this.edges.set(e.id, e);
    }
    for (const id of c.gone_edges) if (this.fresh(`e${id}`, c.seq) && this.edges.delete(id)) this.total--;
    for (const id of c.gone_nodes) if (this.fresh(`n${id}`, c.seq)) this.nodes.delete(id);
    for (const l of c.lines) if (this.lines.has(l.id) && this.fresh(`l${l.id}`, c.seq)) this.lines.set(l.id, l);
    this.changed();
  }

  private fresh(key: string, seq: number): boolean {
    if ((this.newest.get(key) ?? 0) > seq) return false;
    this.newest.set(key, seq);
    return true;
  }

  /** What was said last, as it reads now. */
  get lastLine(): string {
    return this.lines.get(this.last)?.text ?? "";
  }

  heard(line: Line): void {
    this.lines.set(line.id, line);
    this.session = line.session;
    this.last = line.id;
    this.caption = { stable: "", tentative: "" };
    this.guesses = [];
    this.changed();
  }

  /** Facts of the chosen view and search, newest first. */
  facts(): Edge[] {
    return [...this.edges.values()]
      .filter((e) => this.inView(e) && this.matches(e))
      .sort((a, b) => b.told - a.told || Number(b.id) - Number(a.id));
  }

  private inView(e: Edge): boolean {
    if (this.view === "session") return e.session === this.session;
    return this.view === "both" || e.memory;
  }

  private matches(e: Edge): boolean {
    if (this.search === "") return true;
    if (this.found?.has(e.id)) return true;
    const text = `${this.sentence(e)} ${e.quote?.text ?? ""}`.toLocaleLowerCase();
    return this.search.toLocaleLowerCase().split(/\s+/u).every((word) => text.includes(word));
  }

  sentence(e: Edge): string {
    const when = e.when ? ` (${e.when})` : "";
    return `${subjectName(this.nodes.get(e.from))} ${e.says} ${objectName(this.nodes.get(e.to))}${when}`;
  }

  /** The part of the graph that is drawn: whole facts, newest first, until the limit of nodes is reached. */
  picture(): { nodes: Node[]; edges: Edge[]; hidden: number } {
    const limit = pictureLimit + this.more;
    const drawn = new Map<ID, Node>();
    const edges: Edge[] = [];
    const all = new Set<ID>();
    for (const e of this.facts()) {
      const [from, to] = [this.nodes.get(e.from), this.nodes.get(e.to)];
      if (!from || !to) continue;
      all.add(from.id).add(to.id);
      const adds = (drawn.has(from.id) ? 0 : 1) + (drawn.has(to.id) || from.id === to.id ? 0 : 1);
      if (drawn.size + adds > limit) continue;
      drawn.set(from.id, from).set(to.id, to);
      edges.push(e);
    }
    return { nodes: [...drawn.values()], edges, hidden: all.size - drawn.size };
  }

  factsOf(id: ID): Edge[] {
    return [...this.edges.values()].filter((e) => e.from === id || e.to === id);
  }

  /** The node that a name in a guess means, if the graph has it already. */
  named(name: string, type: string): Node | undefined {
    const want = name.toLocaleLowerCase();
    for (const n of this.nodes.values()) {
      if (type === "USER" ? n.type === "USER" : n.name.toLocaleLowerCase() === want) return n;
    }
    for (const n of this.nodes.values()) if (n.names.some((x) => x.toLocaleLowerCase() === want)) return n;
    return undefined;
  }
}
