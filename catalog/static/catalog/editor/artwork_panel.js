// Uploading pictures (button, drop) and placing those that were uploaded before; the background's colour.
import { say } from "./words.js";

export class ArtworkPanel {
  constructor(root, told, uploads, pictures, commands, draft, board) {
    Object.assign(this, { uploads, pictures, commands, draft, board });
    const $ = (id) => document.getElementById(id);
    this.tiles = $("artwork");
    this.none = $("artwork-none");
    this.more = $("artwork-more");
    this.running = $("uploads");
    this.search = $("artwork-search");
    this.next = told.more;
    this.shown = told.artwork;
    $("upload").addEventListener("change", (event) => { this.send([...event.target.files]); event.target.value = ""; });
    this.tiles.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) commands["add-picture"](pictures.artwork.get(button.dataset.id)); });
    this.tiles.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/x-artwork", event.target.closest("button").dataset.id));
    this.more.addEventListener("click", () => this.#ask({ before: this.next }));
    this.search.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.#ask({}), 250); });
    this.#drops($("dropping"));
    this.#background($("background-on"), $("background"));
    this.show();
  }

  show() {
    this.tiles.replaceChildren(...this.shown.map((artwork) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "ed-tile", draggable: true, title: artwork.name });
      button.dataset.id = artwork.id;
      button.append(Object.assign(new Image(), { src: artwork.picture, alt: "", loading: "lazy", draggable: false }), Object.assign(document.createElement("span"), { textContent: artwork.name }));
      button.setAttribute("aria-label", say("place_artwork", { name: artwork.name }));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
    this.none.hidden = this.shown.length > 0 || Boolean(this.search.value);
    this.search.hidden = !this.search.value && this.shown.length < 7;
    this.more.hidden = !this.next;
  }

  async #ask({ before = "" }) {
    try {
      const { artwork, more } = await this.uploads.earlier({ before, search: this.search.value.trim() });
      for (const one of artwork) this.pictures.artwork.set(one.id, one);
      this.shown = before ? [...this.shown, ...artwork] : artwork;
      this.next = more;
      this.show();
    } catch (error) {
      this.#say(error.message);
    }
  }

  // Uploads one after the other and places each where it was dropped, several a little aside of each other.
  async send(files, at = null) {
    let place = at;
    for (const file of files) {
      const row = this.#progress(file.name);
      try {
        const artwork = await this.uploads.send(file, (part) => { row.bar.value = part; });
        row.item.remove();
        this.pictures.artwork.set(artwork.id, artwork);
        this.shown = [artwork, ...this.shown.filter((one) => one.id !== artwork.id)];
        this.show();
        this.commands["add-picture"](artwork, place);
        place = place && { x: place.x + 5, y: place.y + 5 };
      } catch (error) {
        row.fail(error.message);
      }
      this.running.hidden = !this.running.children.length;
    }
  }

  #progress(name) {
    const item = document.createElement("li"), bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    const label = Object.assign(document.createElement("span"), { textContent: name });
    bar.setAttribute("aria-label", name);
    item.append(label, bar);
    this.running.append(item);
    this.running.hidden = false;
    const fail = (text) => {
      const close = Object.assign(document.createElement("button"), { type: "button", className: "ed-mini", textContent: "×" });
      close.setAttribute("aria-label", say("dismiss"));
      close.addEventListener("click", () => { item.remove(); this.running.hidden = !this.running.children.length; });
      item.className = "is-bad tone-bad";
      item.setAttribute("role", "alert");
      label.textContent = text;
      bar.replaceWith(close);
    };
    return { item, bar, fail };
  }

  #say(text) { document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "bad" } })); }

  #drops(shade) {
    const brings = (event) => ["Files", "text/x-artwork"].some((kind) => event.dataTransfer.types.includes(kind));
    let depth = 0;
    const end = () => { depth = 0; shade.hidden = true; };
    addEventListener("dragenter", (event) => { if (brings(event)) { depth += 1; shade.hidden = false; } });
    addEventListener("dragleave", (event) => { if (brings(event)) { depth -= 1; if (depth <= 0) end(); } });
    addEventListener("dragover", (event) => { if (brings(event)) event.preventDefault(); });
    addEventListener("drop", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      end();
      const at = this.board.placeAt(event), id = event.dataTransfer.getData("text/x-artwork");
      if (id) this.commands["add-picture"](this.pictures.artwork.get(id), at);
      else this.send([...event.dataTransfer.files], at);
    });
  }

  #background(on, field) {
    const show = () => {
      const { background } = this.draft.scene;
      on.checked = Boolean(background);
      field.disabled = !background;
      if (background && field !== document.activeElement) field.value = background;
    };
    on.addEventListener("change", () => this.commands.background(on.checked ? field.value : ""));
    field.addEventListener("input", () => this.commands.background(field.value));
    for (const name of ["change", "area"]) this.draft.addEventListener(name, show);
    show();
  }
}
