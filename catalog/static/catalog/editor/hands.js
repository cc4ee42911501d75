// Moving the view of the canvas by wheel, space bar, middle button and fingers.
import { Point } from "./fabric.js";

const WHEEL = 0.0016;

export function moveByHand(board) {
  const { canvas, view, host } = board;
  let from = null, held = false;
  const fingers = new Map();

  canvas.on("mouse:wheel", ({ e }) => {
    e.preventDefault();
    if (e.ctrlKey || e.metaKey) view.by(Math.exp(-e.deltaY * WHEEL * (e.deltaMode ? 20 : 1) * 2), new Point(e.offsetX, e.offsetY));
    else view.pan(e.shiftKey ? -e.deltaY : -e.deltaX, e.shiftKey ? 0 : -e.deltaY);
  });

  // The space bar belongs to the canvas only while that has the focus.
  host.addEventListener("keydown", (event) => { if (event.key === " " && !held) { event.preventDefault(); held = true; canvas.setCursor("grab"); } });
  addEventListener("keyup", (event) => { if (event.key === " ") held = false; });

  const drags = (e, target) => held || e.button === 1 || (e.type.startsWith("touch") && !target);
  canvas.on("mouse:down:before", ({ e, target }) => {
    if (!drags(e, target)) return;
    from = point(e);
    canvas.selection = false;
    canvas.skipTargetFind = held || e.button === 1;
  });
  canvas.on("mouse:move", ({ e }) => {
    if (!from || fingers.size > 1) return;
    const to = point(e);
    view.pan(to.x - from.x, to.y - from.y);
    from = to;
  });
  canvas.on("mouse:up", () => { from = null; canvas.selection = true; canvas.skipTargetFind = false; });

  // Two fingers zoom.
  host.addEventListener("pointerdown", (event) => { if (event.pointerType === "touch") fingers.set(event.pointerId, event); });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, (event) => fingers.delete(event.pointerId));
  host.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId) || fingers.size !== 2) { if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event); return; }
    const apart = spread(fingers);
    fingers.set(event.pointerId, event);
    const box = host.getBoundingClientRect(), [a, b] = [...fingers.values()];
    view.by(spread(fingers) / apart, new Point((a.clientX + b.clientX) / 2 - box.left, (a.clientY + b.clientY) / 2 - box.top));
  });
}

const point = (event) => { const one = event.touches?.[0] ?? event; return { x: one.clientX, y: one.clientY }; };

const spread = (fingers) => { const [a, b] = [...fingers.values()]; return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1; };
