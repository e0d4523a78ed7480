import { inner, shape } from "./shapes.ts";

/** A family's shape in small, for lists and legends. */
export function Shape({ family }: { family: string }) {
  return (
    <svg class={`mini ${family}`} viewBox="-12 -12 24 24" aria-hidden="true">
      <path class="shape" d={shape(family, 8.5)} />
      <path class="inner" d={inner(family, 8.5) ?? ""} />
    </svg>
  );
}
