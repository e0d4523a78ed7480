// The real program plays a recording, and the page sees what comes of it: HOTMEM_BIN is the program, HOTMEM_WAV the recording (default: the
// one that the program carries, asked for by the page's own link), SHOTS a directory for the picture that is left behind.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { launch, open } from "./harness.mjs";

const { HOTMEM_BIN, HOTMEM_WAV, SHOTS } = process.env;
const patience = 180_000; // for the first fact: models load and speech plays at its own speed, on whatever machine this is

/** Starts the program without a desktop and waits for its first line, {"panel": URL}. */
async function start(data) {
  const args = ["run", "--headless", "--data", data, ...(HOTMEM_WAV ? ["--wav", path.resolve(HOTMEM_WAV)] : [])];
  const child = spawn(path.resolve(HOTMEM_BIN), args, { stdio: ["ignore", "pipe", "inherit"] });
  const facts = [];
  const ended = new Promise((done) => child.on("exit", done));
  const url = await new Promise((resolve, reject) => {
    void ended.then((code) => reject(new Error(`the program ended with ${code} before it named its panel`)));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text);
      if (line.panel) resolve(line.panel);
      if (line.fact) facts.push(line.fact);
    });
  });
  return { url, facts, ended, stop: () => child.kill("SIGINT"), kill: () => child.kill("SIGKILL") };
}

test("a fact appears on the page while the real program plays a recording", { skip: !HOTMEM_BIN && !process.env.CI && "needs HOTMEM_BIN", timeout: 2 * patience }, async () => {
  const data = mkdtempSync(path.join(tmpdir(), "hotmem-live-"));
  const program = await start(data);
  const browser = await launch();
  try {
    const page = await open(browser, program);
    if (!HOTMEM_WAV) await page.getByRole("button", { name: "Try it with a recording" }).click();
    await page.locator(".fact").first().waitFor({ timeout: patience });
    const shown = await page.locator(".fact .sentence").first().textContent();
    assert.match(shown, /\S+ .+ \S+/);
    await page.locator("#picture .node").first().waitFor();
    await page.locator("#picture .pill").first().waitFor();
    await page.locator(".fact").first().click();
    assert.notEqual((await page.getByRole("dialog").locator("mark").first().textContent()).trim(), "", "the card marks the words that were heard");
    await page.keyboard.press("Escape");
    if (SHOTS) {
      mkdirSync(SHOTS, { recursive: true });
      await page.waitForTimeout(8_000); // some more speech makes a better picture
      await page.screenshot({ path: path.join(SHOTS, "live.png") });
    }
    assert.deepEqual(page.complaints, []);
    program.stop();
    assert.equal(await program.ended, 0, "the program ends in order when it is interrupted");
    assert.ok(program.facts.length > 0, "the program prints the facts that the page shows");
  } finally {
    program.kill();
    await browser.close();
    await program.ended;
    rmSync(data, { recursive: true, force: true });
  }
});
