// Snapping: edges and middles of what is dragged are drawn to edges and middles of the area and of the other layers.

const middle = (a, b) => (a + b) / 2;

// Lines to snap to, as { axis, at }; those of the area come first and win.
export function linesOf(area, boxes) {
  const lines = [];
  const add = (axis, ...places) => places.forEach((at) => lines.push({ axis, at }));
  add("x", 0, area.width / 2, area.width);
  add("y", 0, area.height / 2, area.height);
  if (area.safe) { add("x", area.safe, area.width - area.safe); add("y", area.safe, area.height - area.safe); }
  if (area.bleed) { add("x", -area.bleed, area.width + area.bleed); add("y", -area.bleed, area.height + area.bleed); }
  for (const box of boxes) {
    add("x", box.left, middle(box.left, box.right), box.right);
    add("y", box.top, middle(box.top, box.bottom), box.bottom);
  }
  return lines;
}

// How far to move a box so that it snaps, and the lines it then lies on. `reach` is in millimetres.
export function snapped(box, lines, reach) {
  const places = { x: [box.left, middle(box.left, box.right), box.right], y: [box.top, middle(box.top, box.bottom), box.bottom] };
  const move = { x: 0, y: 0 }, on = [];
  for (const axis of ["x", "y"]) {
    let best = null;
    for (const line of lines) {
      if (line.axis !== axis) continue;
      for (const place of places[axis]) {
        const gap = line.at - place;
        if (Math.abs(gap) <= reach && (best === null || Math.abs(gap) < Math.abs(best) - 1e-6)) best = gap;
      }
    }
    if (best === null) continue;
    move[axis] = best;
    const met = places[axis].map((place) => place + best);
    const seen = new Set(lines.filter((line) => line.axis === axis && met.some((place) => Math.abs(place - line.at) < 1e-3)).map((line) => line.at));
    on.push(...[...seen].map((at) => ({ axis, at })));
  }
  return { move, on };
}
