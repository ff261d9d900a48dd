// Keeps "4 s ago" true. The words follow the same rule as templatetags/ui.py: span.
(() => {
  const sizes = [[86400, "d"], [3600, "h"], [60, "min"]];
  const span = (seconds) => {
    for (const [size, unit] of sizes) {
      if (seconds >= 2 * size || (unit === "min" && seconds >= 60)) return `${Math.floor(seconds / size)} ${unit}`;
    }
    return `${Math.max(0, Math.floor(seconds))} s`;
  };
  const tick = () => {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const said = span((now - Date.parse(time.dateTime)) / 1000) + (time.dataset.ago === "long" ? " ago" : "");
      if (time.textContent !== said) time.textContent = said;
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
  tick();
})();
