// The page in a real browser over the real server and store. Each test has a server and a window of its own.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { claim, launch, open, Server, story, term, testTimeout, you } from "./harness.mjs";

const require = createRequire(import.meta.url);
const marta = term("Marta", "PERSON");
const lives = (where) => claim(marta, "lives_in", term(where, "PLACE"), `lives in ${where}`);

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Runs a test with its own server and page, and looks for complaints of the page at the end. */
function onPage(name, options, run) {
  test(name, { timeout: 4 * testTimeout }, async () => {
    const server = await Server.start();
    try {
      if (options.story) await story(server);
      const page = await open(browser, server, options.window);
      await run(page, server);
      assert.deepEqual(page.complaints.filter((c) => !(options.allow ?? /^$/).test(c)), []);
      await page.context().close();
    } finally {
      await server.stop(); // fails if the store does not hold together
    }
  });
}

const fact = (page, text) => page.locator(".fact", { has: page.locator(".sentence", { hasText: text }) });
const node = (page, name) => page.locator("#picture .node:not(.leaving)", { hasText: name });
const pill = (page, says) => page.locator("#picture .pill:not(.leaving)", { hasText: says });
const gone = (locator) => locator.waitFor({ state: "detached" });

onPage("the empty panel explains itself and starts by one button", {}, async (page) => {
  await page.getByText("Talk, and what you say becomes a picture.").waitFor();
  await page.getByRole("button", { name: "Try it with a recording" }).click();
  await page.getByText("Playing a recording").waitFor();
  await page.getByRole("button", { name: /Pause listening/ }).click();
  await page.getByRole("button", { name: "Start listening", exact: true }).click();
  await page.getByText("I'm listening.").first().waitFor();
});

onPage("a fact appears while one talks, first as a guess", {}, async (page, server) => {
  await server.do({ do: "caption", caption: { stable: "Marta lives", tentative: "in Lisbon" } });
  assert.equal((await page.locator(".caption .tentative").textContent()).trim(), "in Lisbon");
  await server.do({ do: "guess", claims: [lives("Lisbon")] });
  await page.locator("#picture .pill.tentative").waitFor();
  await server.line("Marta lives in Lisbon.", [lives("Lisbon")]);
  await fact(page, "Marta lives in Lisbon").waitFor();
  await gone(page.locator("#picture .tentative:not(.leaving)"));
  await pill(page, "lives in").waitFor();
  assert.equal(await page.locator(".fact mark").textContent(), "lives in Lisbon");
  await page.locator("[role=log]", { hasText: "Marta lives in Lisbon" }).waitFor({ state: "attached" });
});

onPage("what stands in the picture keeps its place when facts arrive", { story: true }, async (page, server) => {
  await node(page, "Potola").waitFor();
  await page.mouse.move(300, 300);
  await page.mouse.wheel(0, 1); // the view is the person's from now on
  await page.waitForTimeout(400); // let the first drawing come to rest
  const places = () => page.$$eval("#picture .node", (all) => Object.fromEntries(all.map((n) => [n.getAttribute("data-key"), n.getAttribute("transform").match(/-?[\d.]+/g).map(Number)])));
  const old = await places();
  await server.line("Marta plays the cello in an orchestra.", [
    claim(marta, "does", term("cello", "ACTIVITY"), "plays the cello"), claim(marta, "member_of", term("orchestra", "GROUP"), "in an orchestra"),
  ]);
  await node(page, "orchestra").waitFor();
  await page.waitForTimeout(400);
  const now = await places();
  for (const [key, [x, y]] of Object.entries(old)) {
    const moved = Math.hypot(now[key][0] - x, now[key][1] - y);
    assert.ok(moved <= 8, `${key} moved by ${moved.toFixed(1)} px`);
  }
  assert.equal(Object.keys(now).length, Object.keys(old).length + 2);
});

