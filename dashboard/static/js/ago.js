// Keeps "4 s ago" true, and asks anew when something grew old unseen: with a dead watcher nobody else tells. Writes
// moments by the reader's own clock; the server says them in UTC, which stays on hover.
// The words follow the same rule as templatetags/ui.py: span.
(() => {
  const sizes = [[86400, "d"], [3600, "h"], [60, "min"]];
  const span = (seconds) => {
    for (const [size, unit] of sizes) {
      if (seconds >= 2 * size || (unit === "min" && seconds >= 60)) return `${Math.floor(seconds / size)} ${unit}`;
    }
    return `${Math.max(0, Math.floor(seconds))} s`;
  };
  const two = (number) => String(number).padStart(2, "0");
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const day = (at) => `${two(at.getDate())} ${MONTHS[at.getMonth()]}`;
  const hour = (at) => `${two(at.getHours())}:${two(at.getMinutes())}`;
  const axis = {
    time: hour,
    date: day,
    day: (at) => (at.getHours() || at.getMinutes() ? `${day(at)} ${hour(at)}` : day(at)),
  };
  const own = (element) => {
    const at = new Date(element.getAttribute("datetime"));
    if (axis[element.dataset.clock]) return axis[element.dataset.clock](at);
    const clock = `${hour(at)}:${two(at.getSeconds())}`;
    return at.toDateString() === new Date().toDateString() ? clock : `${day(at)} ${at.getFullYear()} ${clock}`;
  };
  const AGAIN_MS = 10000;
  let asked = 0;
  let old = false;
  const grewOld = (time, age) => {
    if (!time.dataset.stale || age <= Number(time.dataset.stale) || time.classList.contains("old")) return false;
    time.classList.add("old");
    return true;
  };
  const tick = () => {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const age = (now - Date.parse(time.dateTime)) / 1000;
      if (grewOld(time, age)) old = true;
      const said = span(age) + (time.dataset.ago === "long" ? " ago" : "");
      if (time.textContent !== said) time.textContent = said;
    }
    for (const time of document.querySelectorAll("time[data-left]")) {
      const left = (Date.parse(time.dateTime) - now) / 1000;
      time.textContent = left > 0 ? `${Math.ceil(left)} s left` : "overdue";
    }
    for (const moment of document.querySelectorAll("[data-clock]")) {
      const said = own(moment);
      if (moment.textContent !== said) moment.textContent = said;
    }
    if (old && now - asked > AGAIN_MS) { old = false; asked = now; htmx.trigger(document.body, "live:poll"); }
  };
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
  tick();
})();
