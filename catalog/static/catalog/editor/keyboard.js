// Keys. Those of a single character work only while the canvas has the focus (WCAG 2.1.4), the others everywhere but in text fields.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAN_PX = 40;

export function listenToKeys(board, draft, commands, saveNow) {
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s") { event.preventDefault(); saveNow(); return; }
    if (event.target.closest("input:not([type='checkbox'], [type='radio'], [type='color']), textarea, select, dialog")) return;
    const name = { z: event.shiftKey ? "redo" : "undo", y: "redo", d: "duplicate", a: "select-all" }[key];
    if (!name) return;
    event.preventDefault();
    commands[name]();
  });

  board.host.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const act = onCanvas(event);
    if (!act) return;
    event.preventDefault();
    act();
  });

  function onCanvas({ key, shiftKey, altKey }) {
    if (key in ARROWS) return () => arrow(...ARROWS[key], shiftKey, altKey);
    if (altKey) return null;
    const more = shiftKey ? 0.1 : 0.01;
    return {
      PageDown: () => (shiftKey ? commands.lower() : commands.previous()),
      PageUp: () => (shiftKey ? commands.raise() : commands.next()),
      ".": () => commands.scale(1 + more), ":": () => commands.scale(1 + more), ">": () => commands.scale(1 + more),
      ",": () => commands.scale(1 / (1 + more)), ";": () => commands.scale(1 / (1 + more)), "<": () => commands.scale(1 / (1 + more)),
      Delete: commands.delete, Backspace: commands.delete, Escape: commands["select-none"], Enter: commands.open, F2: commands.rename,
      "+": commands["zoom-in"], "=": commands["zoom-in"], "-": commands["zoom-out"], 0: commands["zoom-fit"],
    }[key];
  }

  function arrow(x, y, shift, alt) {
    if (!draft.layers.length) return board.view.pan(-x * PAN_PX, -y * PAN_PX);
    if (alt && x) return commands.turn(x * (shift ? 15 : 1));
    if (alt) return commands.scale(y < 0 ? 1 + (shift ? 0.1 : 0.01) : 1 / (1 + (shift ? 0.1 : 0.01)));
    return commands.move(x * (shift ? 10 : 1), y * (shift ? 10 : 1));
  }
}
