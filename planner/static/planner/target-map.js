"use strict";
/* Targets of a channel picked on a map: <section id="target-map" data-regions data-crossings>. One map serves all channels: the button
   of a channel brings it below that channel's fields. The fields stay the record: a click writes a code into them or takes it out,
   what is typed into them is marked on the map. */
document.addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("target-map");
  const group = document.getElementById("channels-group");
  if (!panel || !group || !window.L) return;
  const rules = JSON.parse(document.getElementById("channel-rules").textContent);
  const words = panel.dataset;
  const holder = panel.querySelector(".map");
  const choices = panel.querySelector("[data-fields]");
  const status = panel.querySelector("[role=status]");
  const PLACES = ["place", "origin", "destination"];
  const state = { row: null, into: "", shown: "", map: null, crossings: new Map(), regions: new Map() };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const codes = (name) => field(state.row, name).value.split(";").map((one) => one.trim()).filter(Boolean);
  const reads = (row) => rules[field(row, "type").value]?.targets || [];
  const chosenCase = () => document.querySelector("[name=case]")?.value || panel.dataset.case || "";
  const says = (feature) => `${feature.properties.name} (${feature.id})`;

  const toggle = (name, feature) => {
    const before = codes(name);
    const there = before.includes(feature.id);
    const after = there ? before.filter((one) => one !== feature.id) : [...before.filter((one) => one !== "*"), feature.id];
    const input = field(state.row, name);
    input.value = after.join("; ");
    input.dispatchEvent(new Event("change", { bubbles: true }));
    status.textContent = `${there ? words.taken : words.added} ${says(feature)}`;
  };

  const paint = () => {
    if (!state.map || !state.row) return;
    const crossings = reads(state.row).includes("crossing") ? codes("crossing") : [];
    const places = state.into ? codes(state.into) : [];
    state.crossings.forEach(({ layer, feature }) => {
      const chosen = crossings.includes(feature.id) || crossings.includes("*");
      layer.setStyle({ fillColor: colour(chosen ? "c2" : "paper"), color: colour("ink"), weight: chosen ? 2 : 1.2 });
      layer.setRadius(chosen ? 8 : 5);
    });
    state.regions.forEach(({ layer, feature }) => {
      const chosen = places.includes(feature.id) || places.includes("*");
      const within = chosen || places.includes(feature.properties.economy);
      layer.setStyle({
        color: colour("rule-strong"), weight: chosen ? 1.6 : 0.8,
        fillColor: colour(within ? "c1" : "paper"), fillOpacity: chosen ? 0.55 : within ? 0.3 : 0.9,
      });
    });
  };

  const named = (feature) => () => {
    const text = document.createElement("span");
    text.textContent = says(feature);
    return text;
  };
  const draw = (regions, crossings) => {
    state.map?.remove();
    const map = L.map(holder, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false });
    map.zoomControl.setPosition("topright");
    state.map = map;
    state.crossings.clear();
    state.regions.clear();
    regions.features.forEach((feature) => {
      const layer = L.geoJSON(feature, { pointToLayer: (one, at) => L.circleMarker(at, { radius: 7 }) }).getLayers()[0];
      layer.bindTooltip(named(feature), { sticky: true }).addTo(map);
      layer.on("click", () => { if (state.into) toggle(state.into, feature); });
      state.regions.set(feature.id, { layer, feature });
    });
    crossings.features.forEach((feature) => {
      const [longitude, latitude] = feature.geometry.coordinates;
      const layer = L.circleMarker([latitude, longitude], { radius: 5, fillOpacity: 0.95 });
      layer.bindTooltip(named(feature)).addTo(map);
      layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        if (reads(state.row).includes("crossing")) toggle("crossing", feature);
      });
      state.crossings.set(feature.id, { layer, feature });
    });
    const spots = crossings.features.map((one) => [one.geometry.coordinates[1], one.geometry.coordinates[0]]);
    const places = regions.features.map((one) => [one.properties.at[1], one.properties.at[0]]);
    const around = spots.length ? spots : places;
    map.fitBounds(around.length ? L.latLngBounds(around).pad(0.15) : [[-50, -150], [65, 150]]);
    holder.planner = { map };
  };

  const load = async (number) => {
    const ask = async (address) => {
      const answer = await fetch(address.replace("/0/", `/${number}/`), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      return answer.json();
    };
    try {
      const [regions, crossings] = await Promise.all([ask(panel.dataset.regions), ask(panel.dataset.crossings)]);
      state.shown = number;
      draw(regions, crossings);
    } catch (error) { status.textContent = words.failed; }
  };

  /* Which field clicks on places go to, where the type reads more than one. */
  const offer = () => {
    const open = PLACES.filter((name) => reads(state.row).includes(name));
    if (!open.includes(state.into)) state.into = open[0] || "";
    choices.replaceChildren(...(open.length > 1 ? open : []).map((name) => {
      const label = document.createElement("label");
      const radio = document.createElement("input");
      Object.assign(radio, { type: "radio", name: "target-into", value: name, checked: name === state.into });
      radio.addEventListener("change", () => { state.into = name; paint(); });
      label.append(radio, ` ${words[name]}`);
      return label;
    }));
    choices.hidden = open.length < 2;
    const both = [...(reads(state.row).includes("crossing") ? [words.crossing] : []), ...(open.length ? [words.places] : [])];
    status.textContent = both.length ? `${words.click} ${both.join(", ")}` : words.nothing;
  };

  const show = async (row, button) => {
    const again = state.row === row && !panel.hidden;
    group.querySelectorAll("button[data-pick]").forEach((one) => one.setAttribute("aria-expanded", "false"));
    panel.hidden = again;
    if (again) return;
    state.row = row;
    button.setAttribute("aria-expanded", "true");
    button.after(panel);
    const number = chosenCase();
    if (!number) { holder.hidden = true; status.textContent = words.noCase; return; }
    holder.hidden = false;
    if (state.shown !== number) await load(number); else state.map.invalidateSize();
    offer();
    paint();
    panel.dataset.ready = "true";
  };

  const equip = (row) => {
    const fields = field(row, "crossing")?.closest("fieldset");
    if (!fields || row.classList.contains("empty-form") || fields.querySelector("button[data-pick]")) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button--quiet pick-on-map", textContent: words.pick });
    button.dataset.pick = "";
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => show(row, button));
    (fields.querySelector("h2, h3, h4, summary") || fields.firstElementChild).after(button);
  };
  group.querySelectorAll(".inline-related").forEach(equip);
  document.addEventListener("formset:added", (event) => { if (group.contains(event.target)) equip(event.target); });
  document.addEventListener("formset:removed", () => { if (state.row && !state.row.isConnected) { group.append(panel); panel.hidden = true; state.row = null; } });
  group.addEventListener("input", (event) => { if (state.row?.contains(event.target)) paint(); });
  group.addEventListener("change", (event) => {
    if (!state.row?.contains(event.target)) return;
    if (event.target.name.endsWith("-type")) offer();
    paint();
  });
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
});
