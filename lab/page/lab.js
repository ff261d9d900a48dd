// Follows the estate and the calls; stands still while somebody holds the pointer down or has a button there in focus.
const live = document.getElementById("live");
let held = false;
live.addEventListener("pointerdown", () => { held = true; });
addEventListener("pointerup", () => { setTimeout(() => { held = false; }, 300); });

async function follow() {
  try {
    const answer = await fetch(`/live?pool=${encodeURIComponent(live.dataset.pool)}`);
    if (answer.ok && !held && !live.contains(document.activeElement)) live.innerHTML = await answer.text();
  } catch {
    // The lab has stopped: the page stays as it was.
  }
  setTimeout(follow, document.hidden ? 5000 : 1000);
}
setTimeout(follow, 1000);
