// Starts what the tests need: the real panel over a store in memory (../testserver) and the system's Chromium.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../..", import.meta.url));
export const testTimeout = 15_000; // of a wait for the page; a loaded machine with two cores needs seconds for what takes milliseconds

let built = "";

function program() {
  if (process.env.PANEL_TESTSERVER) return process.env.PANEL_TESTSERVER;
  if (built === "") {
    built = path.join(mkdtempSync(path.join(tmpdir(), "panel-")), "testserver");
    execFileSync("go", ["build", "-o", built, "./ui/panel/testserver"], { cwd: root, stdio: "inherit", env: { ...process.env, CGO_ENABLED: "0" } });
  }
  return built;
}

export class Server {
  static async start(...args) {
    const s = new Server();
    s.child = spawn(program(), args, { stdio: ["pipe", "pipe", "inherit"] });
    s.waiting = [];
    createInterface({ input: s.child.stdout }).on("line", (line) => s.waiting.shift()?.resolve(JSON.parse(line)));
    s.exited = new Promise((done) => s.child.on("exit", done));
    void s.exited.then(() => s.waiting.forEach((w) => w.reject(new Error("the test server has ended"))));
    s.url = (await s.reply()).panel;
    return s;
  }

  reply() {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  async do(command) {
    const answer = this.reply();
    this.child.stdin.write(JSON.stringify(command) + "\n");
    const { error, panel } = await answer;
    if (error) throw new Error(error);
    return panel;
  }

  /** An address for one more window: each lets in one. */
  ticket() {
    return this.do({ do: "ticket" });
  }

  /** One finished utterance with its claims. */
  line(text, claims = [], before = 0) {
    return this.do({ do: "line", text, claims, before });
  }

  async stop() {
    this.child.stdin.end();
    const code = await this.exited;
    if (code !== 0) throw new Error(`the test server ended with ${code}; its store may not hold together`);
  }
}

export function launch() {
  const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => existsSync(p));
  if (!executablePath) throw new Error("no Chromium found; install the package chromium or set CHROMIUM");
  return chromium.launch({
    executablePath,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** Opens the panel in a window of its own; what the page complains about fails the test at the end. */
export async function open(browser, server, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "dark", reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(testTimeout);
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (e) => page.complaints.push(String(e)));
  page.on("console", (m) => m.type() === "error" && page.complaints.push(m.text()));
  await page.goto(server.ticket ? await server.ticket() : server.url);
  await page.locator(".state:not(.away)").waitFor();
  return page;
}

export const you = { name: "USER", type: "USER" };
export const term = (name, type) => ({ name, type });

export const claim = (subject, relation, object, words = object.name, more = {}) => ({ subject, relation, object, words, ...more });

/** A talk with most of what a picture can show. */
export async function story(server) {
  const person = (name) => term(name, "PERSON");
  const marta = person("Marta");
  await server.line("My sister Marta lives in Lisbon, and she works at the Gulbenkian.", [
    claim(you, "sibling_of", marta, "My sister Marta"),
    claim(marta, "lives_in", term("Lisbon", "PLACE"), "lives in Lisbon"),
    claim(marta, "works_at", term("Gulbenkian", "ORG"), "she works at the Gulbenkian"),
  ], 1500);
  await server.line("She used to live in Porto, and she can't stand the rain.", [
    claim(marta, "lives_in", term("Porto", "PLACE"), "used to live in Porto", { status: "past" }),
    claim(marta, "dislikes", term("rain", "CONCEPT"), "can't stand the rain"),
  ], 1400);
  await server.line("I have a dog named Potola, he is five years old and loves long walks.", [
    claim(you, "has_pet", term("Potola", "ANIMAL"), "a dog named Potola"),
    claim(term("Potola", "ANIMAL"), "is_a", term("dog", "CONCEPT"), "a dog named Potola"),
    claim(term("Potola", "ANIMAL"), "age", term("five years old", "QUANTITY"), "he is five years old"),
    claim(term("Potola", "ANIMAL"), "likes", term("long walks", "ACTIVITY"), "loves long walks"),
  ], 900);
  await server.line("Next June we are going to Marta's wedding in Sintra.", [
    claim(you, "attends", term("wedding", "EVENT"), "going to Marta's wedding", { status: "planned", when: "next June" }),
    claim(term("wedding", "EVENT"), "located_in", term("Sintra", "PLACE"), "in Sintra"),
  ], 600);
  await server.line("I don't eat meat, and the doctor put me on ibuprofen for my knee.", [
    claim(you, "consumes", term("meat", "FOOD"), "don't eat meat", { negated: true }),
    claim(you, "takes", term("ibuprofen", "HEALTH"), "put me on ibuprofen"),
    claim(you, "has_condition", term("knee", "HEALTH"), "my knee", { confidence: 0.45 }),
  ], 300);
  await server.line("At work I am a nurse, and I'm proud of my team, we use Figma for the new plans.", [
    claim(you, "works_as", term("nurse", "ROLE"), "I am a nurse"),
    claim(you, "open", term("team", "GROUP"), "I'm proud of my team", { predicate: "be proud of" }),
    claim(term("team", "GROUP"), "uses", term("Figma", "PRODUCT"), "we use Figma"),
  ], 60);
}
