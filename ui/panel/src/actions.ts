// What a person does: at once on the screen, then in the store; if the store refuses, the screen goes back and says why.
import { api, Refusal } from "./api.ts";
import type { Model } from "./model.ts";
import type { Correction, Trouble } from "./wire.ts";
import { isYou, relationWords } from "./words.ts";

export interface Toast {
  text: string;
  next?: string;
  undo: boolean;
  key: number;
}

const toastTime = 8_000;

export class Actions {
  toast: Toast | null = null;
  private timer = 0;
  private count = 0;

  constructor(private model: Model) {}

  say(text: string, undo: boolean, next?: string): void {
    clearTimeout(this.timer);
    this.toast = { text, undo, key: ++this.count, ...(next ? { next } : {}) };
    // What asks a person for a step stays until they have read it.
    if (!next) this.timer = window.setTimeout(() => this.hush(), toastTime);
    this.model.touched();
  }

  hush(): void {
    this.toast = null;
    this.model.touched();
  }

  /** Makes a correction; the words are for the note with the undo. Gives back the trouble, if any, for the place where it happened. */
  async correct(c: Correction, done: string): Promise<Trouble | null> {
    const back = optimistic(this.model, c);
    this.model.changed();
    try {
      const { change } = await api.correct(c);
      this.model.apply(change);
      this.say(done, true);
      return null;
    } catch (e) {
      back();
      this.model.changed();
      return words(e);
    }
  }

  undo = (): Promise<void> => this.walk(api.undo, "Undone.");
  redo = (): Promise<void> => this.walk(api.redo, "Done again.");

  private async walk(step: typeof api.undo, done: string): Promise<void> {
    try {
      this.model.apply((await step()).change);
      this.say(done, false);
    } catch (e) {
      const t = words(e);
      this.say(t.error, false, t.next);
    }
  }

  async listen(what: "start" | "pause" | "recording"): Promise<void> {
    try {
      await api.listen(what);
    } catch (e) {
      const t = words(e);
      this.say(t.error, false, t.next);
    }
  }
}

export function words(e: unknown): Trouble {
  if (e instanceof Refusal) return { error: e.message, next: e.next };
  return { error: "Something went wrong on this page.", next: "Load the page again." };
}

/** Shows a correction before the store has it; the result takes it back. */
function optimistic(model: Model, c: Correction): () => void {
  if (c.op === "rename" || c.op === "retype") {
    const before = model.nodes.get(c.node);
    if (!before) return () => {};
    model.nodes.set(c.node, c.op === "rename" ? { ...before, name: c.text, by: "you" } : { ...before, type: c.type, by: "you" });
    return () => model.nodes.set(c.node, before);
  }
  const before = model.edges.get(c.edge);
  if (!before) return () => {};
  const you = isYou(model.nodes.get(before.from));
  if (c.op === "reject") model.edges.delete(c.edge);
  else if (c.op === "confirm") model.edges.set(c.edge, { ...before, confirmed: true, state: "believed" });
  else if (c.op === "negated") model.edges.set(c.edge, { ...before, negated: c.negated, by: "you" });
  else {
    const says = c.predicate ?? relationWords.find((r) => r.id === c.relation)?.[you ? "youSay" : "says"] ?? before.says;
    model.edges.set(c.edge, { ...before, relation: c.relation, predicate: c.predicate ?? "", says, by: "you" });
  }
  return () => model.edges.set(c.edge, before);
}