onPage("no label covers another one or a node", { story: true }, async (page) => {
  await node(page, "Potola").waitFor();
  await page.waitForTimeout(400);
  const overlaps = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll("#picture .pill rect, #picture .node .shape, #picture .node text")].map((el) => {
      const r = el.getBoundingClientRect();
      return { of: el.closest("[data-key]").getAttribute("data-key"), name: el.closest("[data-key]").textContent, l: r.left + 1, r: r.right - 1, t: r.top + 1, b: r.bottom - 1 };
    });
    const bad = [];
    for (const a of boxes) for (const b of boxes) if (a.of < b.of && a.l < b.r && b.l < a.r && a.t < b.b && b.t < a.b) bad.push(`${a.name} / ${b.name}`);
    return bad;
  });
  assert.deepEqual(overlaps, []);
});

onPage("a click on a fact opens a card with the words it came from, beside it", { story: true }, async (page) => {
  await pill(page, "works at").click();
  const card = page.getByRole("dialog");
  await card.getByText("Marta works at Gulbenkian").waitFor();
  assert.equal(await card.locator("mark").textContent(), "she works at the Gulbenkian");
  const [a, b] = [await card.boundingBox(), await pill(page, "works at").boundingBox()];
  assert.ok(a.x >= b.x + b.width || a.x + a.width <= b.x || a.y >= b.y + b.height || a.y + a.height <= b.y, "the card covers what it speaks of");
  await page.keyboard.press("Escape");
  await gone(card);
});

onPage("a node is renamed and retyped on its card", { story: true }, async (page) => {
  await node(page, "Marta").click();
  await page.getByRole("dialog").getByText("You are sister or brother of Marta").waitFor();
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("New name").fill("Martha");
  await page.keyboard.press("Enter");
  await fact(page, "Martha lives in Lisbon").waitFor();
  await page.getByText("You corrected this.").waitFor();
  await page.getByLabel("What it is").selectOption("ANIMAL");
  await page.locator("#picture .node.animals", { hasText: "Martha" }).waitFor();
  await page.reload();
  await page.locator("#picture .node.animals", { hasText: "Martha" }).waitFor();
});

onPage("a relation is changed to another one and to words of one's own", { story: true }, async (page) => {
  await pill(page, "works at").click();
  await page.getByRole("button", { name: "Relation" }).click();
  await page.getByRole("combobox").fill("founded");
  await page.keyboard.press("Enter");
  await fact(page, "Marta founded Gulbenkian").waitFor();
  await page.getByRole("button", { name: "Relation" }).click();
  await page.getByRole("combobox").fill("sing at");
  await page.keyboard.press("Enter");
  await fact(page, "Marta sings at Gulbenkian").waitFor();
  await page.reload();
  await fact(page, "Marta sings at Gulbenkian").waitFor();
});

onPage("a rejected fact goes, and undo and redo walk back and forth", { story: true }, async (page) => {
  await pill(page, "works at").click();
  await page.getByRole("button", { name: "Wrong" }).click();
  await gone(fact(page, "works at"));
  await gone(pill(page, "works at"));
  await page.locator(".note").getByRole("button", { name: "Undo" }).click();
  await fact(page, "Marta works at Gulbenkian").waitFor();
  await page.keyboard.press("ControlOrMeta+Shift+z");
  await gone(fact(page, "works at"));
  await page.keyboard.press("ControlOrMeta+z");
  await fact(page, "Marta works at Gulbenkian").waitFor();
});

