// What is said about saving: the state in the top bar, two windows at once, and "Save design".
import { checksOf } from "./checks.js";
import { say } from "./words.js";

const ICONS = { saved: "saved", waiting: "busy", saving: "busy" };

export function showSaving(saving, draft, pictures) {
  const place = document.getElementById("save-state"), text = place.querySelector(".ed-state-text");
  const conflict = document.getElementById("conflict"), refused = document.getElementById("refused"), form = document.getElementById("save-form");

  saving.addEventListener("state", ({ detail }) => {
    place.dataset.state = detail.state;
    text.textContent = detail.text;
    for (const icon of place.querySelectorAll("[data-sign]")) icon.hidden = icon.dataset.sign !== (ICONS[detail.state] ?? "off");
    if (detail.state === "conflict" && !conflict.open) { conflict.querySelector("[data-text]").textContent = detail.text; conflict.showModal(); }
  });

  conflict.addEventListener("close", () => {
    if (conflict.returnValue === "mine") saving.keepMine();
    else if (conflict.returnValue === "theirs") { saving.letGo(); location.reload(); }
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const bad = draft.areas.flatMap((area) => checksOf(draft.scenes.get(area.key), area, pictures.artwork).filter((one) => one.tone === "bad").map((one) => `${area.name}: ${one.text}`));
    if (![...draft.scenes.values()].some((scene) => scene.layers.some((layer) => layer.visible) || scene.background)) bad.push(say("nothing_to_print"));
    if (bad.length) {
      refused.querySelector("[data-list]").replaceChildren(...bad.map((one) => Object.assign(document.createElement("li"), { textContent: one })));
      refused.showModal();
      return;
    }
    const button = form.querySelector("button");
    button.disabled = true;
    if (await saving.flush()) form.submit();
    else button.disabled = false;
  });
}

export function askAboutLeftover(use, drop) {
  const dialog = document.getElementById("leftover");
  dialog.addEventListener("close", () => (dialog.returnValue === "use" ? use() : drop()), { once: true });
  dialog.showModal();
}
