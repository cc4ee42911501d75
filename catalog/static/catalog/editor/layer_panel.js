// The fields of what is selected: they show it, also while it is dragged, and change it when something is typed.
import { boxOf, sizeOf } from "./boxes.js";
import { dpiOf, nameOf } from "./checks.js";
import { changed, LEAST_MM, layerOf, round, upright } from "./scene.js";
import { say, short } from "./words.js";

// -8 says more than 352.
const signed = (degrees) => (degrees > 180 ? degrees - 360 : degrees);

const COLOUR = /^#[0-9a-f]{6}$/;

export class LayerPanel {
  constructor(root, draft, commands, pictures, board) {
    this.root = root;
    this.draft = draft;
    this.commands = commands;
    this.pictures = pictures;
    this.board = board;
    this.form = root.querySelector("form");
    this.fields = this.form.elements;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => this.#typed(event.target));
    this.form.addEventListener("change", (event) => { this.#typed(event.target, true); });
    this.form.addEventListener("click", (event) => this.#pressed(event.target.closest("button")));
    this.form.addEventListener("focusout", () => this.show());
    for (const name of ["change", "select", "area"]) draft.addEventListener(name, () => this.show());
    draft.addEventListener("live", (event) => this.show(event.detail.scene));
    this.show();
  }

  show(scene = this.draft.scene) {
    const layers = this.draft.selected.map((id) => layerOf(scene, id)).filter(Boolean), free = layers.filter((layer) => !layer.locked);
    const [one] = free, alone = layers.length === 1, $ = (id) => this.root.querySelector(`#${id}`);
    const kind = free.length === 1 && alone ? one.kind : "";
    $("layer-title").textContent = layers.length > 1 ? say("n_layers", { n: layers.length }) : alone ? nameOf(layers[0]) : say("nothing_selected");
    $("layer-none").hidden = layers.length > 0;
    $("layer-locked").hidden = !layers.length || free.length > 0;
    this.form.hidden = !free.length;
    const shown = { text: kind === "text", image: kind === "image", one: Boolean(kind), three: free.length > 2 };
    for (const part of this.form.querySelectorAll("[data-for]")) part.hidden = !shown[part.dataset.for];
    $("align-label").textContent = say(free.length > 1 ? "align_layers" : "align_area");
    if (kind) this.#fill(one);
    this.#dpi($("layer-dpi"), kind === "image" ? one : null);
    if (!layers.length) this.#facts($("area-facts"));
  }

  #fill(layer) {
    const box = boxOf(layer), { width, height } = sizeOf(layer);
    const values = { left: short(box.left), top: short(box.top), width: short(width), height: short(height), rotation: short(signed(layer.rotation)), opacity: Math.round(layer.opacity * 100) };
    if (layer.kind === "text") {
      Object.assign(values, { text: layer.text, size: short(layer.size), colour: layer.colour, colour_picker: layer.colour, line_height: layer.line_height, letter_spacing: Math.round(layer.letter_spacing * 100) });
      for (const button of this.form.querySelectorAll("[data-set='align']")) button.setAttribute("aria-pressed", String(button.value === layer.align));
    } else this.root.querySelector("#best-size").textContent = say("at_dpi", { dpi: this.draft.area.target_dpi });
    for (const [name, value] of Object.entries(values)) {
      const field = this.fields[name];
      if (field !== document.activeElement && field.value !== String(value)) field.value = value;
    }
  }

  #dpi(place, layer) {
    const artwork = layer && this.pictures.artwork.get(layer.artwork), dpi = layer && dpiOf(layer, artwork);
    place.hidden = !dpi || Boolean(artwork?.vector);
    if (place.hidden) return;
    const { least_dpi: least, target_dpi: target } = this.draft.area;
    place.textContent = say("at_dpi", { dpi });
    place.className = `ed-dpi hub-badge tone-${dpi < least ? "bad" : dpi < target ? "warn" : "ok"}`;
  }

  #facts(list) {
    const { area } = this.draft;
    const facts = [["size", `${area.width} × ${area.height} mm`], ["bleed", area.bleed && `${area.bleed} mm`], ["safe", area.safe && `${area.safe} mm`], ["dpi", say("dpi_range", { least: area.least_dpi, target: area.target_dpi })]];
    list.replaceChildren(...facts.filter(([, value]) => value).flatMap(([key, value]) => {
      const row = Object.assign(document.createElement("div"), { className: `is-${key}` });
      row.append(Object.assign(document.createElement("dt"), { textContent: say(`fact_${key}`) }), Object.assign(document.createElement("dd"), { textContent: value }));
      return [row];
    }));
  }

  #pressed(button) {
    if (!button) return;
    if (button.dataset.align) this.commands.align(button.dataset.align);
    if (button.dataset.set === "align") this.commands.set(say("did_change"), { align: button.value });
  }

  // A number that is half typed ("-", "1e") changes nothing yet.
  #typed(field, done = false) {
    if (field.name === "proportions") {
      this.board.stretches = !field.checked;
      this.board.sync();
      return;
    }
    if (!field.name || (done && field.type !== "color")) return;
    const [layer] = this.draft.free, value = field.type === "number" ? field.valueAsNumber : field.value;
    if (!layer || Number.isNaN(value)) return;
    const values = this.#read(field.name, value, layer);
    if (values) this.draft.change(say("did_change"), (scene) => changed(scene, [layer.id], values), { merge: field.name });
  }

  #read(name, value, layer) {
    const box = boxOf(layer), keeps = layer.kind === "text" || this.fields.proportions.checked;
    switch (name) {
      case "text": return { text: value };
      case "size": return value >= 0.5 ? { size: round(value) } : null;
      case "colour": case "colour_picker": { const colour = value.trim().toLowerCase(); return COLOUR.test(colour) ? { colour } : null; }
      case "line_height": return value >= 0.5 && value <= 5 ? { line_height: value } : null;
      case "letter_spacing": return value >= -50 && value <= 500 ? { letter_spacing: round(value / 100) } : null;
      case "left": return { x: round(layer.x + value - box.left) };
      case "top": return { y: round(layer.y + value - box.top) };
      case "rotation": return { rotation: upright(value) };
      case "opacity": return value >= 0 && value <= 100 ? { opacity: round(value / 100) } : null;
      case "width": case "height": return this.#resized(name, value, layer, keeps);
      default: return null;
    }
  }

  // The left top corner of the upright box stays where it is.
  #resized(name, value, layer, keeps) {
    const now = sizeOf(layer), factor = value / now[name];
    if (value < LEAST_MM || !Number.isFinite(factor)) return null;
    const size = layer.kind === "text" ? { size: round(layer.size * factor) }
      : keeps ? { width: round(layer.width * factor), height: round(layer.height * factor) } : { [name]: round(value) };
    const before = boxOf(layer), after = boxOf({ ...layer, ...size });
    return { ...size, x: round(layer.x + before.left - after.left), y: round(layer.y + before.top - after.top) };
  }
}
