// What would print badly, in words: resolution, what may be cut off, characters that a font does not have. "bad" is refused when the design is
// saved (catalog/services/drafts.py says the same), "warn" is for the eye.
import { SIDES, gapsOf, openSides } from "./covering.js";
import { missing } from "./fonts.js";
import { say, short } from "./words.js";

const INCH = 25.4;
const NEARLY = 0.05; // 299.97 is 300
const HAIR = 0.05; // millimetres that nobody sees

const exactly = (layer, artwork) => Math.min(artwork.width / layer.width, artwork.height / layer.height) * INCH;

export const dpiOf = (layer, artwork) => (artwork ? Math.floor(exactly(layer, artwork) + NEARLY) : null);

// What a layer is called: its name, or the beginning of its text.
export function nameOf(layer) {
  const text = layer.name || (layer.kind === "text" ? layer.text.replace(/\s+/g, " ").trim() : "");
  return text ? (text.length > 40 ? `${text.slice(0, 39)}…` : text) : say(layer.kind === "text" ? "empty_text" : "picture");
}

// Findings of an area's scene, as { layer, tone, text }.
export function checksOf(scene, area, artwork) {
  return scene.layers.filter((layer) => layer.visible).flatMap((layer) => {
    const name = nameOf(layer);
    const found = layer.kind === "image" ? resolution(layer, area, artwork.get(layer.artwork), name) : writing(layer, name);
    return [...found, ...placing(layer, scene, area, name)].map((one) => ({ layer: layer.id, ...one }));
  });
}

function resolution(layer, area, artwork, name) {
  if (!artwork) return [];
  const found = [...artwork.notes.map((text) => ({ tone: "warn", text })), ...taken(area, artwork, name)], dpi = dpiOf(layer, artwork);
  if (artwork.vector || dpi >= area.target_dpi) return found;
  const most = Math.min(layer.width, (layer.width * dpi) / area.least_dpi);
  const values = { name, dpi, least: area.least_dpi, target: area.target_dpi, width: short(most), height: short((most * layer.height) / layer.width) };
  return [...found, exactly(layer, artwork) < area.least_dpi ? { tone: "bad", text: say("dpi_too_low", values) } : { tone: "warn", text: say("dpi_below_target", values) }];
}

// Whether the area takes files of this type and in these colours.
function taken(area, artwork, name) {
  const found = [], { types, colours } = area.takes;
  if (!(artwork.type in types)) found.push({ tone: "bad", text: say("type_not_taken", { name, type: artwork.type.toUpperCase(), types: Object.values(types).join(", "), area: area.name }) });
  if (!(artwork.colours in colours)) found.push({ tone: "bad", text: say("colours_not_taken", { name, colours: artwork.colours.toUpperCase(), wanted: Object.values(colours).join(", "), area: area.name }) });
  return found;
}

function writing(layer, name) {
  if (!layer.text.trim()) return [{ tone: "warn", text: say("nothing_written") }];
  const without = missing(layer.font, layer.text);
  return without.length ? [{ tone: "bad", text: say("no_such_character", { name, characters: without.slice(0, 8).join(" ") }) }] : [];
}

function placing(layer, scene, area, name) {
  const inside = gapsOf(layer, area), open = openSides(layer, scene, area);
  if (SIDES.some((side) => gone(inside, side, area))) return [{ tone: "warn", text: say("outside", { name }) }];
  const near = [], short_of_bleed = [];
  for (const side of SIDES) {
    const gap = inside[side];
    if (open.includes(side)) continue;
    if (gap >= area.safe - HAIR || (layer.kind === "image" && gap <= -area.bleed + HAIR)) continue;
    if (layer.kind === "image" && gap < HAIR) short_of_bleed.push(side);
    else near.push(side);
  }
  const found = [];
  if (open.length) found.push({ tone: "warn", text: say("strip_open", { name, sides: list(open), mm: short(Math.max(...open.map((side) => inside[side]))) }) });
  if (near.length) found.push({ tone: "warn", text: say("near_edge", { name, sides: list(near), mm: short(Math.max(...near.map((side) => area.safe - inside[side]))) }) });
  if (short_of_bleed.length) found.push({ tone: "warn", text: say("short_of_bleed", { name, sides: list(short_of_bleed), mm: short(Math.max(...short_of_bleed.map((side) => area.bleed + inside[side]))) }) });
  return found;
}

// Whether a layer lies beyond the bleed of one side altogether.
function gone(inside, side, area) {
  const across = side === "left" || side === "right" ? area.width : area.height;
  return inside[side] >= across + area.bleed - HAIR;
}

const list = (sides) => sides.map((side) => say(`side_${side}`)).join(say("and"));
