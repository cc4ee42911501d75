// The print areas as tabs: arrow keys go from one to the next; a dot says that something is on it.
import { say } from "./words.js";

export class Areas {
  constructor(root, draft, board) {
    this.root = root;
    this.draft = draft;
    this.tabs = draft.areas.map((area) => {
      const tab = Object.assign(document.createElement("button"), { type: "button", className: "ed-area" });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", "board");
      tab.dataset.key = area.key;
      tab.append(Object.assign(document.createElement("span"), { textContent: area.name }), Object.assign(document.createElement("small"), { textContent: `${area.width} × ${area.height} mm` }));
      return tab;
    });
    root.append(...this.tabs);
    root.addEventListener("click", (event) => { const tab = event.target.closest("[role=tab]"); if (tab) draft.show(tab.dataset.key); });
    root.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["change", "area"]) draft.addEventListener(name, () => this.show());
    this.board = board;
    this.show();
  }

  show() {
    for (const tab of this.tabs) {
      const chosen = tab.dataset.key === this.draft.key, filled = this.draft.scenes.get(tab.dataset.key).layers.length > 0;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      tab.classList.toggle("is-filled", filled);
      tab.title = say(filled ? "area_filled" : "area_empty");
    }
    document.getElementById("board-empty").hidden = this.draft.scene.layers.length > 0 || Boolean(this.draft.scene.background);
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = this.tabs.findIndex((tab) => tab.dataset.key === this.draft.key), next = this.tabs[(now + step + this.tabs.length) % this.tabs.length];
    this.draft.show(next.dataset.key);
    next.focus();
  }
}
