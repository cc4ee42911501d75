// Gives the operators' theme its class for dark pages; theme.js knows which scheme holds.
(() => {
  const root = document.documentElement;
  const apply = () => root.classList.toggle("dark", root.dataset.bsTheme === "dark");
  apply();
  new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
})();
