// Zoom and position of the canvas. 1 is real size: a CSS pixel is 1/96 inch.
import { Point } from "./fabric.js";

export const REAL = 96 / 25.4;
const LEAST = 0.04, MOST = 16, STEP = 1.25, MARGIN = 36;

export class View extends EventTarget {
  constructor(canvas) {
    super();
    this.canvas = canvas;
    this.fits = true;
  }

  get scale() { return this.canvas.viewportTransform[0]; }

  // Where the area's corner stands on the canvas.
  get corner() { const [, , , , x, y] = this.canvas.viewportTransform; return { x, y }; }

  get zoom() { return this.scale / REAL; }

  #set(scale, x, y) {
    this.canvas.setViewportTransform([scale, 0, 0, scale, x, y]);
    this.dispatchEvent(new Event("zoom"));
  }

  // Shows the whole area with its bleed, in the middle.
  fit(area) {
    this.fits = true;
    this.area = area;
    const across = area.width + 2 * area.bleed, down = area.height + 2 * area.bleed;
    const margin = Math.min(MARGIN, this.canvas.width / 16);
    const scale = Math.min((this.canvas.width - 2 * margin) / across, (this.canvas.height - 2 * margin) / down);
    this.#set(scale, (this.canvas.width - area.width * scale) / 2, (this.canvas.height - area.height * scale) / 2);
  }

  resize(width, height) {
    this.canvas.setDimensions({ width, height });
    if (this.fits && this.area) this.fit(this.area);
  }

  by(factor, at = new Point(this.canvas.width / 2, this.canvas.height / 2)) {
    const zoom = Math.min(MOST, Math.max(LEAST, this.zoom * factor)), scale = zoom * REAL, ratio = scale / this.scale;
    const [, , , , x, y] = this.canvas.viewportTransform;
    this.fits = false;
    this.#set(scale, at.x - (at.x - x) * ratio, at.y - (at.y - y) * ratio);
  }

  in() { this.by(STEP); }

  out() { this.by(1 / STEP); }

  pan(across, down) {
    const [scale, , , , x, y] = this.canvas.viewportTransform;
    this.fits = false;
    this.#set(scale, x + across, y + down);
  }

  // What the window shows, in millimetres.
  get window() {
    const [scale, , , , x, y] = this.canvas.viewportTransform;
    return { left: -x / scale, top: -y / scale, right: (this.canvas.width - x) / scale, bottom: (this.canvas.height - y) / scale };
  }
}
