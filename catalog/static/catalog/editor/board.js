// The canvas: shows the draft's scene, and turns what hands do there into changes of the draft.
import { ActiveSelection, Canvas, Point } from "./fabric.js";
import { boxOf } from "./boxes.js";
import { dressSelection, LayerObject, paintHandles } from "./layer_objects.js";
import { drawEdges, drawPaper } from "./paper.js";
import { changed } from "./scene.js";
import { linesOf, snapped } from "./snapping.js";
import { View } from "./view.js";
import { say } from "./words.js";

const REACH_PX = 6;
const SAYINGS = { drag: "did_move", rotate: "did_turn", scale: "did_scale", scaleX: "did_scale", scaleY: "did_scale" };

export class Board {
  constructor(host, draft, pictures) {
    this.host = host;
    this.draft = draft;
    this.pictures = pictures;
    this.objects = new Map();
    this.guides = [];
    this.snaps = true;
    this.stretches = false;
    this.blank = "#ffffff";
    this.dragging = false;
    this.busy = false; // while the canvas follows the draft, its own events say nothing new
    this.canvas = new Canvas(host.querySelector("canvas"), {
      preserveObjectStacking: true, skipControlsDrawing: true, uniformScaling: true, uniScaleKey: null, fireMiddleClick: true, stopContextMenu: false,
      selectionColor: "rgb(59 91 219 / 10%)", selectionBorderColor: "#3b5bdb", targetFindTolerance: 4, renderOnAddRemove: false,
    });
    this.view = new View(this.canvas);
    this.#listen();
    this.repaint();
    new ResizeObserver(() => this.#resize()).observe(host);
    this.#resize();
    this.view.fit(draft.area);
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width && height) this.view.resize(width, height);
  }

  // Takes the colours of the page's light or dark look.
  repaint() {
    const probe = this.host.appendChild(document.createElement("span"));
    const colour = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
    this.look = Object.fromEntries(["shadow", "outside", "bleed", "cut", "safe", "guide"].map((name) => [name, colour(`--ed-${name}`)]));
    paintHandles(colour("--ed-handle"), colour("--ed-dot"));
    probe.remove();
    this.sync();
  }

