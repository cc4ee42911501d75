// Keeps relative times true while a page stays open. Same units as pod_hub/ui/clock.py: minutes below 2 h, hours below 2 days, then days.
(() => {
  const language = document.documentElement.lang || "en";
  const english = language.startsWith("en");
  const units = (ms) => {
    const minutes = Math.floor(Math.abs(ms) / 60000);
    if (minutes < 120) return [minutes, "minute"];
    const hours = Math.floor(minutes / 60);
    return hours < 48 ? [hours, "hour"] : [Math.floor(hours / 24), "day"];
  };
  const span = ([count, unit]) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
  const refresh = () => {
    for (const element of document.querySelectorAll("[data-clock]")) {
      const left = new Date(element.dataset.at) - Date.now();
      const amount = units(left);
      if (element.dataset.clock === "due" && left < 60000) {
        element.textContent = element.dataset.soon;
      } else if (element.dataset.clock === "relative" || element.dataset.clock === "due") {
        if (Math.abs(left) < 60000) continue;
        element.textContent = new Intl.RelativeTimeFormat(language).format(left < 0 ? -amount[0] : amount[0], amount[1]);
      } else if (element.dataset.clock === "deadline") {
        // The words around the span are the server's; other languages keep them until the next load.
        if (english) element.textContent = `${span(amount)} ${left < 0 ? "late" : "left"}`;
        const frame = element.closest(".hub-clock");
        frame.classList.remove("tone-ok", "tone-warn", "tone-bad");
        frame.classList.add(left < 0 ? "tone-bad" : left <= 12 * 3600000 ? "tone-warn" : "tone-ok");
      }
    }
  };
  setInterval(refresh, 30000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
})();
