// What the server sends. The Go side is ui/wire.go; ids are strings because 64-bit numbers do not fit into JavaScript's.

export type ID = string;
export type By = "model" | "rule" | "you";
export type Status = "current" | "past" | "planned";

export interface Node {
  id: ID;
  name: string;
  type: string;
  names: string[];
  facts: number;
  by: By;
}

/** Words that a fact came from: a span of code points in a line. */
export interface Quote {
  line: ID;
  session: ID;
  at: string;
  text: string;
  from: number;
  to: number;
}

export interface Edge {
  id: ID;
  from: ID;
  to: ID;
  relation: string;
  predicate: string;
  says: string;
  negated: boolean;
  status: Status;
  when: string;
  confidence: number;
  count: number;
  by: By;
  state: "believed" | "doubtful";
  confirmed: boolean;
  memory: boolean;
  session: ID;
  /** Place in time: larger is newer. */
  told: number;
  heard: string;
  last: string;
  quote: Quote | null;
}

/** A fact read from an utterance that is not finished: names instead of ids. */
export interface Guess {
  subject: { name: string; type: string };
  object: { name: string; type: string };
  relation: string;
  says: string;
  negated: boolean;
  status: Status;
}

export interface Line {
  id: ID;
  session: ID;
  at: string;
  text: string;
}

export interface Trouble {
  error: string;
  next: string;
}

export interface ProgramStatus {
  state: "idle" | "starting" | "listening" | "paused" | "playing" | "trouble";
  level: number;
  microphone: string;
  trouble?: Trouble;
  behind: number;
  dropped: number;
  text_ms: number;
  sound_ms: number;
  can_listen: boolean;
}

export interface Caption {
  stable: string;
  tentative: string;
}

export interface Snapshot {
  seq: number;
  session: ID;
  nodes: Node[];
  edges: Edge[];
  more: number;
  lines: Line[];
  status: ProgramStatus;
  caption: Caption;
  tentative: Guess[];
}

export interface Change {
  seq: number;
  session: ID;
  nodes: Node[];
  edges: Edge[];
  gone_nodes: ID[];
  gone_edges: ID[];
  /** Lines that may read otherwise now. */
  lines: Line[];
}

export type Correction =
  | { op: "rename"; node: ID; text: string }
  | { op: "retype"; node: ID; type: string }
  | { op: "relation"; edge: ID; relation: string; predicate?: string }
  | { op: "negated"; edge: ID; negated: boolean }
  | { op: "reject"; edge: ID }
  | { op: "confirm"; edge: ID };
