// Says whether the page is live. While the stream is away, the parts that follow it are fetched every few seconds.
(() => {
  const POLL_MS = 7000;
  const sign = document.getElementById("live");
  if (!sign) return;
  const word = sign.querySelector("span");
  let since = null;
  const say = (state, text) => {
    if (sign.dataset.state === state) return;
    sign.dataset.state = state;
    word.textContent = text;
    if (state === "off") document.getElementById("status").textContent = text;
  };
  const on = () => { since = null; say("on", "Live"); };
  const off = () => {
    since = since || new Date();
    say("off", `Not live since ${since.toTimeString().slice(0, 5)}`);
  };
  document.body.addEventListener("htmx:sseOpen", on);
  document.body.addEventListener("htmx:sseError", off);
  document.body.addEventListener("htmx:sseClose", off);
  addEventListener("offline", off);
  setInterval(() => {
    if (sign.dataset.state !== "on" && document.visibilityState === "visible") htmx.trigger(document.body, "live:poll");
  }, POLL_MS);
  // What changed while the tab slept, or while the stream was away, is fetched at once.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") htmx.trigger(document.body, "live:poll");
  });
  document.body.addEventListener("htmx:sseOpen", () => htmx.trigger(document.body, "live:poll"));
})();
