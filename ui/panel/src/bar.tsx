// The top bar: what the program is doing, search, the view, and the few commands that belong to everything.
import type { Actions } from "./actions.ts";
import { Icon } from "./icons.tsx";
import type { Model, View } from "./model.ts";
import type { Theme } from "./theme.ts";

const states: Record<string, string> = {
  idle: "Not listening",
  starting: "Getting ready",
  listening: "Listening",
  paused: "Paused",
  playing: "Playing a recording",
  trouble: "Needs you",
};

interface BarProps {
  model: Model;
  actions: Actions;
  theme: Theme;
  search(text: string): void;
  keys(): void;
}

export function Bar({ model, actions, theme, search, keys }: BarProps) {
  return (
    <header class="bar">
      <h1 class="hidden">HotMem</h1>
      <State model={model} actions={actions} />
      <label class="search">
        <Icon name="search" />
        <span class="hidden">Search</span>
        <input
          id="search" type="search" placeholder="Search" autocomplete="off" spellcheck={false} value={model.search}
          onInput={(e) => search(e.currentTarget.value)}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <Views model={model} />
      <div class="tools">
        <Tool name="undo" label="Undo" act={() => void actions.undo()} />
        <Tool name="redo" label="Redo" act={() => void actions.redo()} />
        <a class="tool" href="/api/export" download title="Export everything" aria-label="Export everything"><Icon name="export" /></a>
        <Tool name={theme.choice} label={`Colours: ${theme.words()}`} act={() => theme.next()} />
        <Tool name="keys" label="Shapes and keys" act={keys} />
      </div>
    </header>
  );
}

export function Tool({ name, label, act }: { name: string; label: string; act(): void }) {
  return (
    <button type="button" class="tool" title={label} aria-label={label} onClick={act}>
      <Icon name={name} />
    </button>
  );
}

function State({ model, actions }: { model: Model; actions: Actions }) {
  const s = model.status;
  const state = model.connected ? s.state : "away";
  const text = model.connected ? (states[s.state] ?? s.state) : model.loaded ? "Connecting again" : "Connecting";
  const hears = s.state === "listening" || s.state === "playing";
  const inside = (
    <>
      <span class="ring" style={{ "--level": hears ? Math.min(1, Math.max(0, s.level)).toFixed(2) : "0" }} />
      <span class="what">{text}</span>
    </>
  );
  if (!s.can_listen || !model.connected) return <div class={`state ${state}`} role="status">{inside}</div>;
  const starting = s.state === "starting"; // a second press would only begin again; the button stays, as it may have the focus
  const title = starting ? text : hears ? "Pause listening" : "Start listening";
  return (
    <button
      type="button" class={`state ${state}`} title={title} aria-label={starting ? text : `${text}. ${title}`} aria-disabled={starting}
      onClick={() => starting || void actions.listen(hears ? "pause" : "start")}
    >
      {inside}
    </button>
  );
}

const views: [View, string][] = [["session", "Session"], ["memory", "Memory"], ["both", "Both"]];

function Views({ model }: { model: Model }) {
  return (
    <fieldset class="views">
      <legend class="hidden">Which facts to show</legend>
      {views.map(([view, text]) => (
        <label key={view}>
          <input
            type="radio" name="view" value={view} checked={model.view === view}
            onChange={() => {
              model.view = view;
              model.more = 0;
              model.changed();
            }}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Trouble is told in words, with the way out, where it does not hide the work. */
export function Banner({ model }: { model: Model }) {
  const t = model.refused
    ? { error: "The program was started anew and does not know this page any more.", next: "Open the panel from the menu." }
    : !model.connected && model.loaded
      ? { error: "The program does not answer.", next: "I try again by myself; what is shown here may be old." }
      : model.status.trouble;
  if (!t) return null;
  return (
    <div class="banner" role="status">
      <strong>{t.error}</strong> {t.next}
    </div>
  );
}
