// Keeps what was typed into a form (data-draft) until it is sent, so that neither a refresh nor a late answer loses any of it. In this tab alone.
(() => {
  const left = new Set(["hidden", "password", "file", "submit", "button"]);
  const fieldsOf = (form) => [...form.elements].filter((one) => one.name && !left.has(one.type));
  const ticks = (field) => field.type === "checkbox" || field.type === "radio";
  const kept = (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = `draft:${location.pathname}`;
    const keep = () => {
      const said = fieldsOf(form).map((field) => [field.name, ticks(field) ? field.checked : field.value]);
      try { sessionStorage.setItem(key, JSON.stringify(said)); } catch { /* private window: typed for this page only */ }
    };
    const draft = kept(key);
    // A form that came back with errors shows what was sent; a draft of other fields belongs to an earlier shape of the page.
    if (draft && form.dataset.draft === "restore") {
      const fields = fieldsOf(form);
      const same = fields.length === draft.length && fields.every((field, place) => field.name === draft[place][0]);
      if (same) fields.forEach((field, place) => { field[ticks(field) ? "checked" : "value"] = draft[place][1]; });
    }
    form.addEventListener("input", keep);
    // An answer about a field as it was does not replace what was typed there meanwhile.
    form.addEventListener("htmx:beforeSwap", (event) => {
      const sent = event.detail.requestConfig.formData;
      const typed = [...event.detail.target.querySelectorAll("input:not([type='hidden'])")];
      if (typed.some((field) => sent.has(field.name) && sent.get(field.name) !== field.value)) event.detail.shouldSwap = false;
    });
    form.addEventListener("htmx:afterSettle", keep);
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
})();
