// What lies under and over the layers on the canvas: the blank with its bleed, the edges and the safe zone, the dimmed surroundings, guides.

// Under the layers, in millimetres. `blank` is the colour of the thing that is printed on.
export function drawPaper(ctx, area, { blank, background, look }) {
  const { bleed, width, height } = area;
  ctx.save();
  ctx.shadowColor = look.shadow;
  ctx.shadowBlur = 18;
  ctx.shadowOffsetY = 3;
  ctx.fillStyle = blank;
  ctx.fillRect(-bleed, -bleed, width + 2 * bleed, height + 2 * bleed);
  ctx.restore();
  if (background) {
    ctx.fillStyle = background;
    ctx.fillRect(-bleed, -bleed, width + 2 * bleed, height + 2 * bleed);
  }
}

// Over the layers: what is not printed is dimmed, what is cut off a little; then the lines.
export function drawEdges(ctx, area, { scale, guides, look, view }) {
  const { bleed, width, height, safe } = area, thin = 1 / scale;
  ctx.save();
  ctx.fillStyle = look.outside;
  ctx.beginPath();
  ctx.rect(view.left, view.top, view.right - view.left, view.bottom - view.top);
  ctx.rect(-bleed, -bleed, width + 2 * bleed, height + 2 * bleed);
  ctx.fill("evenodd");
  if (bleed) {
    ctx.fillStyle = look.bleed;
    ctx.beginPath();
    ctx.rect(-bleed, -bleed, width + 2 * bleed, height + 2 * bleed);
    ctx.rect(0, 0, width, height);
    ctx.fill("evenodd");
  }
  ctx.lineWidth = thin;
  line(ctx, look.cut, [], 0, 0, width, height);
  if (safe && 2 * safe < Math.min(width, height)) line(ctx, look.safe, [5 * thin, 4 * thin], safe, safe, width - 2 * safe, height - 2 * safe);
  ctx.strokeStyle = look.guide;
  ctx.setLineDash([]);
  for (const { axis, at } of guides) {
    ctx.beginPath();
    if (axis === "x") { ctx.moveTo(at, view.top); ctx.lineTo(at, view.bottom); } else { ctx.moveTo(view.left, at); ctx.lineTo(view.right, at); }
    ctx.stroke();
  }
  ctx.restore();
}

function line(ctx, colour, dashes, ...rect) {
  ctx.strokeStyle = colour;
  ctx.setLineDash(dashes);
  ctx.strokeRect(...rect);
}
