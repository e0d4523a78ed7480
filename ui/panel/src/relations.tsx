// The list of relations: type to narrow it, arrows to walk, Enter to take. Words that no relation has become one of the person's own.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Edge } from "./wire.ts";
import { relationWords } from "./words.ts";

interface RelationsProps {
  current: Edge;
  choose(relation: string, predicate?: string): void;
  cancel(): void;
}

export function Relations({ current, choose, cancel }: RelationsProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(() => Math.max(0, relationWords.findIndex((r) => r.id === current.relation)));
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [at, text]);

  const want = text.trim().toLocaleLowerCase();
  const options: { id: string; text: string; own?: string }[] = relationWords
    .filter((r) => want === "" || r.pick.toLocaleLowerCase().includes(want))
    .map((r) => ({ id: r.id, text: r.pick }));
  if (want) options.push({ id: "open", text: `in my words: “${text.trim()}”`, own: text.trim() });
  const chosen = Math.min(at, options.length - 1);
  const take = (i: number): void => {
    const o = options[i];
    if (o) choose(o.id, o.own);
  };

  return (
    <div class="relations">
      <input
        ref={field} role="combobox" aria-label="Relation" aria-expanded="true" aria-controls="relations" aria-autocomplete="list"
        aria-activedescendant={options[chosen] ? `relation-${chosen}` : undefined} placeholder="lives in, works at, …" autocomplete="off" maxLength={80} value={text}
        onInput={(e) => {
          setText(e.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(e) => {
          if (e.key === "ArrowDown") setAt(Math.min(chosen + 1, options.length - 1));
          else if (e.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
          else if (e.key === "Enter") take(chosen);
          else if (e.key === "Escape") cancel();
          else return;
          e.preventDefault();
          e.stopPropagation();
        }}
      />
      <ul id="relations" role="listbox" aria-label="Relations" ref={list} tabIndex={-1}>
        {options.map((o, i) => (
          <li
            key={o.id + (o.own ?? "")} id={`relation-${i}`} role="option" aria-selected={i === chosen}
            class={o.id === current.relation && !o.own ? "now" : ""} onClick={() => take(i)}
          >
            {o.text}
          </li>
        ))}
      </ul>
    </div>
  );
}
