// Keys of the list of products: j and k go from row to row, Enter is the focused link's own, s, i and u press what has data-key, u also the last row's.
(() => {
  let last = "";
  const rows = () => [...document.querySelectorAll("tr[data-listing]")];
  const here = () => document.activeElement?.closest("tr[data-listing]");
  const stop = (row) => row.querySelector("[data-connect]") || row.querySelector("form[data-key] button") || row.querySelector("a");
  const go = (step) => {
    const all = rows();
    const at = all.indexOf(here());
    const row = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!row) return;
    stop(row)?.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const press = (row, key) => {
    const found = row?.querySelector(`[data-key="${key}"]`);
    if (!found) return false;
    last = row.id;
    (found.querySelector("button") || found).click();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); go(event.key === "j" ? 1 : -1); }
    else if (event.key === "s" || event.key === "i") { if (press(here(), event.key)) event.preventDefault(); }
    else if (event.key === "u" && (press(here(), "u") || press(document.getElementById(last), "u"))) event.preventDefault();
  });
  // A row that was acted on is drawn anew; the hand stays where it was.
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.target.matches?.("tr[data-listing]")) last = event.target.id; });
  document.addEventListener("htmx:afterSettle", (event) => {
    const row = event.detail.elt?.matches?.("tr[data-listing]") ? event.detail.elt : null;
    if (row && row.id === last && (document.activeElement === document.body || !document.activeElement)) stop(row)?.focus();
  });
})();
