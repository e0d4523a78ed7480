// The table of relations and types is ui/words.json, the same that the Go side embeds.
import { relations, types } from "../../words.json";
import type { Edge, Node } from "./wire.ts";

export interface RelationWord {
  id: string;
  says: string;
  youSay: string;
  pick: string;
}

/** The 42 relations for the list of choices, in the words of the table. */
export const relationWords: RelationWord[] = relations
  .map((r) => {
    const you = r.verb === "be" ? "are" : r.third === r.past ? r.past : r.verb;
    return { id: r.id, says: `${r.third} ${r.rest}`.trim(), youSay: `${you} ${r.rest}`.trim(), pick: r.pick };
  })
  .sort((a, b) => a.pick.localeCompare(b.pick));

const eitherWay = new Set(relations.filter((r) => "symmetric" in r && r.symmetric).map((r) => r.id));

/** Relations that say the same in either direction have no arrow. */
export const symmetric = (relation: string): boolean => eitherWay.has(relation);

export const typeWords = types.filter((t) => t.id !== "USER");

const byType = new Map(types.map((t) => [t.id, t]));

export const familyOf = (type: string): string => byType.get(type)?.family ?? "ideas";
export const typeName = (type: string): string => byType.get(type)?.name ?? "idea";
export const asWhat = (type: string): string => byType.get(type)?.as ?? "an idea";

export const isYou = (n: Node | undefined): boolean => n?.type === "USER";
export const subjectName = (n: Node | undefined): string => (isYou(n) ? "You" : (n?.name ?? "…"));
export const objectName = (n: Node | undefined): string => (isYou(n) ? "you" : (n?.name ?? "…"));

/** In doubt: not believed yet, so it stays out of the memory until a person or another telling confirms it. */
export const doubtful = (e: Edge): boolean => e.state === "doubtful" && !e.confirmed;

export function sureness(e: Edge): string {
  if (e.confirmed) return "You confirmed it.";
  if (e.by === "you") return "You corrected it.";
  if (e.by === "rule") return "One of your rules says so.";
  if (doubtful(e)) return "I may have misheard this.";
  if (e.confidence < 0.85) return "I am fairly sure.";
  return "I heard it clearly.";
}

export const times = (n: number): string => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);

const day = 86_400_000;

/** When something was told, as near as a person wants to know: "just now", "today at 14:02", "Tuesday at 9:15", "3 May 2025". */
export function whenTold(iso: string, now = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  if (Math.abs(now.getTime() - at.getTime()) < 60_000) return "just now";
  const clock = at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (at.getTime() >= midnight) return `today at ${clock}`;
  if (at.getTime() >= midnight - day) return `yesterday at ${clock}`;
  if (at.getTime() >= midnight - 6 * day) return `${at.toLocaleDateString([], { weekday: "long" })} at ${clock}`;
  return at.toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" });
}

const turns = /[\u202a-\u202e\u2066-\u2069]/gu; // would turn the words beside a name around

/** Cuts a name for places with little room; the whole name stands in its card. */
export function short(name: string, max = 26): string {
  const points = Array.from(name.slice(0, max * 4).replace(turns, "").replace(/\s+/gu, " ").trim());
  return points.length <= max ? points.join("") : points.slice(0, max - 1).join("").trimEnd() + "…";
}
