// The journal follows its end while the box is ticked; scrolling up unticks it, and new lines are counted.
(() => {
  let lines = null;
  const journal = () => document.querySelector("[data-follow]");
  const box = () => document.getElementById(journal()?.dataset.follow || "");
  const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 8;
  let following = true;
  const show = () => {
    const list = journal();
    if (!list) return;
    const count = list.querySelectorAll("li").length;
    const fresh = lines === null ? 0 : count - lines;
    if (following) { list.scrollTop = list.scrollHeight; lines = count; }
    const tick = box();
    if (tick) tick.checked = following;
    const chip = document.querySelector("[data-new-lines]");
    if (chip) chip.textContent = !following && fresh > 0 ? `${fresh} new lines` : "";
  };
  document.addEventListener("scroll", (event) => {
    const list = journal();
    if (list && event.target === list) { following = atEnd(list); if (following) lines = list.querySelectorAll("li").length; show(); }
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target === box()) { following = event.target.checked; show(); }
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();
