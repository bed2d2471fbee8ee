"use strict";
/* Follows an import: asks for its progress once a second and reloads the page when the worker has ended. */
(() => {
  const section = document.querySelector(".import-progress");
  if (!section) return;
  const bar = section.querySelector("progress");
  let delay = 700;
  const ask = async () => {
    try {
      const answer = await fetch(section.dataset.address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const progress = await answer.json();
      if (progress.finished) {
        window.location.reload();
        return;
      }
      section.querySelector('[data-part="state"]').textContent = progress.state;
      section.querySelector('[data-part="label"]').textContent = progress.label;
      if (progress.total) {
        bar.max = progress.total;
        bar.value = progress.done;
      }
      delay = 700;
    } catch (error) {
      delay = Math.min(delay * 2, 10000);
    }
    window.setTimeout(ask, delay);
  };
  window.setTimeout(ask, delay);
})();
