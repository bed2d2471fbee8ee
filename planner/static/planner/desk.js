"use strict";
/* Menus of the header: one open at a time, closed by Escape or by a click elsewhere. Without this script they still open and close. */
(() => {
  const menus = [...document.querySelectorAll("#header details")];
  const close = (except) => menus.forEach((menu) => { if (menu !== except) menu.open = false; });
  menus.forEach((menu) => menu.addEventListener("toggle", () => { if (menu.open) close(menu); }));
  document.addEventListener("click", (event) => { close(event.target.closest("#header details")); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = menus.find((menu) => menu.open);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();

/* Names for readers where Django's forms give none: the box of a field with a search in it, cells of tables of rows, dates with times. */
window.addEventListener("load", () => {
  const bare = (text) => (text || "").replace(/\s+/g, " ").replace(/:\s*$/, "").trim();
  const searched = (box) => {
    const field = box.previousElementSibling;
    const label = field?.id ? document.querySelector(`label[for="${field.id}"]`) : null;
    const words = label ? bare(label.textContent) : field?.getAttribute("aria-label");
    box.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]").forEach((part) => {
      if (words && !part.getAttribute("aria-label")) { part.setAttribute("aria-label", words); part.removeAttribute("aria-labelledby"); }
    });
  };
  const unnamed = (field) => {
    if (field.labels?.length || field.getAttribute("aria-label") || field.getAttribute("aria-labelledby")) return;
    const cell = field.closest("td");
    const row = field.closest(".form-row, .fieldBox");
    const words = cell
      ? bare(cell.closest("table")?.tHead?.rows[0]?.cells[cell.cellIndex]?.textContent)
      : [bare(row?.querySelector("legend, label")?.textContent), bare(field.previousSibling?.textContent)].filter(Boolean).join(", ");
    if (words) field.setAttribute("aria-label", words);
  };
  const name = () => {
    document.querySelectorAll("#content form :is(input:not([type=hidden], [type=submit], [type=button]), select, textarea)").forEach(unnamed);
    document.querySelectorAll(".select2-container").forEach(searched);
  };
  name();
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    window.setTimeout(() => { waiting = false; name(); }, 50);
  }).observe(document.getElementById("content") || document.body, { childList: true, subtree: true });
});
/* Django's list of two boxes names its icons, which only a picture may have. */
window.addEventListener("load", () => document.querySelectorAll("span.search-label-icon[aria-label]").forEach((icon) => icon.setAttribute("role", "img")));
