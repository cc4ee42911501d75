// Where layers are: the upright box around a turned one, in millimetres; moving them by it.
import { textSize } from "./text.js";
import { round } from "./scene.js";

export const sizeOf = (layer) => (layer.kind === "text" ? textSize(layer) : { width: layer.width, height: layer.height });

export function boxOf(layer) {
  const { width, height } = sizeOf(layer), turn = (layer.rotation * Math.PI) / 180;
  const across = Math.abs(width * Math.cos(turn)) + Math.abs(height * Math.sin(turn));
  const down = Math.abs(width * Math.sin(turn)) + Math.abs(height * Math.cos(turn));
  return { left: layer.x - across / 2, top: layer.y - down / 2, right: layer.x + across / 2, bottom: layer.y + down / 2 };
}

export function around(boxes) {
  return {
    left: Math.min(...boxes.map((box) => box.left)), top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)), bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

export const areaBox = (area, beyond = 0) => ({ left: -beyond, top: -beyond, right: area.width + beyond, bottom: area.height + beyond });

const ALIGN = {
  left: (box, to) => ({ x: to.left - box.left }),
  center: (box, to) => ({ x: (to.left + to.right - box.left - box.right) / 2 }),
  right: (box, to) => ({ x: to.right - box.right }),
  top: (box, to) => ({ y: to.top - box.top }),
  middle: (box, to) => ({ y: (to.top + to.bottom - box.top - box.bottom) / 2 }),
  bottom: (box, to) => ({ y: to.bottom - box.bottom }),
};

// The move that aligns each layer: several among each other, a single one to the area.
export function alignedTo(layers, area, side) {
  const to = layers.length > 1 ? around(layers.map(boxOf)) : areaBox(area);
  return new Map(layers.map((layer) => [layer.id, by(ALIGN[side](boxOf(layer), to))]));
}

// The moves that leave equal gaps between three layers or more; the outermost stay.
export function distributed(layers, axis) {
  const [from, to] = axis === "x" ? ["left", "right"] : ["top", "bottom"];
  const placed = layers.map((layer) => ({ layer, box: boxOf(layer) })).sort((a, b) => a.box[from] + a.box[to] - b.box[from] - b.box[to]);
  const free = placed.at(-1).box[to] - placed[0].box[from] - placed.reduce((sum, { box }) => sum + box[to] - box[from], 0);
  const moves = new Map();
  let next = placed[0].box[from];
  for (const { layer, box } of placed) {
    moves.set(layer.id, by({ [axis]: next - box[from] }));
    next += box[to] - box[from] + free / (placed.length - 1);
  }
  return moves;
}

const by = ({ x = 0, y = 0 }) => (layer) => ({ x: round(layer.x + x), y: round(layer.y + y) });
