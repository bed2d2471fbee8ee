"use strict";
/* Ticking one intervention means "only the ticked ones". */
(() => {
  const form = document.getElementById("estimate-form");
  if (!form) return;
  form.addEventListener("change", (event) => {
    if (event.target.name !== "interventions") return;
    const only = form.querySelector('input[name="everything"][value="0"]');
    if (only) only.checked = true;
  });
})();
