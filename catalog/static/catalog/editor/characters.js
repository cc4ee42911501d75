// Which characters a TrueType file has glyphs for: its "cmap" table, formats 4 and 12 (OpenType specification, "cmap").

export function charactersOf(file) {
  const view = new DataView(file), cmap = tableAt(view, "cmap");
  const tables = Array.from({ length: view.getUint16(cmap + 2) }, (_, n) => cmap + view.getUint32(cmap + 4 + 8 * n + 4));
  const long = tables.find((at) => view.getUint16(at) === 12), brief = tables.find((at) => view.getUint16(at) === 4);
  if (long !== undefined) return inGroups(view, long);
  return brief === undefined ? () => true : inSegments(view, brief);
}

function tableAt(view, name) {
  for (let at = 12; at < 12 + 16 * view.getUint16(4); at += 16) {
    if (String.fromCharCode(...[0, 1, 2, 3].map((n) => view.getUint8(at + n))) === name) return view.getUint32(at + 8);
  }
  throw new Error(`The font has no table ${name}.`);
}

function inGroups(view, at) {
  const groups = Array.from({ length: view.getUint32(at + 12) }, (_, n) => [view.getUint32(at + 16 + 12 * n), view.getUint32(at + 20 + 12 * n)]);
  return (code) => groups.some(([first, last]) => first <= code && code <= last);
}

function inSegments(view, at) {
  const twice = view.getUint16(at + 6), ends = at + 14, starts = ends + twice + 2, deltas = starts + twice, offsets = deltas + twice;
  return (code) => {
    for (let n = 0; n < twice; n += 2) {
      if (code > view.getUint16(ends + n)) continue;
      const start = view.getUint16(starts + n), offset = view.getUint16(offsets + n);
      if (code < start) return false;
      if (offset === 0) return ((code + view.getInt16(deltas + n)) & 0xffff) !== 0;
      return view.getUint16(offsets + n + offset + 2 * (code - start)) !== 0;
    }
    return false;
  };
}
