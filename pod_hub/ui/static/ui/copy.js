// Copy buttons: data-copy holds the text. The icon turns into a tick for a moment.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // no permission: the text can still be selected
  }
  button.classList.add("is-copied");
  const use = button.querySelector("use");
  const before = use.getAttribute("href");
  use.setAttribute("href", before.replace(/#.*/, "#check"));
  setTimeout(() => { use.setAttribute("href", before); button.classList.remove("is-copied"); }, 1500);
});
