// The findings of the area that is shown, below the canvas; choosing one selects its layer.
import { say } from "./words.js";

export class ChecksPanel {
  constructor(root, draft, findings) {
    this.root = root;
    this.draft = draft;
    this.findings = findings;
    this.text = root.querySelector(".ed-checks-text");
    this.list = root.querySelector("ul");
    this.list.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) draft.select([button.dataset.layer]); });
    for (const name of ["change", "area", "artwork"]) draft.addEventListener(name, () => this.show());
    draft.addEventListener("live", (event) => this.show(event.detail.scene));
    this.show();
  }

  show(scene = this.draft.scene) {
    const found = this.findings(scene), bad = found.some((one) => one.tone === "bad");
    const tone = bad ? "bad" : found.length ? "warn" : "ok";
    const text = !scene.layers.length ? say("checks_empty") : !found.length ? say("checks_ok") : found.length === 1 ? found[0].text : say(bad ? "checks_bad" : "checks_warn", { n: found.length });
    this.root.className = `ed-checks tone-${scene.layers.length ? tone : "neutral"}`;
    this.root.classList.toggle("has-list", found.length > 0);
    if (this.text.textContent !== text) this.text.textContent = text;
    if (!found.length) this.root.open = false;
    this.list.replaceChildren(...found.map((one) => {
      const item = document.createElement("li"), button = Object.assign(document.createElement("button"), { type: "button", textContent: one.text });
      button.dataset.layer = one.layer;
      item.className = `tone-${one.tone}`;
      item.append(button);
      return item;
    }));
  }
}
