// Copies a call, and says so in the page's one status region.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const status = document.getElementById("status");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    status.textContent = "Copied.";
  } catch {
    const text = button.parentElement.querySelector("pre");
    if (text) getSelection().selectAllChildren(text);
    status.textContent = "Selected: press Ctrl+C to copy.";
  }
});
