// A live update never replaces what a person is typing in or is about to press: it waits, and says so.
(() => {
  const FIELDS = "input:not([type=hidden]), textarea, select";
  const dirty = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((o) => o.selected !== o.defaultSelected)
    : field.value !== field.defaultValue;
  const held = (part) => {
    const focus = document.activeElement;
    if (focus && part.contains(focus) && focus.matches(`${FIELDS}, button, summary`)) return true;
    return [...part.querySelectorAll(FIELDS)].some((field) => field.id !== "journal-follow" && dirty(field));
  };
  const offer = (part) => {
    if (part.querySelector(":scope > .changed")) return;
    const note = document.createElement("p");
    note.className = "changed";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small";
    button.textContent = "This changed meanwhile. Show it";
    button.addEventListener("click", () => { part.dataset.yield = "1"; button.blur(); htmx.trigger(document.body, "live:poll"); });
    note.append(button);
    part.prepend(note);
  };
  const before = (event) => {
    const part = event.detail.target;
    const asked = event.detail.requestConfig?.triggeringEvent;
    const live = asked && (asked.type.startsWith("sse:") || asked.type === "live:poll");
    if (!live || !part) return;
    if (part.dataset.yield === "1") {
      delete part.dataset.yield;
    } else if (held(part)) {
      event.detail.shouldSwap = false;
      offer(part);
    }
  };
  document.body.addEventListener("htmx:beforeSwap", before);
})();
