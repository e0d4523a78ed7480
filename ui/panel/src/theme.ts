// Dark or light: as the system says, unless the person chose.
import type { Model } from "./model.ts";

type Choice = "auto" | "dark" | "light";
const order: Choice[] = ["auto", "dark", "light"];
const slot = "colours";
const system = matchMedia("(prefers-color-scheme: light)");

export class Theme {
  choice: Choice = "auto";

  constructor(private model: Model) {
    try {
      const stored = localStorage.getItem(slot) as Choice | null;
      if (stored && order.includes(stored)) this.choice = stored;
    } catch {
      // Refused storage means the system's choice.
    }
    system.addEventListener("change", () => this.show());
    this.show();
  }

  words(): string {
    return { auto: "as the system", dark: "dark", light: "light" }[this.choice];
  }

  next(): void {
    this.choice = order[(order.indexOf(this.choice) + 1) % order.length] ?? "auto";
    try {
      localStorage.setItem(slot, this.choice);
    } catch {
      // The choice then lasts as long as the page.
    }
    this.show();
    this.model.changed();
  }

  private show(): void {
    document.documentElement.dataset["theme"] = this.choice !== "auto" ? this.choice : system.matches ? "light" : "dark";
  }
}
