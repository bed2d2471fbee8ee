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

/* Fields with a search in them (select2) lose their label: the box takes the name of the field it stands for. */
window.addEventListener("load", () => {
  const name = () => document.querySelectorAll(".select2-container").forEach((box) => {
    const field = box.previousElementSibling;
    const label = field?.id ? document.querySelector(`label[for="${field.id}"]`) : null;
    const words = label ? label.textContent.replace(/:\s*$/, "") : field?.getAttribute("aria-label");
    box.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]").forEach((part) => {
      if (words && !part.getAttribute("aria-label")) { part.setAttribute("aria-label", words); part.removeAttribute("aria-labelledby"); }
    });
  });
  name();
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
});
