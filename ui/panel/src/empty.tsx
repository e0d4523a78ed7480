// The first start: what will happen here, one button, one link.
import type { Actions } from "./actions.ts";
import type { Model } from "./model.ts";
import { curve } from "./curve.ts";
import { inner, shape } from "./shapes.ts";

interface Dot {
  x: number;
  y: number;
  family: string;
  name: string;
}

const you: Dot = { x: 56, y: 84, family: "you", name: "You" };
const marta: Dot = { x: 168, y: 30, family: "people", name: "Marta" };
const lisbon: Dot = { x: 282, y: 84, family: "places", name: "Lisbon" };

export function Empty({ model, actions }: { model: Model; actions: Actions }) {
  const s = model.status;
  const hears = s.state === "listening" || s.state === "playing";
  return (
    <div class="empty">
      <svg class="example" viewBox="0 0 338 124" aria-hidden="true">
        <Link from={you} to={marta} pill={{ x: 104, y: 44 }} text="sister of" />
        <Link from={marta} to={lisbon} pill={{ x: 232, y: 44 }} text="lives in" />
        {[you, marta, lisbon].map((d) => (
          <g key={d.name} class={`node ${d.family}`} transform={`translate(${d.x},${d.y})`}>
            <path class="shape" d={shape(d.family, 13)} />
            <path class="inner" d={inner(d.family, 13) ?? ""} />
            <text text-anchor="middle" y="30">{d.name}</text>
          </g>
        ))}
      </svg>
      <h2>{hears ? "I'm listening." : "Talk, and what you say becomes a picture."}</h2>
      <p>
        {hears ? "Tell me something, for example: " : "Say for example: "}
        <q>My sister Marta lives in Lisbon.</q>
      </p>
      {s.can_listen && !hears && (
        <>
          <button type="button" class="start" onClick={() => void actions.listen("start")}>Start listening</button>
          <button type="button" class="link" onClick={() => void actions.listen("recording")}>Try it with a recording</button>
        </>
      )}
      <p class="promise">Everything stays on this machine.</p>
    </div>
  );
}

function Link({ from, to, pill, text }: { from: Dot; to: Dot; pill: { x: number; y: number }; text: string }) {
  const d = curve(from, 13, to, 13, pill);
  return (
    <>
      <g class="edge tentative"><path class="line" d={d.line} /><path class="head" d={d.head} /></g>
      <g class="pill tentative" transform={`translate(${pill.x},${pill.y})`}>
        <rect x="-29" y="-9.5" width="58" height="19" rx="9.5" />
        <text text-anchor="middle" y="3.6">{text}</text>
      </g>
    </>
  );
}
