// The stream of events, kept alive: a lost connection is tried again after a second, then less often, and begins with a snapshot.
import type { Model } from "./model.ts";
import type { Caption, Change, Guess, Line, ProgramStatus, Snapshot } from "./wire.ts";

const firstRetry = 1_000;
const lastRetry = 15_000;
// The server sends a heartbeat every 15 s, but comments are invisible here; what is visible is that the browser reports a broken stream.

export function follow(model: Model): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let wait = firstRetry;

  const open = (): void => {
    source = new EventSource("/api/events");
    const on = <T>(name: string, use: (data: T) => void): void => {
      source?.addEventListener(name, (e) => use(JSON.parse((e as MessageEvent<string>).data) as T));
    };
    on<Snapshot>("snapshot", (s) => {
      wait = firstRetry;
      model.connected = true;
      model.refused = false;
      model.load(s);
    });
    on<Change>("change", (c) => model.apply(c));
    on<Line>("line", (l) => model.heard(l));
    on<Caption>("caption", (c) => {
      model.caption = c;
      model.touched();
    });
    on<Guess[]>("tentative", (g) => {
      model.guesses = g;
      model.changed();
    });
    on<ProgramStatus>("status", (s) => {
      model.status = s;
      model.touched();
    });
    source.onerror = () => void lost();
  };

  const lost = async (): Promise<void> => {
    source?.close();
    model.connected = false;
    model.changed();
    clearTimeout(timer);
    timer = window.setTimeout(open, wait);
    wait = Math.min(wait * 1.6, lastRetry);
    // EventSource hides the status code; only a refusal needs a person, so ask once.
    const answer = await fetch("/api/status").catch(() => undefined);
    model.refused = answer?.status === 401;
    model.changed();
  };

  const hurry = (): void => {
    if (model.connected || document.hidden) return;
    clearTimeout(timer);
    wait = firstRetry;
    source?.close();
    open();
  };
  document.addEventListener("visibilitychange", hurry);
  window.addEventListener("online", hurry);
  open();
  return () => {
    document.removeEventListener("visibilitychange", hurry);
    window.removeEventListener("online", hurry);
    clearTimeout(timer);
    source?.close();
  };
}