  #listen() {
    const { canvas, draft } = this;
    canvas.on("before:render", ({ ctx }) => this.#draw(ctx, () => drawPaper(ctx, draft.area, { blank: this.blank, background: draft.scene.background, look: this.look })));
    canvas.on("after:render", ({ ctx }) => {
      this.#draw(ctx, () => drawEdges(ctx, draft.area, { scale: this.view.scale, guides: this.guides, look: this.look, view: this.view.window }));
      canvas.drawControls(ctx);
    });
    for (const name of ["selection:created", "selection:updated", "selection:cleared"]) canvas.on(name, () => this.#selected());
    canvas.on("object:moving", ({ target, e }) => this.#moving(target, e));
    canvas.on("object:rotating", ({ target, e }) => { target.snapAngle = this.snaps && !e.ctrlKey ? 15 : null; target.snapThreshold = 3; this.#live(); });
    canvas.on("object:scaling", () => this.#live());
    canvas.on("before:transform", () => { this.dragging = true; });
    canvas.on("object:modified", ({ action }) => { if (!this.busy) this.done = { action, told: this.#told() }; });
    canvas.on("mouse:up", () => queueMicrotask(() => this.#letGo())); // the library is through with the event then
    canvas.on("mouse:dblclick", ({ target }) => { if (target?.layer) this.host.dispatchEvent(new CustomEvent("open-layer", { bubbles: true, detail: target.layer })); });
    draft.addEventListener("change", () => this.sync());
    draft.addEventListener("select", () => this.#follow());
    draft.addEventListener("area", () => { this.sync(); this.view.fit(draft.area); });
    draft.addEventListener("artwork", () => canvas.requestRenderAll());
  }

  #draw(ctx, draw) {
    ctx.save();
    ctx.transform(...this.canvas.viewportTransform);
    draw();
    ctx.restore();
  }

  // Brings the canvas to what the draft says; while something is dragged, a moment later.
  sync() {
    if (this.dragging) { this.late = true; return; }
    const { canvas, objects } = this, { layers } = this.draft.scene;
    this.#quietly(() => {
      canvas.discardActiveObject();
      const there = new Set(layers.map((layer) => layer.id));
      for (const [id, object] of objects) if (!there.has(id)) { canvas.remove(object); objects.delete(id); }
      layers.forEach((layer, place) => {
        let object = objects.get(layer.id);
        if (object) object.wear(layer);
        else {
          object = new LayerObject(layer, this.pictures);
          objects.set(layer.id, object);
          canvas.add(object);
        }
        object.stretch(this.stretches);
        canvas.moveObjectTo(object, place);
      });
      this.#hold();
    });
    canvas.requestRenderAll();
  }

  #quietly(act) {
    const before = this.busy;
    this.busy = true;
    try { act(); } finally { this.busy = before; }
  }

  #hold() {
    const chosen = this.draft.selected.map((id) => this.objects.get(id)).filter((object) => object?.visible);
    if (chosen.length > 1) {
      const selection = new ActiveSelection(chosen, { canvas: this.canvas });
      dressSelection(selection);
      this.canvas.setActiveObject(selection);
    } else if (chosen.length) this.canvas.setActiveObject(chosen[0]);
  }

  // The draft's selection was changed elsewhere.
  #follow() {
    if (this.busy) return;
    const held = this.canvas.getActiveObjects().map((object) => object.layer.id);
    const wanted = this.draft.selected;
    if (held.length === wanted.length && wanted.every((id) => held.includes(id))) return;
    this.#quietly(() => { this.canvas.discardActiveObject(); this.#hold(); });
    this.canvas.requestRenderAll();
  }

  // The hand selected something on the canvas.
  #selected() {
    if (this.busy) return;
    const active = this.canvas.getActiveObject();
    if (active instanceof ActiveSelection) dressSelection(active);
    this.#quietly(() => this.draft.select(this.canvas.getActiveObjects().map((object) => object.layer.id)));
  }

  // Where a pointer is on the area; null beside the canvas.
  placeAt({ clientX, clientY }) {
    const box = this.host.getBoundingClientRect(), at = new Point(clientX - box.left, clientY - box.top);
    if (at.x < 0 || at.y < 0 || at.x > box.width || at.y > box.height) return null;
    const [scale, , , , x, y] = this.canvas.viewportTransform;
    return { x: (at.x - x) / scale, y: (at.y - y) / scale };
  }

  #moving(target, event) {
    this.guides = [];
    if (this.snaps && !event.ctrlKey) {
      const moving = this.canvas.getActiveObjects().map((object) => object.layer.id);
      const others = this.draft.scene.layers.filter((layer) => layer.visible && !moving.includes(layer.id)).map(boxOf);
      target.setCoords(); // or the box is that of the moment before
      const { left, top, width, height } = target.getBoundingRect();
      const { move, on } = snapped({ left, top, right: left + width, bottom: top + height }, linesOf(this.draft.area, others), REACH_PX / this.view.scale);
      target.set({ left: target.left + move.x, top: target.top + move.y });
      target.setCoords();
      this.guides = on;
    }
    this.#live();
  }

  #told() { return new Map(this.canvas.getActiveObjects().map((object) => [object.layer.id, object.told()])); }

  #live() {
    const told = this.#told();
    this.draft.live(changed(this.draft.scene, [...told.keys()], (layer) => told.get(layer.id)));
  }

  // The hand let go: what it did becomes a change of the draft.
  #letGo() {
    const { done, late } = this;
    Object.assign(this, { guides: [], dragging: false, done: null, late: false });
    if (done) this.draft.change(say(SAYINGS[done.action] ?? "did_move"), (scene) => changed(scene, [...done.told.keys()], (layer) => done.told.get(layer.id)));
    else if (late) this.sync();
    this.canvas.requestRenderAll();
  }
}
