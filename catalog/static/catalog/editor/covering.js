// Whether a picture that is meant to cover the area does so up to every edge; catalog/covering.py says the same when the design is saved.
import { boxOf } from "./boxes.js";

const HAIR = 0.1, WITH_A_CORNER = 1 / 3, NEARLY_ALL = 0.7;
export const SIDES = ["left", "top", "right", "bottom"];

// How far inside the cut edge a layer ends on each side, below zero beyond it.
export function gapsOf(layer, area) {
  const box = boxOf(layer);
  return { left: box.left, top: box.top, right: area.width - box.right, bottom: area.height - box.bottom };
}

// The sides on which a strip stays blank beside a picture that is meant to cover the area.
export function openSides(layer, scene, area) {
  if (layer.kind !== "image" || layer.rotation % 90 || scene.background) return [];
  const gaps = gapsOf(layer, area);
  if (!meantToCover(gaps, area)) return [];
  const others = scene.layers.filter((one) => one.id !== layer.id && one.kind === "image" && one.visible && !(one.rotation % 90)).map((one) => gapsOf(one, area));
  return SIDES.filter((side) => gaps[side] >= HAIR && others.every((one) => one[side] >= HAIR));
}

// One that reaches three edges, or two that meet with more than a third of the area, or fills most of an area that is cut, is no logo.
function meantToCover(gaps, area) {
  const [left, top, right, bottom] = SIDES.map((side) => gaps[side] < HAIR);
  const wide = area.width - Math.max(0, gaps.left) - Math.max(0, gaps.right), high = area.height - Math.max(0, gaps.top) - Math.max(0, gaps.bottom);
  if (wide <= 0 || high <= 0) return false;
  const share = (wide * high) / (area.width * area.height);
  return left + top + right + bottom >= 3 || ((left || right) && (top || bottom) && share > WITH_A_CORNER) || (area.bleed > 0 && share > NEARLY_ALL);
}
