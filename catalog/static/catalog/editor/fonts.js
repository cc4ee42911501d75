// The typefaces: fetched when a text first wants one, measured and drawn from the same file that the printing worker reads.
import { charactersOf } from "./characters.js";

const known = new Map();
const waiting = new Map();

export function offer(fonts) {
  for (const font of fonts) known.set(font.key, { ...font, characters: null });
}

export const fontOf = (key) => known.get(key) ?? known.values().next().value;

// A name of our own, so that a face of the same name on this computer is never taken instead.
export const familyOf = (key) => `hub-${fontOf(key).key}`;

export const isHere = (key) => fontOf(key).characters !== null;

// Loads a face once; resolves when texts can be measured with it.
export function load(key) {
  const font = fontOf(key);
  if (!waiting.has(font.key)) waiting.set(font.key, fetchFace(font).catch((error) => { waiting.delete(font.key); throw error; }));
  return waiting.get(font.key);
}

async function fetchFace(font) {
  const answer = await fetch(font.address);
  if (!answer.ok) throw new Error(`${font.address} answered ${answer.status}`);
  const file = await answer.arrayBuffer();
  const face = new FontFace(familyOf(font.key), file);
  await face.load();
  document.fonts.add(face);
  font.characters = charactersOf(file);
}

export const loadAllOf = (scenes) => Promise.allSettled([...new Set(scenes.flatMap((scene) => scene.layers.filter((layer) => layer.kind === "text").map((layer) => layer.font)))].map(load));

// Characters of the text that the face has no glyph for; none as long as it is not loaded.
export function missing(key, text) {
  const { characters } = fontOf(key);
  return characters ? [...new Set(text)].filter((one) => !/\s/u.test(one) && !characters(one.codePointAt(0))) : [];
}
