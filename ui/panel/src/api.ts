// Questions and corrections to the server. A refusal comes back as words, with the next step.
import type { Change, Correction, Edge, ID, Node, Quote, Trouble } from "./wire.ts";

export class Refusal extends Error {
  readonly next: string;
  constructor(t: Trouble) {
    super(t.error);
    this.next = t.next;
  }
}

const unreachable: Trouble = {
  error: "The program does not answer.",
  next: "See whether it still runs; the panel connects again by itself.",
};

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(15_000) };
  if (method === "POST") {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body ?? {});
  }
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new Refusal(unreachable);
  }
  const data: unknown = await answer.json().catch(() => unreachable);
  if (!answer.ok) throw new Refusal(data as Trouble);
  return data as T;
}

export interface FactCard {
  fact: Edge;
  nodes: Node[];
  quotes: Quote[];
}

export interface NodeCard {
  node: Node;
  facts: Edge[];
  nodes: Node[];
}

export const api = {
  correct: (c: Correction) => ask<{ change: Change }>("POST", "/api/correct", c),
  undo: () => ask<{ change: Change }>("POST", "/api/undo"),
  redo: () => ask<{ change: Change }>("POST", "/api/redo"),
  listen: (what: "start" | "pause" | "recording") => ask<object>("POST", "/api/listen", { do: what }),
  fact: (id: ID) => ask<FactCard>("GET", `/api/fact/${encodeURIComponent(id)}`),
  node: (id: ID) => ask<NodeCard>("GET", `/api/node/${encodeURIComponent(id)}`),
  find: (text: string) =>
    ask<{ facts: Edge[]; nodes: Node[] }>("GET", `/api/facts?text=${encodeURIComponent(text)}&limit=100`),
};
