// Scenes as catalog/scenes.py reads them: plain objects that are never changed, only replaced. Lengths are millimetres from the top left corner
// of the area as it is cut; a layer's x and y are its centre.

export const EMPTY = Object.freeze({ version: 1, background: "", layers: [] });
export const LEAST_MM = 1; // smaller is a slip of the hand, and no handle could be caught

export const sceneOf = (told) => (told?.layers ? told : EMPTY);

// Whether two scenes say the same, in whichever order their values stand.
export const sameScene = (one, other) => ordered(one) === ordered(other);

const ordered = (value) => JSON.stringify(value, (_key, inner) => (inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort()) : inner));

export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const round = (value, places = 3) => Math.round(value * 10 ** places) / 10 ** places;

export const upright = (degrees) => round(((degrees % 360) + 360) % 360, 2) % 360;

const COMMON = { rotation: 0, opacity: 1, visible: true, locked: false };

const ALIKE = 1.05;

// A new picture shows whole; one that has the area's shape all but for the bleed covers that too.
export function imageLayer(artwork, area, { at = null } = {}) {
  const ratio = (artwork.width / artwork.height) / (area.width / area.height);
  const { width, height } = fitted(artwork, area, !at && Math.max(ratio, 1 / ratio) < ALIKE ? "fill" : "fit");
  const { x, y } = at ?? { x: area.width / 2, y: area.height / 2 };
  return { ...COMMON, id: newId(), kind: "image", artwork: artwork.id, name: artwork.name.slice(0, 120), x, y, width, height, flip_x: false, flip_y: false };
}

export function textLayer(text, area, { font, colour }) {
  const size = round(Math.max(4, Math.min(area.height / 5, area.width / 8)), 1);
  return {
    ...COMMON, id: newId(), kind: "text", text, font, size, colour, name: "",
    x: area.width / 2, y: area.height / 2, align: "center", line_height: 1.2, letter_spacing: 0,
  };
}

// The size at which a picture of this shape shows whole on the area ("fit") or covers area and bleed ("fill"), turned or not.
export function fitted(shape, area, fit, rotation = 0) {
  const beyond = fit === "fill" ? 2 * area.bleed : 0;
  const turned = Math.round(rotation / 90) % 2 !== 0;
  const across = area.width + beyond, down = area.height + beyond;
  const [width, height] = turned ? [down, across] : [across, down];
  const scales = [width / shape.width, height / shape.height];
  const scale = fit === "fill" ? Math.max(...scales) : Math.min(...scales);
  return { width: round(shape.width * scale), height: round(shape.height * scale) };
}

export const layerOf = (scene, id) => scene.layers.find((layer) => layer.id === id);

// `change` is an object of new values, or a function of the layer that returns one.
export function changed(scene, ids, change) {
  const layers = scene.layers.map((layer) => (ids.includes(layer.id) ? { ...layer, ...(typeof change === "function" ? change(layer) : change) } : layer));
  return { ...scene, layers };
}

export const added = (scene, ...layers) => ({ ...scene, layers: [...scene.layers, ...layers] });

export const removed = (scene, ids) => ({ ...scene, layers: scene.layers.filter((layer) => !ids.includes(layer.id)) });

// Copies stand a little beside and above what they were made of.
export function duplicated(scene, ids, aside = 4) {
  const copies = scene.layers.filter((layer) => ids.includes(layer.id)).map((layer) => ({ ...layer, id: newId(), x: layer.x + aside, y: layer.y + aside, locked: false }));
  return { scene: added(scene, ...copies), ids: copies.map((copy) => copy.id) };
}

// Raises (by > 0) or lowers layers by whole places; several keep their order.
export function reordered(scene, ids, by) {
  const layers = [...scene.layers];
  const moving = layers.filter((layer) => ids.includes(layer.id));
  for (const layer of by > 0 ? moving.reverse() : moving) {
    const from = layers.indexOf(layer), to = from + by;
    if (to < 0 || to >= layers.length || ids.includes(layers[to].id)) continue;
    layers.splice(to, 0, ...layers.splice(from, 1));
  }
  return { ...scene, layers };
}

// Puts one layer at a place counted from the bottom.
export function movedTo(scene, id, place) {
  const layers = scene.layers.filter((layer) => layer.id !== id);
  layers.splice(place, 0, layerOf(scene, id));
  return { ...scene, layers };
}
