// Lines of text, set as catalog/scenes.py says at TextLayer: measured and drawn in one way, so that boxes, canvas and print agree.
import { familyOf, fontOf, isHere } from "./fonts.js";

const EM = 1000; // texts are set this large and scaled down: advances do not depend on the size on the screen
const pen = document.createElement("canvas").getContext("2d");
const spaces = "letterSpacing" in pen;
const sizes = new Map();
const MOST_KEPT = 500;

function dress(ctx, layer) {
  ctx.font = `${EM}px "${familyOf(layer.font)}"`;
  ctx.textBaseline = "alphabetic";
  ctx.textAlign = "left";
  ctx.fontKerning = "normal";
  ctx.textRendering = "geometricPrecision";
  if (spaces) ctx.letterSpacing = `${layer.letter_spacing * EM}px`;
}

const linesOf = (layer) => layer.text.split("\n");

// Widths in em. The space after the last character of a line is taken off.
function widthsOf(layer) {
  const key = JSON.stringify([layer.font, layer.letter_spacing, layer.text, isHere(layer.font)]);
  if (!sizes.has(key)) {
    if (sizes.size > MOST_KEPT) sizes.clear();
    dress(pen, layer);
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

// Draws the block about the origin, in millimetres.
export function drawText(ctx, layer) {
  const { width, height } = textSize(layer), { ascent } = fontOf(layer.font), widths = widthsOf(layer);
  ctx.save();
  ctx.scale(layer.size / EM, layer.size / EM);
  dress(ctx, layer);
  ctx.fillStyle = layer.colour;
  linesOf(layer).forEach((line, n) => {
    const free = (width / layer.size - widths[n]) * EM;
    const left = (-width / layer.size / 2) * EM + { left: 0, center: free / 2, right: free }[layer.align];
    const baseline = (-height / layer.size / 2 + ascent + n * layer.line_height) * EM;
    if (spaces || !layer.letter_spacing) ctx.fillText(line, left, baseline);
    else spread(ctx, line, left, baseline, layer.letter_spacing * EM);
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
