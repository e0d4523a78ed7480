// What is being said now: words that will stay in full ink, words that may still change in lighter ink.
import type { Model } from "./model.ts";

export function Caption({ model }: { model: Model }) {
  const { stable, tentative } = model.caption;
  const speaking = stable !== "" || tentative !== "";
  return (
    <section class="caption" aria-label="What I hear">
      <div><p class={speaking ? "" : "last"} dir="auto">
        {speaking ? (
          <>
            {stable} <span class="tentative">{tentative}</span>
          </>
        ) : (
          model.lastLine || <span class="quiet">{model.status.state === "listening" ? "Go ahead, I'm listening." : "What you say will stand here."}</span>
        )}
      </p></div>
    </section>
  );
}
