// Autosave: what was changed goes to the hub a moment later; what could not be sent waits in this browser and is sent again.
import { sameScene } from "./scene.js";
import { say } from "./words.js";

const PAUSE_MS = 700, RETRY_MS = 4000, LONGEST_RETRY_MS = 60_000;
const KEEPALIVE_BYTES = 60_000; // browsers send no more than 64 KB from a page that is being left

// Events: "state" (detail: state, text). States: saved, waiting, saving, offline, conflict, refused, signed-out.
export class Saving extends EventTarget {
  constructor(draft, told, token) {
    super();
    this.draft = draft;
    this.address = told.addresses.draft;
    this.token = token;
    this.design = told.design;
    this.sent = { name: draft.name, scenes: draft.scenes };
    this.state = "saved";
    this.wait = RETRY_MS;
    this.running = null;
    for (const name of ["change", "rename"]) draft.addEventListener(name, () => this.#later());
    addEventListener("pagehide", () => this.#leave());
    addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.#leave(); });
    addEventListener("online", () => { if (this.state === "offline") this.flush(); });
  }

  get kept() { return `design-${this.design.id}`; }

  get dirty() { return this.draft.name !== this.sent.name || this.#changed().length > 0; }

  #changed() { return [...this.draft.scenes].filter(([key, scene]) => this.sent.scenes.get(key) !== scene); }

  #body() { return JSON.stringify({ edits: this.design.edits, name: this.draft.name, scenes: Object.fromEntries(this.#changed()) }); }

  #show(state, text = "") {
    this.state = state;
    const time = this.design.saved;
    const said = text || { saved: time ? say("saved_at", { time }) : say("not_changed"), waiting: say("saving"), saving: say("saving"), offline: say("not_saved") }[state];
    this.dispatchEvent(new CustomEvent("state", { detail: { state, text: said } }));
  }

  // Goes on from what this browser kept when it was closed before the hub had it. If the design was saved since, a person decides ("leftover").
  begin() {
    this.#show("saved");
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(this.kept) ?? "null"); } catch { /* unreadable: nothing to go on from */ }
    if (!kept?.scenes || this.#isHere(kept)) return this.#forget();
    this.left = kept;
    if (kept.edits === this.design.edits) return this.useLeftover();
    return this.dispatchEvent(new Event("leftover"));
  }

  useLeftover() {
    if (this.left.name) this.draft.rename(this.left.name);
    this.draft.take(say("did_restore"), this.left.scenes);
  }

  #isHere({ name, scenes }) {
    const { draft } = this;
    return (!name || name === draft.name) && Object.entries(scenes).every(([key, scene]) => sameScene(draft.scenes.get(key), scene));
  }

  #later() {
    if (["conflict", "refused", "signed-out"].includes(this.state) && !this.dirty) return;
    this.#keepHere();
    if (this.state === "conflict" || this.state === "signed-out") return; // a person decides first
    this.#show("waiting");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  // Sends what is not saved yet; resolves to whether everything is.
  async flush() {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (!this.dirty) return true;
    this.running = this.#send();
    try { await this.running; } finally { this.running = null; }
    if (this.state === "saved" && this.dirty) return this.flush();
    return this.state === "saved";
  }

  async #send() {
    const body = this.#body(), sent = { name: this.draft.name, scenes: this.draft.scenes };
    this.#show("saving");
    let answer;
    try {
      answer = await fetch(this.address, { method: "POST", headers: this.#headers(), body, redirect: "manual" });
    } catch {
      return this.#again();
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) return this.#show("signed-out", say("signed_out"));
    if (answer.status >= 500 || answer.status === 429) return this.#again();
    const told = await answer.json().catch(() => ({}));
    if (answer.status === 409) { this.theirs = told.design; return this.#show("conflict", told.error); }
    if (!answer.ok) return this.#show("refused", told.error ?? say("not_saved"));
    this.design = told.design;
    this.sent = sent;
    this.wait = RETRY_MS;
    if (!this.dirty) this.#forget();
    return this.#show("saved");
  }

  #headers() { return { "Content-Type": "application/json", "X-CSRFToken": this.token, Accept: "application/json" }; }

  #again() {
    this.#show("offline");
    this.timer = setTimeout(() => this.flush(), this.wait);
    this.wait = Math.min(LONGEST_RETRY_MS, this.wait * 2);
  }

  // Saves over what another window has saved since.
  keepMine() {
    this.design = this.theirs;
    this.sent = { name: "", scenes: new Map() };
    this.#show("waiting");
    return this.flush();
  }

  // Forgets what this window has changed: another one's is loaded instead.
  letGo() {
    this.sent = { name: this.draft.name, scenes: this.draft.scenes };
    this.#forget();
  }

  #leave() {
    if (!this.dirty || this.state === "conflict") return;
    const body = this.#body();
    if (body.length < KEEPALIVE_BYTES) fetch(this.address, { method: "POST", headers: this.#headers(), body, keepalive: true }).catch(() => {});
  }

  #keepHere() {
    try { localStorage.setItem(this.kept, this.#body()); } catch { /* a private window or a full one: the hub has what was sent */ }
  }

  #forget() {
    try { localStorage.removeItem(this.kept); } catch { /* as above */ }
  }
}
