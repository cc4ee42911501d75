// Drawing scenes: one layer, all of them, an area as a picture of its own. The canvas, the previews and the comparison with print files use these.
import { drawText } from "./text.js";

// Draws what a layer shows about the origin, unturned. `pictures` maps artwork ids to what drawImage takes; one that has not arrived is a grey field.
export function drawContent(ctx, layer, pictures) {
  if (layer.kind === "text") return drawText(ctx, layer);
  const picture = pictures.get(layer.artwork);
  ctx.imageSmoothingQuality = "high";
  if (picture) return ctx.drawImage(picture, -layer.width / 2, -layer.height / 2, layer.width, layer.height);
  ctx.fillStyle = "rgb(128 136 150 / 25%)";
  return ctx.fillRect(-layer.width / 2, -layer.height / 2, layer.width, layer.height);
}

function drawLayer(ctx, layer, pictures) {
  ctx.save();
  ctx.translate(layer.x, layer.y);
  ctx.rotate((layer.rotation * Math.PI) / 180);
  ctx.scale(layer.flip_x ? -1 : 1, layer.flip_y ? -1 : 1);
  if (layer.opacity < 1 && layer.kind === "text") drawThrough(ctx, layer.opacity, (over) => drawContent(over, layer, pictures));
  else {
    ctx.globalAlpha = layer.opacity;
    drawContent(ctx, layer, pictures);
  }
  ctx.restore();
}

// Draws something as one see-through whole: letters that touch each other would be darker where they overlap.
export function drawThrough(ctx, opacity, draw) {
  const sheet = document.createElement("canvas");
  sheet.width = ctx.canvas.width;
  sheet.height = ctx.canvas.height;
  const over = sheet.getContext("2d");
  over.setTransform(ctx.getTransform());
  draw(over);
  ctx.save();
  ctx.resetTransform();
  ctx.globalAlpha = opacity;
  ctx.drawImage(sheet, 0, 0);
  ctx.restore();
}

// Draws background and layers; the context is in millimetres of the area already.
export function drawScene(ctx, scene, area, pictures) {
  if (scene.background) {
    ctx.fillStyle = scene.background;
    ctx.fillRect(-area.bleed, -area.bleed, area.width + 2 * area.bleed, area.height + 2 * area.bleed);
  }
  for (const layer of scene.layers) if (layer.visible) drawLayer(ctx, layer, pictures);
}

// Returns a canvas with the area and `beyond` millimetres around it, without guides. Drawn `fine` times as large and scaled down: browsers move level
// lines of text to whole pixels, and so they are whole parts of one.
export function pictureOf(scene, area, pictures, { perMm, beyond = 0, fine = 1 }) {
  const across = area.width + 2 * beyond, down = area.height + 2 * beyond;
  const width = Math.max(1, Math.round(across * perMm)), height = Math.max(1, Math.round(down * perMm));
  const [large, ctx] = sheetOf(width * fine, height * fine);
  ctx.scale(large.width / across, large.height / down);
  ctx.translate(beyond, beyond);
  drawScene(ctx, scene, area, pictures);
  if (fine === 1) return large;
  const [sheet, over] = sheetOf(width, height);
  over.imageSmoothingQuality = "high";
  over.drawImage(large, 0, 0, width, height);
  return sheet;
}

function sheetOf(width, height) {
  const sheet = Object.assign(document.createElement("canvas"), { width, height });
  return [sheet, sheet.getContext("2d")];
}