onPage("a line that is edited elsewhere reads otherwise at once, wherever it stands", {}, async (page, server) => {
  await server.line("Marta lives in Lisbon.", [lives("Lisbon")]);
  await fact(page, "Marta lives in Lisbon").click();
  const card = page.getByRole("dialog");
  await card.locator("q", { hasText: "Marta lives in Lisbon." }).waitFor();
  await page.evaluate(async () => {
    const { lines } = await (await fetch("/api/lines")).json();
    const body = JSON.stringify({ op: "edit_line", line: lines[0].id, text: "Marta has moved to Lisbon." });
    await fetch("/api/correct", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  });
  for (const place of [page.locator(".fact q"), card.locator("q"), page.locator(".caption")]) {
    await place.filter({ hasText: "Marta has moved to Lisbon." }).waitFor();
  }
});

onPage("undo with nothing to undo says so", { allow: /409/ }, async (page) => {
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("There is nothing to undo.").waitFor();
});

onPage("a doubtful fact is confirmed with one key and loses its question mark", { story: true }, async (page) => {
  await fact(page, "suffer from knee").locator(".doubt").waitFor();
  await fact(page, "suffer from knee").focus();
  await page.keyboard.press("c");
  await fact(page, "suffer from knee").locator(".tick").waitFor();
  assert.equal(await fact(page, "suffer from knee").locator(".doubt").count(), 0);
});

onPage("everything can be done by keyboard alone", { story: true }, async (page) => {
  await fact(page, "works at").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("lisbon");
  await gone(fact(page, "Figma"));
  await page.keyboard.press("Escape");
  await fact(page, "Figma").waitFor();
  // Tab from the first control into the picture: it is one stop.
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.closest("#picture") !== null)) break;
  }
  const at = () => page.evaluate(() => document.activeElement.getAttribute("data-key") ?? "");
  const first = await at();
  assert.match(first, /^[ne]\d+$/);
  const seen = new Set([first]);
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp"]) {
    await page.keyboard.press(key);
    seen.add(await at());
  }
  assert.ok(seen.size >= 3, `arrows reached only ${[...seen]}`);
  await node(page, "Potola").focus();
  await page.keyboard.press("e");
  await page.keyboard.type("Patola"); // at once: no key may get lost while the card opens
  await page.keyboard.press("Enter");
  await fact(page, "Patola likes long walks").waitFor();
  await page.keyboard.press("Escape");
  await gone(page.getByRole("dialog"));
  assert.equal(await page.evaluate(() => document.activeElement.closest("#picture") !== null), true, "focus goes back to the node");
  await fact(page, "Marta works at").focus();
  await page.keyboard.press("x");
  await gone(fact(page, "Marta works at"));
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Shapes and keys" }).waitFor();
});

onPage("hostile names are inert text", {}, async (page, server) => {
  const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const long = "L" + "o".repeat(9_998) + "ng";
  const rtl = "\u202Eשלום evil\u202C";
  await server.line(`${markup} knows ${rtl}`, [claim(term(markup, "PERSON"), "knows", term(rtl, "PERSON"))]);
  await server.line("A long name.", [claim(term(long, "PERSON"), "likes", term("tea & <b>cake</b>", "FOOD"))]);
  await fact(page, "likes tea & <b>cake</b>").waitFor();
  await node(page, "<img src=x").click();
  await page.getByRole("dialog").getByText("<img src=x").first().waitFor();
  assert.equal(await page.locator("#panel img, #panel script, #panel b b").count(), 0);
  assert.equal(await page.title(), "HotMem");
  const widest = await page.evaluate(() => Math.max(...[...document.querySelectorAll("#picture .node text")].map((t) => t.getBoundingClientRect().width)));
  assert.ok(widest < 300, `a name is ${widest} px wide in the picture`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "the page scrolls sideways");
});

onPage("the page finds the server again after a restart", { allow: /ERR_|Failed to load/ }, async (page, server) => {
  await server.line("Marta lives in Lisbon.", [lives("Lisbon")]);
  await fact(page, "Lisbon").waitFor();
  await server.do({ do: "stop" });
  await page.getByText("The program does not answer.").waitFor();
  await fact(page, "Lisbon").waitFor(); // what is known stays on the screen
  await server.do({ do: "start" });
  await gone(page.getByText("The program does not answer."));
  await server.line("Marta lives in Porto.", [lives("Porto")]);
  await fact(page, "Porto").waitFor();
});

onPage("a page whose program was started anew says what to do", { allow: /ERR_|Failed to load/ }, async (page, server) => {
  await server.do({ do: "anew" });
  await page.getByText("Open the panel from the menu.").waitFor();
});

onPage("two windows show the same, at once", { story: true }, async (page, server) => {
  const second = await open(browser, server);
  await fact(page, "Marta works at").focus();
  await page.keyboard.press("x");
  await gone(fact(second, "Marta works at"));
  await second.getByRole("button", { name: "Undo" }).click();
  await fact(page, "Marta works at").waitFor();
  await second.context().close();
});

