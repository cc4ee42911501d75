// The list of typefaces, each in its own letters.
import { familyOf, fontOf, load } from "./fonts.js";
import { say } from "./words.js";

export class FontsPanel {
  constructor(root, fonts, draft, commands) {
    this.root = root;
    this.draft = draft;
    this.name = root.querySelector("#font-name");
    this.list = root.querySelector(".ed-font-list");
    this.list.append(...fonts.map((font) => this.#option(font)));
    this.list.addEventListener("change", (event) => {
      const key = event.target.value;
      load(key).catch(() => {}).then(() => commands.set(say("did_change"), { font: key }));
    });
    root.addEventListener("toggle", () => { if (root.open) this.#dress(fonts); });
    root.addEventListener("keydown", (event) => { if (event.key === "Escape" && root.open) { event.stopPropagation(); root.open = false; root.querySelector("summary").focus(); } });
    document.addEventListener("click", (event) => { if (root.open && !root.contains(event.target)) root.open = false; });
    for (const name of ["change", "select"]) draft.addEventListener(name, () => this.show());
    this.show();
  }

  #option(font) {
    const label = Object.assign(document.createElement("label"), { className: "ed-font" });
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: "font", value: font.key });
    const text = Object.assign(document.createElement("span"), { textContent: font.name });
    text.style.fontFamily = `"hub-${font.key}", var(--tblr-font-sans-serif)`;
    label.append(radio, text);
    return label;
  }

  #dress(fonts) { for (const font of fonts) load(font.key).catch(() => {}); }

  show() {
    const layer = this.draft.free.find((one) => one.kind === "text");
    if (!layer) { this.root.open = false; return; }
    this.name.textContent = fontOf(layer.font).name;
    this.name.style.fontFamily = `"${familyOf(layer.font)}", var(--tblr-font-sans-serif)`;
    for (const radio of this.list.querySelectorAll("input")) radio.checked = radio.value === layer.font;
  }
}
