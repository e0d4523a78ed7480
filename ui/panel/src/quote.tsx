// The words that a fact came from, marked in their sentence. Spans count code points, as the extractor does.
import type { Quote } from "./wire.ts";

// Code points kept on each side of the mark; some people talk without a full stop.
const inList = 70;
const inCard = 280;

export function Quoted({ quote, whole }: { quote: Quote; whole?: boolean }) {
  const around = whole ? inCard : inList;
  const points = Array.from(quote.text);
  const from = Math.min(Math.max(quote.from, 0), points.length);
  const to = Math.min(Math.max(quote.to, from), points.length);
  const marked = to > from;
  const start = !marked ? 0 : Math.max(0, from - around);
  const end = marked ? Math.min(points.length, to + around) : Math.min(points.length, 2 * around);
  const text = (a: number, b: number): string => points.slice(a, b).join("");
  return (
    <q dir="auto">
      {start > 0 && "…"}
      {marked ? text(start, from) : text(start, end)}
      {marked && <mark>{text(from, Math.min(to, from + 4 * around))}</mark>}
      {marked && text(to, end)}
      {end < points.length && "…"}
    </q>
  );
}
