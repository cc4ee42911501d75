// Layers as things that the canvas library can select, drag and turn. They draw themselves as drawing.js does; their state is the layer.
import { Control, controlsUtils, FabricObject, Point, util } from "./fabric.js";
import { sizeOf } from "./boxes.js";
import { drawContent, drawThrough } from "./drawing.js";
import { LEAST_MM, round, upright } from "./scene.js";

const HANDLE = 24; // WCAG 2.5.8: a target of 24 px around a dot that may look smaller
const DOT = 5.5;
const colours = { line: "#3b5bdb", dot: "#fff" };

export const paintHandles = (line, dot) => Object.assign(colours, { line, dot });

function drawHandle(ctx, left, top) {
  ctx.save();
  ctx.beginPath();
  ctx.arc(left, top, DOT, 0, 2 * Math.PI);
  ctx.fillStyle = colours.dot;
  ctx.strokeStyle = colours.line;
  ctx.lineWidth = 2;
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}

function handles() {
  const all = controlsUtils.createObjectDefaultControls();
  for (const control of Object.values(all)) Object.assign(control, { sizeX: HANDLE, sizeY: HANDLE, touchSizeX: 34, touchSizeY: 34, render: drawHandle });
  all.mtr = new Control({ ...all.mtr, offsetY: -30, withConnection: true });
  return all;
}

const LOOK = { strokeWidth: 0, objectCaching: false, lockScalingFlip: true, lockSkewingX: true, lockSkewingY: true, borderScaleFactor: 1.5, padding: 0 };

export class LayerObject extends FabricObject {
  static type = "LayerObject";

  constructor(layer, pictures) {
    super({ ...LOOK, controls: handles() });
    this.pictures = pictures;
    this.wear(layer);
  }

  // Takes on how a layer stands.
  wear(layer) {
    this.layer = layer;
    const free = !layer.locked;
    this.set({
      ...sizeOf(layer), left: layer.x, top: layer.y, angle: layer.rotation, scaleX: 1, scaleY: 1, flipX: layer.flip_x ?? false, flipY: layer.flip_y ?? false,
      visible: layer.visible, evented: free, selectable: free, hasControls: free, lockMovementX: !free, lockMovementY: !free, borderColor: colours.line,
      borderDashArray: free ? null : [4, 4],
    });
    this.setCoords();
  }

  // Lets the sides be dragged apart, or only the corners, which keeps the shape.
  stretch(may) {
    for (const side of ["ml", "mr", "mt", "mb"]) this.setControlVisible(side, may && this.layer.kind === "image");
  }

  // The layer as it stands after dragging, alone or among others that are selected with it.
  told() {
    const { layer, group } = this, own = new Point(this.left, this.top);
    const at = group ? util.transformPoint(own, group.calcTransformMatrix()) : own;
    const across = this.scaleX * (group?.scaleX ?? 1), down = this.scaleY * (group?.scaleY ?? 1);
    const place = { x: round(at.x), y: round(at.y), rotation: upright(this.angle + (group?.angle ?? 0)) };
    if (layer.kind === "text") return { ...layer, ...place, size: Math.max(0.5, round(layer.size * down)) };
    return { ...layer, ...place, width: Math.max(LEAST_MM, round(layer.width * across)), height: Math.max(LEAST_MM, round(layer.height * down)) };
  }

  _render(ctx) {
    if (this.layer.kind === "text" && this.layer.opacity < 1) return drawThrough(ctx, this.layer.opacity, (over) => drawContent(over, this.layer, this.pictures));
    ctx.globalAlpha *= this.layer.opacity;
    return drawContent(ctx, this.layer, this.pictures);
  }
}

// What the library makes of several selected layers: moved, turned and scaled together, never stretched.
export function dressSelection(selection) {
  selection.set({ lockScalingFlip: true, lockSkewingX: true, lockSkewingY: true, borderColor: colours.line, borderScaleFactor: 1.5, controls: handles() });
  for (const side of ["ml", "mr", "mt", "mb"]) selection.setControlVisible(side, false);
}
