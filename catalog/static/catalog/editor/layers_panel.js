// The list of layers, the top one first: choosing, hiding, locking, renaming, reordering.
import { nameOf } from "./checks.js";
import { changed, movedTo } from "./scene.js";
import { say } from "./words.js";

export class LayersPanel {
  constructor(root, draft, pictures, findings) {
    this.draft = draft;
    this.pictures = pictures;
    this.findings = findings;
    this.list = root.querySelector("#layers");
    this.none = root.querySelector("#layers-none");
    this.row = root.querySelector("#layer-row").content.firstElementChild;
    this.buttons = [...root.querySelectorAll("[data-do]")];
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("dblclick", (event) => { const row = event.target.closest("li"); if (row) this.rename(row.dataset.id); });
    this.list.addEventListener("keydown", (event) => { if (event.key === "F2") this.rename(event.target.closest("li")?.dataset.id); });
    this.#drag();
    for (const name of ["change", "select", "area", "artwork"]) draft.addEventListener(name, () => this.show());
    this.show();
  }

  show() {
    if (this.list.querySelector("input")) return; // a name is being typed
    const { layers } = this.draft.scene, focused = document.activeElement?.closest?.("#layers li");
    const kept = focused && [focused.dataset.id, document.activeElement.className, document.activeElement.dataset.row];
    const marks = new Map(this.findings().map((one) => [one.layer, one.tone]));
    this.list.replaceChildren(...[...layers].reverse().map((layer) => this.#rowOf(layer, marks.get(layer.id))));
    this.none.hidden = layers.length > 0;
    for (const button of this.buttons) button.disabled = !this.draft.selected.length;
    if (kept) {
      const row = this.list.querySelector(`[data-id="${kept[0]}"]`);
      row?.querySelector(kept[2] ? `[data-row="${kept[2]}"]` : ".ed-layer-pick")?.focus();
    }
  }

  #rowOf(layer, mark) {
    const row = this.row.cloneNode(true), name = nameOf(layer), pick = row.querySelector(".ed-layer-pick");
    row.dataset.id = layer.id;
    row.draggable = true;
    row.classList.toggle("is-hidden", !layer.visible);
    row.querySelector(".ed-layer-name").textContent = name;
    pick.setAttribute("aria-pressed", String(this.draft.selected.includes(layer.id)));
    if (mark) {
      const sign = row.querySelector(".ed-layer-mark");
      sign.hidden = false;
      sign.classList.add(`tone-${mark}`);
      sign.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: say("has_findings") }));
    }
    const picture = layer.kind === "image" && this.pictures.artwork.get(layer.artwork);
    if (picture) row.querySelector(".ed-thumb").replaceChildren(Object.assign(new Image(), { src: picture.picture, alt: "", loading: "lazy" }));
    for (const [key, on] of [["visible", !layer.visible], ["locked", layer.locked]]) {
      const button = row.querySelector(`[data-row="${key}"]`);
      button.setAttribute("aria-pressed", String(on));
      button.setAttribute("aria-label", say(`${key}_label`, { name }));
      button.querySelector("[data-on]").hidden = !on;
      button.querySelector("[data-off]").hidden = on;
    }
    return row;
  }

  #click(event) {
    const row = event.target.closest("li"), button = event.target.closest("button");
    if (!row || !button) return;
    const { id } = row.dataset, { draft } = this;
    if (button.dataset.row) {
      const key = button.dataset.row;
      draft.change(say(`did_${key}`), (scene) => changed(scene, [id], (layer) => ({ [key]: !layer[key] })));
    } else if (event.shiftKey || event.ctrlKey || event.metaKey) {
      draft.select(draft.selected.includes(id) ? draft.selected.filter((one) => one !== id) : [...draft.selected, id]);
    } else draft.select([id]);
  }

  rename(id) {
    const row = id && this.list.querySelector(`[data-id="${id}"]`), layer = this.draft.scene.layers.find((one) => one.id === id);
    if (!row || !layer) return;
    const field = Object.assign(document.createElement("input"), { className: "form-control ed-rename", value: nameOf(layer), maxLength: 120 });
    field.setAttribute("aria-label", say("name_of_layer"));
    row.querySelector(".ed-layer-pick").hidden = true;
    row.querySelector(".ed-layer-pick").after(field);
    row.draggable = false;
    field.select();
    let open = true;
    const close = (keep) => {
      if (!open) return;
      open = false;
      field.remove();
      if (keep) this.draft.change(say("did_rename"), (scene) => changed(scene, [id], { name: field.value.trim() }));
      this.show();
      this.list.querySelector(`[data-id="${id}"] .ed-layer-pick`)?.focus();
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") close(true);
      if (event.key === "Escape") close(false);
    });
    field.addEventListener("blur", () => close(true));
  }

  // Dragging a row is a short cut for the buttons "Bring forward" and "Send backward".
  #drag() {
    let dragged = null;
    const clear = () => { for (const row of this.list.children) row.classList.remove("is-before", "is-after"); };
    this.list.addEventListener("dragstart", (event) => { dragged = event.target.closest("li"); event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/x-layer", dragged.dataset.id); });
    this.list.addEventListener("dragend", () => { dragged = null; clear(); });
    this.list.addEventListener("dragover", (event) => {
      const row = event.target.closest("li");
      if (!dragged || !row) return;
      event.preventDefault();
      clear();
      row.classList.add(this.#below(event, row) ? "is-after" : "is-before");
    });
    this.list.addEventListener("drop", (event) => {
      const row = event.target.closest("li");
      clear();
      if (!dragged || !row || row === dragged) return;
      event.preventDefault();
      const rest = this.draft.scene.layers.filter((layer) => layer.id !== dragged.dataset.id);
      const at = rest.findIndex((layer) => layer.id === row.dataset.id), { id } = dragged.dataset;
      this.draft.change(say("did_order"), (scene) => movedTo(scene, id, this.#below(event, row) ? at : at + 1));
    });
  }

  #below(event, row) {
    const { top, height } = row.getBoundingClientRect();
    return event.clientY > top + height / 2;
  }
}
