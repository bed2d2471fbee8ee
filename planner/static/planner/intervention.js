"use strict";
/* The page of an intervention: shows of each channel what its type reads, draws its distribution while somebody types,
   offers codes to aim at, and adds up the costs. Without scripts the page works the same, with all fields shown. */
document.addEventListener("DOMContentLoaded", () => {
  const rulesElement = document.getElementById("channel-rules");
  if (!rulesElement) return;
  const rules = JSON.parse(rulesElement.textContent);
  const targets = ["crossing", "direction", "origin", "destination", "sector", "place", "vehicle"];
  const SVG = "http://www.w3.org/2000/svg";
  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const value = (input) => (input && input.value.trim() !== "" ? Number(input.value.replace(",", ".")) : NaN);

  const draw = (row) => {
    const place = row.querySelector(".field-picture .readonly");
    const [low, central, high] = ["low", "central", "high"].map((name) => value(field(row, name)));
    if (!place) return;
    if (!(low <= central && central <= high)) { place.textContent = "–"; return; }
    const left = Math.min(low, 0), right = Math.max(high, 0), span = right - left || 1;
    const at = (x) => (4 + (142 * (x - left)) / span).toFixed(1);
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, text] of Object.entries({ class: "distribution", width: 150, height: 34, viewBox: "0 0 150 34", "aria-hidden": "true" })) svg.setAttribute(name, text);
    const add = (tag, attributes) => {
      const shape = document.createElementNS(SVG, tag);
      for (const [name, text] of Object.entries(attributes)) shape.setAttribute(name, text);
      svg.append(shape);
    };
    add("line", { class: "axis", x1: 0, x2: 150, y1: 28, y2: 28 });
    add("path", { class: "shape", d: `M${at(low)},28 L${at(central)},4 L${at(high)},28 Z` });
    add("line", { class: "central", x1: at(central), x2: at(central), y1: 4, y2: 28 });
    add("line", { class: "zero", x1: at(0), x2: at(0), y1: 28, y2: 34 });
    place.replaceChildren(svg);
  };

  /* A target that the type does not read is hidden, unless it is filled in: then the form says what is wrong with it. */
  const fit = (row) => {
    const type = field(row, "type");
    const rule = type && rules[type.value];
    for (const name of targets) {
      const input = field(row, name);
      const box = input && (input.closest(".form-multiline > div") || input.closest(".form-row"));
      if (box) box.hidden = Boolean(rule) && !rule.targets.includes(name) && input.value.trim() === "";
    }
    for (const line of row.querySelectorAll(".form-multiline")) {
      const lineRow = line.closest(".form-row");
      if (lineRow) lineRow.hidden = [...line.children].every((box) => box.hidden);
    }
    const unit = field(row, "unit");
    if (rule && unit && unit.value.trim() === "") unit.value = rule.units[0];
  };

  const sums = () => {
    const place = document.getElementById("cost-sums");
    if (!place) return;
    const found = new Map();
    for (const row of document.querySelectorAll("#costs-group tr.form-row:not(.empty-form)")) {
      const category = field(row, "category"), amount = value(field(row, "amount_musd"));
      const gone = row.querySelector('[name$="-DELETE"]');
      if (!category || !category.value || Number.isNaN(amount) || (gone && gone.checked)) continue;
      const name = category.selectedOptions[0].textContent;
      found.set(name, (found.get(name) || 0) + amount);
    }
    if (!found.size) { place.replaceChildren(); return; }
    found.set(place.dataset.all, [...found.values()].reduce((sum, one) => sum + one, 0));
    const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    const line = document.createElement("p");
    const title = document.createElement("strong");
    title.textContent = `${place.dataset.title} ${place.dataset.currency}: `;
    line.append(title, [...found].map(([name, sum]) => `${name} ${format.format(sum)}`).join("; "));
    place.replaceChildren(line);
  };

  /* Codes as one types: the last of the list in the field is completed. */
  const lists = document.createElement("div");
  document.body.append(lists);
  let timer = 0;
  const offer = (input, name) => {
    const chosen = document.querySelector('[name="case"]');
    if (!chosen || !chosen.value || input.tagName === "SELECT") return;
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const parts = input.value.split(";");
      const address = new URL(`${window.location.pathname.replace(/intervention\/.*$/, "intervention/")}targets/`, window.location.href);
      address.searchParams.set("case", chosen.value);
      address.searchParams.set("field", name);
      address.searchParams.set("q", parts.at(-1).trim());
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      show(input, parts, (await answer.json()).found);
    }, 200);
  };
  const show = (input, parts, found) => {
    let list = input.parentElement.querySelector(".code-offer");
    if (!list) {
      list = document.createElement("ul");
      list.className = "code-offer";
      input.after(list);
    }
    list.replaceChildren(...found.map(({ code, name }) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${code} – ${name}`;
      button.addEventListener("click", () => {
        input.value = [...parts.slice(0, -1).map((one) => one.trim()).filter(Boolean), code].join("; ");
        list.replaceChildren();
        input.focus();
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
      item.append(button);
      return item;
    }));
  };

  const rowOf = (element) => element.closest(".inline-related");
  document.addEventListener("input", (event) => {
    const name = (event.target.name || "").split("-").pop();
    const row = rowOf(event.target);
    if (row && ["low", "central", "high"].includes(name)) draw(row);
    if (row && targets.includes(name)) offer(event.target, name);
    if (name === "amount_musd") sums();
  });
  document.addEventListener("focusin", (event) => {
    for (const list of document.querySelectorAll(".code-offer")) {
      if (!list.parentElement.contains(event.target)) list.replaceChildren();
    }
    const name = (event.target.name || "").split("-").pop();
    if (rowOf(event.target) && targets.includes(name) && event.target.value === "") offer(event.target, name);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const list of document.querySelectorAll(".code-offer")) list.replaceChildren();
  });
  document.addEventListener("change", (event) => {
    const name = (event.target.name || "").split("-").pop();
    const row = rowOf(event.target);
    if (row && name === "type") { const unit = field(row, "unit"); if (unit) unit.value = ""; fit(row); }
    if (["category", "DELETE", "amount_musd"].includes(name)) sums();
  });
  /* Presets of the kind that is chosen; one of them becomes a new channel whose targets are still to be filled in. */
  const offered = document.getElementById("channel-presets");
  const presets = JSON.parse(document.getElementById("channel-preset-values")?.textContent || "[]");
  const kind = document.getElementById("id_kind");
  const list = document.getElementById("channel-preset");
  const listPresets = () => {
    const fitting = presets.filter((one) => !kind.value || one.kind === kind.value);
    offered.hidden = !fitting.length;
    list.replaceChildren(new Option(list.dataset.empty, ""), ...fitting.map((one) => new Option(one.name, presets.indexOf(one))));
  };
  if (offered && kind) {
    document.querySelector("#channels-group")?.append(offered);
    kind.addEventListener("change", listPresets);
    listPresets();
    offered.querySelector("button").addEventListener("click", () => {
      if (list.value === "") return;
      const chosen = presets[Number(list.value)];
      document.querySelector("#channels-group .add-row a").click();
      const row = [...document.querySelectorAll("#channels-group .inline-related:not(.empty-form)")].at(-1);
      for (const [name, text] of Object.entries(chosen.values)) field(row, name).value = text;
      fit(row);
      draw(row);
      field(row, "low").focus();
      list.value = "";
    });
  }

  document.addEventListener("formset:added", (event) => { fit(event.target); draw(event.target); });
  for (const row of document.querySelectorAll("#channels-group .inline-related:not(.empty-form)")) { fit(row); }
});
