// How wide a text will be, so that its place can be kept free before it is drawn.

let context: CanvasRenderingContext2D | null | undefined;
const known = new Map<string, number>();

export function textWidth(text: string, size: number, weight: number): number {
  const key = `${size} ${weight} ${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  context ??= document.createElement("canvas").getContext("2d");
  let width = text.length * size * 0.56;
  if (context) {
    context.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
    width = context.measureText(text).width;
  }
  if (known.size > 5_000) known.clear();
  known.set(key, width);
  return width;
}

/** Widths measured before the font had arrived are wrong. */
export function forgetWidths(): void {
  known.clear();
}
