// Keys: "/" goes to the search field, "g" and a letter to a page (data-go in the navigation), "?" shows the help. Never while typing.
(() => {
  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
    if (event.key === "/") {
      const search = document.querySelector("main input[type='search']");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "?") {
      document.getElementById("shortcuts")?.showModal();
    } else if (event.key === "g") {
      waiting = Date.now();
      return;
    } else if (Date.now() - waiting < 1500) {
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
    }
    waiting = 0;
  });
})();
