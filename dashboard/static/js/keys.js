// Keys: / find, j and k rows or steps, Enter open, c to the confirm button (it is not pressed), ? help.
(() => {
  const off = () => localStorage.getItem("keys") === "off";
  const rows = () => [...document.querySelectorAll(".findings > li, .pools tbody tr:not(.group), .spine > li.step, [data-row]")]
    .filter((row) => row.offsetParent);
  let last = { at: -1, row: null };
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    // The focus is the only mark: a live update puts it back, a class of ours it would take away.
    let at = all.findIndex((row) => row.contains(document.activeElement));
    // Between the two a key goes on from where the focus was, not from the top.
    if (at < 0 && last.row && !last.row.isConnected) at = last.at;
    const place = Math.min(Math.max(at + by, 0), all.length - 1);
    const next = all[place];
    last = { at: place, row: next };
    const target = next.querySelector("a, button, [tabindex]") || next;
    if (target === next) next.tabIndex = -1;
    target.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const acts = {
    "/": () => document.getElementById("jump")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    c: () => document.querySelector('[data-key="c"]')?.focus(),
    "?": () => { location.href = "/ui/#keys"; },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || off()) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const toggle = document.getElementById("keys-off");
  if (toggle) {
    toggle.checked = off();
    toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "off" : "on"));
  }
})();
