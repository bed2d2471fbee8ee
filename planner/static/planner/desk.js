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
