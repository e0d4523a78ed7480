// Takes pictures of the main states: node test/shots.mjs DIRECTORY.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { claim, launch, open, Server, story, term, you } from "./harness.mjs";

export async function shots(dir) {
  mkdirSync(dir, { recursive: true });
  const browser = await launch();
  const server = await Server.start();
  const save = (page, name) => page.screenshot({ path: path.join(dir, name + ".png") });
  try {
    const first = await open(browser, server);
    await first.waitForTimeout(300);
    await save(first, "empty-dark");
    await first.context().close();
    await story(server);
    for (const colorScheme of ["dark", "light"]) {
      const page = await open(browser, server, { colorScheme });
      await server.do({ do: "status", status: { state: "listening", level: 0.5, microphone: "Built-in microphone" } });
      await page.waitForTimeout(400);
      await save(page, `graph-${colorScheme}`);
      await server.do({ do: "caption", caption: { stable: "and yesterday I met Anna, who", tentative: "works at Google" } });
      await server.do({ do: "guess", claims: [claim(you, "knows", term("Anna", "PERSON")), claim(term("Anna", "PERSON"), "works_at", term("Google", "ORG"))] });
      await page.waitForTimeout(400);
      await save(page, `speaking-${colorScheme}`);
      await server.do({ do: "guess", claims: [] });
      await server.do({ do: "caption", caption: {} });
      await page.locator("#picture .pill", { hasText: "lives in" }).first().click();
      await page.waitForTimeout(300);
      await save(page, `fact-${colorScheme}`);
      await page.keyboard.press("r");
      await page.waitForTimeout(200);
      await save(page, `relation-${colorScheme}`);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await page.locator("#picture .node", { hasText: "Potola" }).click();
      await page.waitForTimeout(300);
      await save(page, `node-${colorScheme}`);
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.waitForTimeout(200);
      await save(page, `keys-${colorScheme}`);
      await page.context().close();
    }
    const narrow = await open(browser, server, { viewport: { width: 320, height: 640 } });
    await narrow.waitForTimeout(300);
    await save(narrow, "narrow");
    await narrow.locator(".fact").first().click();
    await narrow.waitForTimeout(300);
    await save(narrow, "narrow-card");
    await narrow.context().close();
  } finally {
    await browser.close();
    await server.stop();
  }
}

if (process.argv[2]) await shots(process.argv[2]);
