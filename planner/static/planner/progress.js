"use strict";
/* Follows a run: asks for its progress once a second and reloads the page when the run has ended. */
(() => {
  const section = document.querySelector(".run-progress");
  if (!section || section.dataset.finished === "true") return;
  const part = (name) => section.querySelector(`[data-part="${name}"]`);
  const bar = section.querySelector("progress");
  const slowest = 10000;
  let delay = 1000;

  const writeLog = (lines) => {
    const log = part("log");
    if (!log) return;
    log.replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      const at = document.createElement("time");
      at.textContent = line.at;
      item.append(at, line.text);
      if (line.fault) {
        const fault = document.createElement("span");
        fault.className = "fault";
        fault.textContent = line.fault;
        item.append(" ", fault);
      }
      return item;
    }));
  };

  const show = (progress) => {
    part("label").textContent = progress.label;
    part("done").textContent = progress.done;
    part("total").textContent = progress.total;
    part("failed").textContent = progress.failed;
    const left = part("left");
    left.textContent = progress.seconds_left === null ? "" : `, ${progress.seconds_left} ${left.dataset.word}`;
    const early = document.querySelector("[data-early]");
    if (early) early.hidden = !progress.early;
    writeLog(progress.log);
    bar.max = progress.total;
    bar.value = progress.done + progress.failed;
  };

  const ask = async () => {
    try {
      const answer = await fetch(section.dataset.address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const progress = await answer.json();
      show(progress);
      delay = 1000;
      if (progress.finished) {
        window.location.reload();
        return;
      }
    } catch (error) {
      delay = Math.min(delay * 2, slowest);
    }
    window.setTimeout(ask, delay);
  };
  window.setTimeout(ask, delay);
})();
