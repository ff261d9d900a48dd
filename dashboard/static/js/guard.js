// A live update never replaces what a person is typing in or is about to press: it waits, and says so.
// Nor does it take the focus away from a link, or move a row under a pointer that is on its way.
(() => {
  const FIELDS = "input:not([type=hidden]), textarea, select";
  const PRESSED = "a:hover, button:hover, summary:hover";
  const STEADY_MS = 3000;
  let moved = 0;
  let down = false;
  let again = 0;
  const poll = () => htmx.trigger(document.body, "live:poll");
  const dirty = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((o) => o.selected !== o.defaultSelected)
    : field.value !== field.defaultValue;
  const held = (part) => {
    const focus = document.activeElement;
    if (focus && part.contains(focus) && focus.matches(`${FIELDS}, button, summary`)) return true;
    return [...part.querySelectorAll(FIELDS)].some((field) => field.id !== "journal-follow" && dirty(field));
  };
  // A pointer that rests does not hold: what it rests on would grow old unseen.
  const pointed = (part) => Date.now() - moved < STEADY_MS && part.querySelector(PRESSED);
  const offer = (part) => {
    if (part.querySelector(":scope > .changed")) return;
    const note = document.createElement("p");
    note.className = "changed";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small";
    button.textContent = "This changed meanwhile. Show it";
    button.addEventListener("click", () => { part.dataset.yield = "1"; button.blur(); poll(); });
    note.append(button);
    part.prepend(note);
  };
  const later = () => { clearTimeout(again); again = setTimeout(poll, STEADY_MS); };
  const linksTo = (part, href) => [...part.querySelectorAll("a")].filter((a) => a.getAttribute("href") === href);
  const refocus = (part) => {
    const focus = document.activeElement;
    const link = focus?.closest("a[href]");
    if (!(link || focus?.id) || !part.id || !part.contains(focus)) return;
    const href = link?.getAttribute("href");
    const place = link ? linksTo(part, href).indexOf(link) : 0;
    const back = (event) => {
      if (event.target.id !== part.id) return; // several parts settle in turn
      document.body.removeEventListener("htmx:afterSettle", back);
      if (document.activeElement !== document.body) return;
      const same = link ? linksTo(event.target, href) : [document.getElementById(focus.id)];
      const next = same[place] || same[0];
      if (next && !link) next.tabIndex = -1; // a row that the keys walked to
      next?.focus({ preventScroll: true });
    };
    document.body.addEventListener("htmx:afterSettle", back);
  };
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    const asked = event.detail.requestConfig?.triggeringEvent;
    const live = asked && (asked.type.startsWith("sse:") || asked.type === "live:poll");
    if (!live || !part) return;
    // Whatever moves a button between press and release takes the click away from it.
    if (down) { event.detail.shouldSwap = false; later(); return; }
    const yields = part.dataset.yield === "1";
    if (!yields && held(part)) { event.detail.shouldSwap = false; offer(part); }
    else if (!yields && pointed(part)) { event.detail.shouldSwap = false; later(); }
    else refocus(part);
  });
  document.addEventListener("pointerdown", () => { down = true; }, { capture: true, passive: true });
  for (const over of ["pointerup", "pointercancel", "dragend"]) {
    document.addEventListener(over, () => { down = false; }, { capture: true, passive: true });
  }
  window.addEventListener("blur", () => { down = false; });
  document.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") moved = Date.now(); }, { passive: true });
})();
