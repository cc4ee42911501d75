// The design editor: puts its parts together. The page brings the document (catalog/editor_document.py) and all markup.
import { Areas } from "./areas.js";
import { ArtworkPanel } from "./artwork_panel.js";
import { Board } from "./board.js";
import { checksOf } from "./checks.js";
import { ChecksPanel } from "./checks_panel.js";
import { commandsOf } from "./commands.js";
import { Draft } from "./draft.js";
import { pictureOf } from "./drawing.js";
import { FontsPanel } from "./fonts_panel.js";
import { load, loadAllOf, offer } from "./fonts.js";
import { moveByHand } from "./hands.js";
import { listenToKeys } from "./keyboard.js";
import { LayerPanel } from "./layer_panel.js";
import { LayersPanel } from "./layers_panel.js";
import { Preview } from "./preview.js";
import { askAboutLeftover, showSaving } from "./save_panel.js";
import { Saving } from "./saving.js";
import { Pictures, Uploads } from "./uploads.js";
import { learn } from "./words.js";

const root = document.getElementById("editor");
const told = JSON.parse(document.getElementById("editor-document").textContent);
const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
const part = (name) => root.querySelector(`[data-part="${name}"]`);

learn(told.words);
offer(told.fonts);
document.getElementById("main").hidden = false;

const draft = new Draft(told);
const pictures = new Pictures(new Map([...told.artwork, ...told.used].map((artwork) => [artwork.id, artwork])), () => draft.arrived());
const board = new Board(document.getElementById("board"), draft, pictures);
const saving = new Saving(draft, told, token);
const findings = (scene = draft.scene) => checksOf(scene, draft.area, pictures.artwork);

const announcer = document.getElementById("announcer");
const announce = (text) => { announcer.textContent = text; };
const focus = {
  text: () => { showPanel("layer"); const field = part("layer").querySelector("textarea"); field.focus(); field.select(); },
  rename: (id) => { showPanel("layers"); layers.rename(id); },
};
const commands = commandsOf({ draft, board, pictures, limits: told.limits, announce, focus });

new Areas(document.getElementById("areas"), draft, board);
new ArtworkPanel(part("add"), told, new Uploads(told, token), pictures, commands, draft, board);
new LayerPanel(part("layer"), draft, commands, pictures, board);
new FontsPanel(document.getElementById("fonts"), told.fonts, draft, commands);
const layers = new LayersPanel(part("layers"), draft, pictures, findings);
new ChecksPanel(document.getElementById("checks"), draft, findings);
new Preview(part("preview"), draft, pictures, told.variants, board);
showSaving(saving, draft, pictures);
listenToKeys(board, draft, commands, () => saving.flush());
moveByHand(board);

// Buttons name their command; those that take no arguments need nothing else.
root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) commands[button.dataset.do]();
  if (button?.dataset.do === "snap") button.setAttribute("aria-pressed", String(board.snaps));
});
root.addEventListener("open-layer", (event) => { if (event.detail.kind === "text") focus.text(); });

const name = document.getElementById("design-name");
name.addEventListener("input", () => { if (name.value.trim()) draft.rename(name.value.trim()); });
name.addEventListener("blur", () => { name.value = draft.name; });
draft.addEventListener("rename", () => { if (document.activeElement !== name) name.value = draft.name; });

const history = () => {
  root.querySelector("[data-do=undo]").disabled = !draft.history.done.length;
  root.querySelector("[data-do=redo]").disabled = !draft.history.undone.length;
};
draft.addEventListener("change", () => { history(); wantContents(); });

const zoom = document.getElementById("zoom");
const showZoom = () => { zoom.textContent = `${Math.round(board.view.zoom * 100)} %`; };
board.view.addEventListener("zoom", showZoom);
showZoom();

// On a narrow window one panel is shown at a time.
function showPanel(wanted) {
  root.dataset.panel = wanted;
  for (const button of root.querySelectorAll(".ed-switch button")) button.setAttribute("aria-pressed", String(button.dataset.panel === wanted));
}
root.querySelector(".ed-switch").addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) showPanel(button.dataset.panel); });

// Pictures and faces of what stands on the areas; texts are measured anew once their face is there.
function wantContents() {
  for (const scene of draft.scenes.values()) pictures.wantAll(scene);
  loadAllOf([...draft.scenes.values()]).then(() => { board.sync(); draft.arrived(); draft.select(draft.selected); });
}

new MutationObserver(() => board.repaint()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
saving.addEventListener("leftover", () => askAboutLeftover(() => saving.useLeftover(), () => saving.letGo()));
saving.begin();
wantContents();

// For tests, which compare the editor's own picture with the print file.
root.editor = {
  draft,
  commands,
  saving,
  scale: () => board.view.scale,
  corner: () => board.view.corner,
  picture: async (perMm) => {
    await Promise.all([...pictures.asked.values(), ...draft.scene.layers.filter((layer) => layer.kind === "text").map((layer) => load(layer.font))]);
    return pictureOf(draft.scene, draft.area, pictures, { perMm, beyond: draft.area.bleed, fine: 2 }).toDataURL("image/png");
  },
};
root.dataset.ready = "yes";
