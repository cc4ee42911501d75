// Lists that stay true while they are open: rows refresh by themselves without losing what is ticked or focused, and ticks are counted.
(() => {
  const EVERY_MS = 10000;
  const ticked = new Set();
  let last = "";

  const boxes = (form) => [...form.querySelectorAll("tbody input[type='checkbox']:not(:disabled)")];
  const count = () => {
    for (const form of document.querySelectorAll("form[data-selection]")) {
      const all = boxes(form);
      const on = all.filter((box) => box.checked).length;
      const words = form.querySelector("[data-selected-count]");
      if (words) words.textContent = on ? words.dataset.some.replace("%s", on) : words.dataset.none;
      const master = form.querySelector("[data-select-all]");
      if (master) {
        master.checked = on > 0 && on === all.length;
        master.indeterminate = on > 0 && on < all.length;
        master.disabled = !all.length;
      }
    }
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-selection]");
    if (!form) return;
    if (event.target.matches("[data-select-all]")) for (const box of boxes(form)) box.checked = event.target.checked;
    count();
  });

  // A refresh must not take away what somebody is using right now.
  const busy = (rows) => document.hidden || rows.querySelector(":focus:not(input)") || rows.querySelector("details[open]") || document.querySelector("dialog[open]");
  setInterval(() => {
    for (const rows of document.querySelectorAll("[data-live]")) if (!busy(rows)) htmx.trigger(rows, "refresh");
  }, EVERY_MS);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.requestConfig?.elt?.matches("[data-live]")) return;
    if (event.detail.serverResponse === last) { event.detail.shouldSwap = false; return; }
    last = event.detail.serverResponse;
    ticked.clear();
    for (const box of document.querySelectorAll("[data-live] input:checked")) ticked.add(box.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of ticked) { const box = document.getElementById(id); if (box && !box.disabled) box.checked = true; }
    ticked.clear();
    count();
  });
  // A failed refresh is no news: the next one follows in ten seconds. Other requests still say so.
  document.addEventListener("htmx:sendError", (event) => { if (event.target.matches?.("[data-live]")) event.stopImmediatePropagation(); }, true);
  document.addEventListener("htmx:responseError", (event) => { if (event.target.matches?.("[data-live]")) event.stopImmediatePropagation(); }, true);
  document.addEventListener("DOMContentLoaded", count);
  count();
})();
