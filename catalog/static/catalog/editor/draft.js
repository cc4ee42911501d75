// The design as it stands in this window. Everything that changes it goes through `change`; everything that shows it listens.
import { History } from "./history.js";
import { layerOf, sceneOf } from "./scene.js";

// Events: "change" (scenes; detail.saying names what was done), "live" (a layer is being dragged; detail.scene is how it looks meanwhile),
// "select", "area" (another print area is shown), "rename", "artwork" (a picture has arrived).
export class Draft extends EventTarget {
  constructor(told) {
    super();
    this.areas = told.areas.map(({ scene, ...area }) => area);
    this.scenes = new Map(told.areas.map((area) => [area.key, sceneOf(area.scene)]));
    this.name = told.design.name;
    this.key = (told.areas.find((area) => sceneOf(area.scene).layers.length) ?? told.areas[0]).key;
    this.selected = [];
    this.history = new History();
  }

  get area() { return this.areas.find((area) => area.key === this.key); }

  get scene() { return this.scenes.get(this.key); }

  get layers() { return this.selected.map((id) => layerOf(this.scene, id)).filter(Boolean); }

  // What a hand may act on: the selected layers that are not locked.
  get free() { return this.layers.filter((layer) => !layer.locked); }

  #tell(name, detail = {}) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  // `make` gets the area's scene and returns the new one. `select` names what is selected then; `merge` joins quick repetitions into one step.
  change(saying, make, { select = this.selected, merge = "" } = {}) {
    const before = this.scene, after = make(before);
    if (after === before) return;
    this.history.remember({ saying, key: this.key, before: this.scenes, merge });
    this.scenes = new Map(this.scenes).set(this.key, after);
    this.#tell("change", { saying });
    this.select(select);
  }

  // Takes over scenes from elsewhere (what was kept in this browser, another window's), as one step that can be undone.
  take(saying, scenes) {
    this.history.remember({ saying, key: this.key, before: this.scenes, merge: "" });
    this.scenes = new Map([...this.scenes].map(([key, scene]) => [key, key in scenes ? sceneOf(scenes[key]) : scene]));
    this.#tell("change", { saying });
    this.select(this.selected);
  }

  undo() { return this.#step(this.history.back(this.scenes)); }

  redo() { return this.#step(this.history.forth(this.scenes)); }

  #step(step) {
    if (!step) return "";
    this.scenes = step.before;
    this.show(step.key);
    this.#tell("change", { saying: step.saying });
    this.select(this.selected);
    return step.saying;
  }

  select(ids) {
    const there = ids.filter((id) => layerOf(this.scene, id));
    const same = there.length === this.selected.length && there.every((id, n) => id === this.selected[n]);
    this.selected = there;
    this.#tell("select", { same });
  }

  show(key) {
    if (key === this.key) return;
    this.key = key;
    this.selected = [];
    this.#tell("area");
    this.#tell("select", { same: false });
  }

  live(scene) { this.#tell("live", { scene }); }

  rename(name) {
    if (name === this.name) return;
    this.name = name;
    this.#tell("rename");
  }

  arrived() { this.#tell("artwork"); }
}
