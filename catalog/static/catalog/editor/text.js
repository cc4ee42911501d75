// Lines of text, set as catalog/scenes.py says at TextLayer: measured and drawn in one way, so that boxes, canvas and print agree.
import { familyOf, fontOf, isHere } from "./fonts.js";

const EM = 1000; // texts are measured this large, so that widths do not depend on the size on the screen
const pen = document.createElement("canvas").getContext("2d");
const spaces = "letterSpacing" in pen;
const sizes = new Map();
const MOST_KEPT = 500;

function dress(ctx, layer, size) {
  ctx.font = `${size}px "${familyOf(layer.font)}"`;
  ctx.textBaseline = "alphabetic";
  ctx.textAlign = "left";
  ctx.fontKerning = "normal";
  ctx.textRendering = "geometricPrecision";
  if (spaces) ctx.letterSpacing = `${layer.letter_spacing * size}px`;
}

const linesOf = (layer) => layer.text.split("\n");

// Widths in em. The space after the last character of a line is taken off.
function widthsOf(layer) {
  const key = JSON.stringify([layer.font, layer.letter_spacing, layer.text, isHere(layer.font)]);
  if (!sizes.has(key)) {
    if (sizes.size > MOST_KEPT) sizes.clear();
    dress(pen, layer, EM);
    sizes.set(key, linesOf(layer).map((line) => widthOf(pen, line, layer.letter_spacing)));
  }
  return sizes.get(key);
}

function widthOf(ctx, line, spacing) {
  if (!line) return 0;
  const between = spaces ? -spacing : spacing * ([...line].length - 1);
  return ctx.measureText(line).width / EM + between;
}

export function textSize(layer) {
  const { ascent, descent } = fontOf(layer.font), widths = widthsOf(layer);
  const height = ascent + descent + (widths.length - 1) * layer.line_height;
  return { width: Math.max(...widths, 0.2) * layer.size, height: height * layer.size };
}

// Draws the block about the origin, in millimetres. The letters are set in the size that they have on the canvas: browsers round the shapes of letters
// that are scaled instead.
export function drawText(ctx, layer) {
  const { width, height } = textSize(layer), { ascent } = fontOf(layer.font), widths = widthsOf(layer);
  const { a, b } = ctx.getTransform(), scale = Math.hypot(a, b), em = layer.size * scale;
  if (!scale) return;
  ctx.save();
  ctx.scale(1 / scale, 1 / scale);
  dress(ctx, layer, em);
  ctx.fillStyle = layer.colour;
  linesOf(layer).forEach((line, n) => {
    const free = width * scale - widths[n] * em;
    const left = (-width * scale) / 2 + { left: 0, center: free / 2, right: free }[layer.align];
    const baseline = (-height * scale) / 2 + (ascent + n * layer.line_height) * em;
    if (spaces || !layer.letter_spacing) ctx.fillText(line, left, baseline);
    else spread(ctx, line, left, baseline, layer.letter_spacing * em);
  });
  ctx.restore();
}

// For browsers whose canvas knows no letter spacing.
function spread(ctx, line, left, baseline, gap) {
  for (let n = 0, at = left; n < line.length; n += 1) {
    ctx.fillText(line[n], at, baseline);
    at = left + ctx.measureText(line.slice(0, n + 1)).width + gap * (n + 1);
  }
}
