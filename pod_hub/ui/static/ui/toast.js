// Shows the notes that answers carry in HX-Trigger (pod_hub/ui/toasts.py), and says when an answer did not come at all.
(() => {
  const show = (text, tone = "ok") => {
    const area = document.getElementById("toasts");
    const toast = document.createElement("div");
    toast.className = `hub-toast tone-${tone}`;
    toast.append(Object.assign(document.createElement("span"), { textContent: text }));
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: "×", onclick: () => toast.remove() });
    close.setAttribute("aria-label", area.dataset.dismiss);
    toast.append(close);
    area.append(toast);
    if (tone !== "bad") setTimeout(() => toast.remove(), 6000); // a failure stays until it is read
  };
  document.addEventListener("toast", (event) => show(event.detail.text, event.detail.tone));
  document.addEventListener("htmx:sendError", () => show(document.getElementById("toasts").dataset.offline, "bad"));
  document.addEventListener("htmx:responseError", () => show(document.getElementById("toasts").dataset.failed, "bad"));
})();
