// Places of nodes between visits, in the browser's own storage. They are coordinates by id, never words.
import type { Body } from "./layout.ts";

const slot = "places";
const limit = 1_000;

export function loadPlaces(): Map<string, [number, number]> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(slot) ?? "[]");
    if (!Array.isArray(stored)) return new Map();
    return new Map(
      stored.filter((e): e is [string, [number, number]] =>
        Array.isArray(e) && typeof e[0] === "string" && Array.isArray(e[1]) && e[1].every((v) => Number.isFinite(v))),
    );
  } catch {
    return new Map(); // private windows may refuse; the picture is then laid out anew
  }
}

export function savePlaces(bodies: Body[]): void {
  const all = loadPlaces();
  for (const b of bodies) {
    all.delete(b.key); // the newest stand last and are kept longest
    all.set(b.key, [Math.round(b.x), Math.round(b.y)]);
  }
  try {
    localStorage.setItem(slot, JSON.stringify([...all].slice(-limit)));
  } catch {
    // Full or refused: places are a comfort, not data.
  }
}
