// How the product will look: the area as it is cut, on a picture of the blank where there is one.
import { pictureOf } from "./drawing.js";
import { say } from "./words.js";

const PLACE_PARTS = 10_000; // places on mockups are in hundredths of a percent
const PAUSE_MS = 90;

export class Preview {
  constructor(root, draft, pictures, variants, board) {
    Object.assign(this, { root, draft, pictures, board });
    this.canvas = root.querySelector("canvas");
    this.mockups = root.querySelector("#mockups");
    this.variants = variants;
    this.variant = variants[0] ?? null;
    this.chosen = 0;
    this.loaded = new Map();
    this.#swatches(root.querySelector("#swatches"));
    for (const name of ["change", "artwork"]) draft.addEventListener(name, () => this.later());
    draft.addEventListener("live", (event) => this.later(event.detail.scene));
    draft.addEventListener("area", () => { this.chosen = 0; this.#choices(); this.later(); });
    new ResizeObserver(() => this.later()).observe(this.canvas.parentElement);
    this.#blank();
    this.#choices();
    this.later();
  }

  // The mockups of this area: those of the chosen colour, and those of no colour in particular.
  get offered() { return this.draft.area.mockups.filter((one) => one.variant === null || !this.variant || one.variant === this.variant.id); }

  later(scene) {
    this.scene = scene;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), PAUSE_MS);
  }

  draw() {
    const { area } = this.draft, scene = this.scene ?? this.draft.scene, mockup = this.offered[this.chosen];
    const back = mockup && this.#picture(mockup), { width: across, height: down } = this.canvas.parentElement.getBoundingClientRect();
    if (!across) return;
    const ratio = Math.min(2, devicePixelRatio || 1), shape = back ? mockup : { width: area.width, height: area.height };
    const scale = Math.min(across / shape.width, down / shape.height, back ? Infinity : 8), size = [shape.width * scale, shape.height * scale];
    [this.canvas.width, this.canvas.height] = size.map((one) => Math.max(1, Math.round(one * ratio)));
    [this.canvas.style.width, this.canvas.style.height] = size.map((one) => `${one}px`);
    const ctx = this.canvas.getContext("2d");
    ctx.imageSmoothingQuality = "high";
    let place = [0, 0, this.canvas.width, this.canvas.height];
    if (back) {
      ctx.drawImage(back, 0, 0, this.canvas.width, this.canvas.height);
      place = mockup.place.map((part, n) => (part / PLACE_PARTS) * (n % 2 ? this.canvas.height : this.canvas.width));
    } else {
      ctx.fillStyle = this.variant?.colour ?? "#ffffff";
      ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    }
    const [left, top, right, bottom] = place, perMm = Math.min((right - left) / area.width, (bottom - top) / area.height);
    if (perMm > 0) {
      const wide = area.width * perMm, high = area.height * perMm;
      ctx.drawImage(pictureOf(scene, area, this.pictures, { perMm }), (left + right - wide) / 2, (top + bottom - high) / 2, wide, high);
    }
  }

  #picture(mockup) {
    if (!this.loaded.has(mockup.picture)) {
      const picture = new Image();
      picture.src = mockup.picture;
      this.loaded.set(mockup.picture, null);
      picture.decode().then(() => { this.loaded.set(mockup.picture, picture); this.later(); }, () => {});
    }
    return this.loaded.get(mockup.picture);
  }

  #swatches(root) {
    root.hidden = this.variants.length < 2;
    root.append(...this.variants.map((variant) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "ed-swatch", title: variant.name });
      button.style.setProperty("--swatch", variant.colour);
      button.setAttribute("aria-label", variant.name);
      button.setAttribute("aria-pressed", String(variant === this.variant));
      button.addEventListener("click", () => {
        this.variant = variant;
        for (const one of root.children) one.setAttribute("aria-pressed", String(one === button));
        this.chosen = 0;
        this.#blank();
        this.#choices();
        this.later();
      });
      return button;
    }));
  }

  // The canvas shows the area in the colour of the blank, too.
  #blank() {
    this.board.blank = this.variant?.colour ?? "#ffffff";
    this.board.canvas.requestRenderAll();
  }

  #choices() {
    const offered = this.offered;
    this.mockups.hidden = offered.length < 2;
    this.mockups.replaceChildren(...offered.map((mockup, n) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "ed-mockup" });
      button.append(Object.assign(new Image(), { src: mockup.picture, alt: "" }));
      button.setAttribute("aria-label", say("mockup_n", { n: n + 1 }));
      button.setAttribute("aria-pressed", String(n === this.chosen));
      button.addEventListener("click", () => { this.chosen = n; this.#choices(); this.later(); });
      return button;
    }));
  }
}
