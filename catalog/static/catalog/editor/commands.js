// Everything that a button or a key can do, by name. Each answers what it did, for undo and for people who do not see the canvas.
import { alignedTo, distributed, sizeOf } from "./boxes.js";
import { nameOf } from "./checks.js";
import { load } from "./fonts.js";
import { added, changed, duplicated, fitted, imageLayer, LEAST_MM, removed, reordered, round, textLayer, upright } from "./scene.js";
import { say, short } from "./words.js";

const INCH = 25.4;

// Dark on light, light on dark.
function readableOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return red * 0.3 + green * 0.59 + blue * 0.11 > 130 ? "#1a1f29" : "#ffffff";
}

export function commandsOf({ draft, board, pictures, limits, announce, focus }) {
  const { view } = board;
  const ids = (layers) => layers.map((layer) => layer.id);

  function change(saying, layers, how, merge = "") {
    if (!layers.length) return announce(say(draft.layers.length ? "is_locked" : "select_first"));
    draft.change(saying, (scene) => changed(scene, ids(layers), how), { merge });
    return announce(saying);
  }

  function add(layer, saying) {
    if (draft.scene.layers.length >= limits.layers) return announce(say("too_many_layers", { n: limits.layers }));
    draft.change(saying, (scene) => added(scene, layer), { select: [layer.id] });
    return announce(saying);
  }

  const images = () => draft.free.filter((layer) => layer.kind === "image");
  const resized = (fit) => (layer) => ({ ...fitted(pictures.artwork.get(layer.artwork) ?? layer, draft.area, fit, layer.rotation), x: draft.area.width / 2, y: draft.area.height / 2, rotation: upright(Math.round(layer.rotation / 90) * 90) });
  const scaled = (factor) => (layer) => (layer.kind === "text"
    ? { size: Math.max(0.5, round(layer.size * factor)) }
    : { width: Math.max(LEAST_MM, round(layer.width * factor)), height: Math.max(LEAST_MM, round(layer.height * factor)) });
  const turned = (degrees) => (layer) => ({ rotation: upright(layer.rotation + degrees) });

  function best(layer) {
    const artwork = pictures.artwork.get(layer.artwork);
    return artwork ? { width: round((artwork.width / draft.area.target_dpi) * INCH), height: round((artwork.height / draft.area.target_dpi) * INCH) } : {};
  }

  function moves(table, saying) {
    return change(saying, draft.free, (layer) => table.get(layer.id)(layer));
  }

  function choose(step) {
    const there = draft.scene.layers.filter((layer) => layer.visible);
    if (!there.length) return announce(say("nothing_here"));
    const now = there.findIndex((layer) => layer.id === draft.selected.at(-1));
    const next = there[(now < 0 ? (step > 0 ? 0 : there.length - 1) : now + step + there.length) % there.length];
    draft.select([next.id]);
    return announce(say("chosen", { name: nameOf(next), place: there.indexOf(next) + 1, count: there.length }));
  }

  const commands = {
    undo: () => announce(say("undone", { what: draft.undo() || say("nothing") })),
    redo: () => announce(say("redone", { what: draft.redo() || say("nothing") })),
    "zoom-in": () => view.in(),
    "zoom-out": () => view.out(),
    "zoom-fit": () => view.fit(draft.area),
    snap: () => { board.snaps = !board.snaps; return announce(say(board.snaps ? "snaps" : "snaps_not")); },
    "add-picture": (artwork, at) => { pictures.artwork.set(artwork.id, artwork); pictures.want(artwork.id); return add(imageLayer(artwork, draft.area, { at }), say("did_add", { name: artwork.name })); },
    "add-text": () => {
      const font = draft.scene.layers.findLast((layer) => layer.kind === "text")?.font ?? "inter-bold";
      load(font).catch(() => {});
      add(textLayer(say("your_text"), draft.area, { font, colour: readableOn(draft.scene.background || board.blank) }), say("did_add", { name: say("text") }));
      focus.text();
    },
    background: (colour) => { draft.change(say("did_background"), (scene) => ({ ...scene, background: colour }), { merge: "background" }); },
    fit: () => change(say("did_fit"), images(), resized("fit")),
    fill: () => change(say("did_fill"), images(), resized("fill")),
    best: () => change(say("did_best", { dpi: draft.area.target_dpi }), images(), best),
    "flip-x": () => change(say("did_flip"), images(), (layer) => ({ flip_x: !layer.flip_x })),
    "flip-y": () => change(say("did_flip"), images(), (layer) => ({ flip_y: !layer.flip_y })),
    "turn-left": () => change(say("did_turn"), draft.free, turned(-90)),
    "turn-right": () => change(say("did_turn"), draft.free, turned(90)),
    turn: (degrees) => { change(say("did_turn"), draft.free, turned(degrees), "turn"); told(); },
    scale: (factor) => { change(say("did_scale"), draft.free, scaled(factor), "scale"); told(); },
    move: (x, y) => { change(say("did_move"), draft.free, (layer) => ({ x: round(layer.x + x), y: round(layer.y + y) }), "move"); told(); },
    align: (side) => moves(alignedTo(draft.free, draft.area, side), say("did_align")),
    "spread-x": () => draft.free.length > 2 && moves(distributed(draft.free, "x"), say("did_spread")),
    "spread-y": () => draft.free.length > 2 && moves(distributed(draft.free, "y"), say("did_spread")),
    raise: () => order(1),
    lower: () => order(-1),
    duplicate: () => {
      if (!draft.layers.length) return announce(say("select_first"));
      if (draft.scene.layers.length + draft.layers.length > limits.layers) return announce(say("too_many_layers", { n: limits.layers }));
      const { scene, ids: copies } = duplicated(draft.scene, draft.selected);
      draft.change(say("did_duplicate"), () => scene, { select: copies });
      return announce(say("did_duplicate"));
    },
    delete: () => {
      const gone = ids(draft.free);
      if (!gone.length) return announce(say(draft.layers.length ? "is_locked" : "select_first"));
      draft.change(say("did_delete"), (scene) => removed(scene, gone), { select: [] });
      return announce(say("did_delete"));
    },
    rename: () => focus.rename(draft.selected.at(-1)),
    "select-all": () => draft.select(draft.scene.layers.filter((layer) => layer.visible && !layer.locked).map((layer) => layer.id)),
    "select-none": () => draft.select([]),
    next: () => choose(1),
    previous: () => choose(-1),
    open: () => draft.layers[0]?.kind === "text" && focus.text(),
    set: (saying, values, merge) => change(saying, draft.free, values, merge),
  };

  function order(by) {
    if (!draft.layers.length) return announce(say("select_first"));
    draft.change(say("did_order"), (scene) => reordered(scene, draft.selected, by));
    return announce(say("did_order"));
  }

  // Where the layer is now; said last, so that a held key does not chatter.
  function told() {
    const [layer] = draft.free;
    if (draft.free.length !== 1) return;
    const { width, height } = sizeOf(layer);
    announce(say("stands", { name: nameOf(layer), x: short(layer.x - width / 2), y: short(layer.y - height / 2), width: short(width), height: short(height), rotation: short(layer.rotation) }));
  }

  return commands;
}
