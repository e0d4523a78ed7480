// The note at the foot after a change, with its undo; and the voice for those who listen to the page instead of looking at it.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Actions } from "./actions.ts";
import type { Model } from "./model.ts";

export function Note({ actions, model }: { actions: Actions; model: Model }) {
  const t = actions.toast;
  return (
    <>
      <div class="note-place" role="status">
        {t && (
          <div class={`note${t.next ? " trouble" : ""}`} key={t.key}>
            <span dir="auto"><strong>{t.text}</strong> {t.next}</span>
            {t.undo && <button type="button" class="link" onClick={() => void actions.undo()}>Undo</button>}
            {t.next && <button type="button" class="link" onClick={() => actions.hush()}>Close</button>}
          </div>
        )}
      </div>
      <News model={model} />
    </>
  );
}

/** Reads out facts as they arrive: the newest one, and how many came with it. */
function News({ model }: { model: Model }) {
  const [text, setText] = useState("");
  const seen = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (!model.loaded) return;
    const before = seen.current;
    seen.current = new Set(model.edges.keys());
    if (!before) return; // the first picture is no news
    const fresh = [...model.edges.values()].filter((e) => !before.has(e.id)).sort((a, b) => b.told - a.told);
    const newest = fresh[0];
    if (newest) setText(model.sentence(newest) + (fresh.length > 1 ? `, and ${fresh.length - 1} more` : ""));
  });
  return <div class="hidden" role="log" aria-live="polite" aria-label="New facts">{text}</div>;
}