onPage("views show the session, the memory, or both", {}, async (page, server) => {
  await server.line("Marta lives in Lisbon.", [lives("Lisbon")]);
  await server.do({ do: "session" });
  await server.line("Anna likes tea.", [claim(term("Anna", "PERSON"), "likes", term("tea", "FOOD"))]);
  await fact(page, "Anna likes tea").waitFor();
  await fact(page, "Marta lives in").waitFor();
  await page.getByRole("radio", { name: "Session" }).check();
  await gone(fact(page, "Marta lives in"));
  await fact(page, "Anna likes tea").waitFor();
  await page.getByRole("radio", { name: "Memory" }).check();
  await fact(page, "Marta lives in").waitFor();
});

onPage("trouble is named with the next step", {}, async (page, server) => {
  await server.do({ do: "status", status: { state: "trouble", trouble: { error: "I can't find a microphone.", next: "Plug one in." } } });
  await page.getByText("I can't find a microphone.").waitFor();
  await page.getByText("Plug one in.").waitFor();
});

onPage("a start that is under way cannot be asked for again", {}, async (page, server) => {
  const asked = [];
  page.on("request", (r) => r.url().endsWith("/api/listen") && asked.push(r.url()));
  await server.do({ do: "status", status: { state: "starting" } });
  const button = page.getByRole("button", { name: "Getting ready", exact: true });
  await button.click({ force: true });
  await page.evaluate(() => fetch("/api/status")); // whatever the click asked for went first
  assert.deepEqual(asked, []);
  await server.do({ do: "status", status: { state: "listening" } });
  await page.getByRole("button", { name: /Pause listening/ }).click();
  await page.getByRole("button", { name: /^Paused/ }).waitFor();
  assert.equal(asked.length, 1);
});

onPage("a picture of more than sixty nodes counts the rest", {}, async (page, server) => {
  for (let i = 0; i < 14; i++) {
    await server.line(`Line ${i}.`, Array.from({ length: 5 }, (_, k) => claim(term(`Person ${i}`, "PERSON"), "likes", term(`thing ${i} ${k}`, "FOOD"))));
  }
  await page.locator(".rim").waitFor();
  await fact(page, "thing 13 4").waitFor();
  assert.ok((await page.locator("#picture .node:not(.leaving)").count()) <= 60);
  await page.locator(".rim").click();
  await page.waitForFunction(() => document.querySelectorAll("#picture .node").length > 60);
});

onPage("at 320 pixels the list comes first and nothing is cut off", { story: true, window: { viewport: { width: 320, height: 640 } } }, async (page) => {
  await fact(page, "Figma").waitFor();
  const [list, picture] = [await page.locator(".list").boundingBox(), await page.locator("#picture").boundingBox()];
  assert.ok(list.y < picture.y);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await fact(page, "Figma").click();
  const card = await page.getByRole("dialog").boundingBox();
  assert.ok(card.x >= 0 && card.x + card.width <= 320 && card.y >= 0 && card.y + card.height <= 640);
  const cut = await page.$$eval(".bar *, .fact .sentence, .card button", (all) => all.filter((el) => el.getBoundingClientRect().right > 321).map((el) => el.className));
  assert.deepEqual(cut, []);
});

for (const colorScheme of ["dark", "light"]) {
  onPage(`axe finds nothing to complain about, ${colorScheme}`, { window: { colorScheme } }, async (page, server) => {
    const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
    await page.evaluate(axe);
    const check = async (state) => {
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map((v) => `${state}: ${v.id}: ${v.nodes.map((n) => n.html).join("\n")}`), []);
    };
    await check("empty");
    await story(server);
    await fact(page, "Figma").waitFor();
    await check("graph");
    await pill(page, "works at").click();
    await page.getByRole("dialog").waitFor();
    await check("fact card");
    await page.getByRole("button", { name: "Relation" }).click();
    await check("relations");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await node(page, "Potola").click();
    await page.getByRole("button", { name: "Rename" }).waitFor();
    await check("node card");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Shapes and keys" }).waitFor();
    await check("help");
  });
}

test("screenshots of the main states, when asked for with SHOTS=directory", { skip: !process.env.SHOTS }, async () => {
  const { shots } = await import("./shots.mjs");
  await shots(process.env.SHOTS);
});
