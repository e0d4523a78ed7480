// Shapes and keys: the legend of the picture and everything the keyboard can do.
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.tsx";
import { Shape } from "./shape.tsx";

const shapes: [string, string][] = [
  ["people", "people"], ["animals", "animals"], ["organisations", "organisations and roles"], ["places", "places"], ["things", "things, works, food"],
  ["doings", "events and activities"], ["health", "body and health"], ["measure", "times, amounts, addresses"], ["ideas", "ideas and kinds"], ["you", "you"],
];

const keys: [string, string][] = [
  ["Tab, arrows", "walk through facts and along lines"], ["Enter", "open the card"], ["C", "right"], ["X", "wrong"], ["R", "change the relation"], ["N", "not so"],
  ["E", "rename"], ["T", "what it is"], ["Esc", "close"], ["Ctrl/⌘ Z", "undo"], ["Shift Ctrl/⌘ Z", "redo"], ["/", "search"], ["?", "this help"],
];

const lines: [string, string][] = [
  ["edge", "so now"], ["edge past", "in the past"], ["edge planned", "planned"], ["edge tentative", "still being said"],
];

export function Keys({ close }: { close(): void }) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => box.current?.showModal(), []);
  return (
    <dialog class="help" ref={box} aria-label="Shapes and keys" onClose={close} onClick={(e) => e.target === box.current && box.current?.close()}>
      <button type="button" class="tool close" title="Close" aria-label="Close" onClick={() => box.current?.close()}><Icon name="close" /></button>
      <div>
        <h2>Shapes</h2>
        <ul class="legend">
          {shapes.map(([family, text]) => <li key={family}><Shape family={family} />{text}</li>)}
        </ul>
        <h2>Lines</h2>
        <ul class="legend">
          {lines.map(([look, text]) => (
            <li key={look}><svg class="mini" viewBox="0 0 30 12" aria-hidden="true"><g class={look}><path class="line" d="M1,6H29" /></g></svg>{text}</li>
          ))}
          <li><span class="doubt sign">?</span>I may have misheard</li>
          <li><span class="tick sign">✓</span>confirmed by you</li>
        </ul>
      </div>
      <div>
        <h2>Keys</h2>
        <dl>{keys.map(([key, text]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{text}</dd></div>)}</dl>
      </div>
    </dialog>
  );
}
