"use strict";
/* Says in lists and on the pages of runs whether what they read is otherwise now. */
document.addEventListener("DOMContentLoaded", async () => {
  const places = [...document.querySelectorAll(".inputs-state[data-run]")];
  if (!places.length) return;
  const address = new URL(places[0].dataset.address || "inputs/", window.location.href);
  address.searchParams.set("runs", places.map((place) => place.dataset.run).join(","));
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const found = await answer.json();
  for (const place of places) {
    const inputs = found[place.dataset.run];
    if (!inputs) continue;
    place.textContent = [inputs.label, ...(place.dataset.address ? inputs.details : [])].join(" – ");
    place.title = inputs.details.join(" ");
    place.dataset.state = inputs.state;
    const notice = place.closest("[data-stale]");
    if (notice) notice.hidden = inputs.state !== "changed";
  }
});
