"use strict";
/* The map of a case: <div class="map" data-map="case" data-regions data-crossings data-flows [data-results]>. Everything is drawn on
   one canvas from one request for each layer; texts go into popups as text, never as markup. */
(() => {
  const holder = document.querySelector("[data-map=case]");
  if (!holder || !window.L) return;
  const words = JSON.parse(document.getElementById("map-words").textContent);
  const lang = document.documentElement.lang || "en";
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const number = (value, digits = 3) => (value === null || value === undefined ? "–"
    : value.toLocaleString(lang, Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits }).replace("-", "\u2212"));
  const signed = (value) => (value > 0 ? "+" : "") + number(value);
  const status = document.querySelector("[data-map-status]");
  const ask = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status} ${address}`);
    return answer.json();
  };

  const map = L.map(holder, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, worldCopyJump: false, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false });
  map.zoomControl.setPosition("topright");
  ["regions", "lines", "crossings"].forEach((name, at) => { map.createPane(name).style.zIndex = 410 + at * 10; });
  const canvas = Object.fromEntries(["regions", "lines", "crossings"].map((name) => [name, L.canvas({ pane: name, padding: 0.3, tolerance: 4 })]));
  const groups = { regions: L.layerGroup().addTo(map), flows: L.layerGroup(), crossings: L.layerGroup().addTo(map) };
  const state = { regions: null, crossings: null, flows: null, results: null, shown: {}, marks: new Map() };

  const popup = (title, pairs, links = [], note = "") => {
    const box = document.createElement("div");
    const add = (tag, text, parent = box) => { const one = document.createElement(tag); one.textContent = text; parent.append(one); return one; };
    add("h3", title);
    const list = document.createElement("dl");
    pairs.forEach(([name, value]) => { add("dt", name, list); add("dd", value, list); });
    box.append(list);
    if (note) add("p", note);
    links.forEach(([name, address]) => { const line = add("p", ""); const link = add("a", name, line); link.href = address; });
    return box;
  };
  const at = (template, pk) => template.replace("/0/", `/${pk}/`);

  const WAITS = [[5, "wait-0"], [10, "wait-1"], [20, "wait-2"], [Infinity, "wait-3"]];
  const longest = (properties) => Math.max(-1, ...Object.values(properties.waits).map((one) => one.minutes));
  const waitColour = (minutes) => (minutes < 0 ? colour("paper") : colour(WAITS.find(([limit]) => minutes <= limit)[1]));
  const size = (value, most) => (most > 0 ? 3.5 + 15 * Math.sqrt(Math.max(value, 0) / most) : 4);

  const drawRegions = () => {
    groups.regions.clearLayers();
    const changes = state.results && state.shown.intervention ? state.results.changes[state.shown.intervention] : null;
    const measure = { balance: 2, welfare: 3 }[state.shown.measure || "balance"];
    const most = changes ? Math.max(...Object.values(changes).map((one) => Math.abs(one[measure])), 1e-12) : 1;
    L.geoJSON(state.regions, {
      pane: "regions", renderer: canvas.regions,
      style: (feature) => {
        const value = changes?.[feature.id]?.[measure];
        const filled = value !== undefined && value !== null;
        return {
          color: colour("rule-strong"), weight: feature.properties.kind === "border" ? 1.2 : 0.6,
          fillColor: filled ? colour(value < 0 ? "deficit" : "surplus") : colour(feature.properties.kind === "border" ? "paper" : "canvas"),
          fillOpacity: filled ? 0.12 + 0.75 * Math.sqrt(Math.abs(value) / most) : 0.9,
        };
      },
      pointToLayer: (feature, place) => L.circleMarker(place, { pane: "regions", renderer: canvas.regions, radius: 6 }),
      onEachFeature: (feature, layer) => {
        state.marks.set(`region ${feature.id}`, layer);
        layer.bindPopup(() => {
          const one = feature.properties;
          const change = changes?.[feature.id];
          const before = state.results?.before[feature.id];
          const pairs = change && before ? [
            [words.balance_before, number(before.balance)], [words.balance_after, number(before.balance + change[2])], [words.balance_change, signed(change[2])],
            [words.exports_change, signed(change[0])], [words.imports_change, signed(change[1])], [words.welfare_change, signed(change[3])],
          ] : [[words.kind, one.kind_words], [words.economy, one.economy], [words.gdp, number(one.gdp_musd)], [words.population, number(one.population)]];
          return popup(one.name, pairs, [[words.open, at(holder.dataset.regionPage, one.pk)]], change ? change[4] : "");
        });
      },
    }).addTo(groups.regions);
  };

  const drawCrossings = () => {
    groups.crossings.clearLayers();
    const stations = {};
    const outcome = { minutes_index: 2, minutes_welfare: 3 }[state.shown.crossings];
    if (outcome && state.results) {
      state.results.minutes.forEach((one) => { (stations[one[0]] ||= []).push(one); });
    }
    const total = (code) => (stations[code] || []).reduce((sum, one) => sum + Math.abs(one[outcome]), 0);
    const value = (feature) => (outcome ? total(feature.id) : feature.properties.trade_musd);
    const features = [...state.crossings.features].sort((a, b) => value(b) - value(a));
    const most = features.length ? value(features[0]) : 0;
    features.forEach((feature) => {
      const one = feature.properties;
      const [longitude, latitude] = feature.geometry.coordinates;
      const sum = outcome ? (stations[feature.id] || []).reduce((all, station) => all + station[outcome], 0) : 0;
      const mark = L.circleMarker([latitude, longitude], {
        pane: "crossings", renderer: canvas.crossings, radius: size(value(feature), most), weight: 1.2, color: colour("ink"), fillOpacity: 0.88,
        fillColor: outcome ? colour(sum < 0 ? "c3" : "c2") : waitColour(longest(one)),
      });
      mark.bindPopup(() => popup(one.name, [
        [words.code, feature.id], [words.trade, number(one.trade_musd)],
        ...(one.trucks === null ? [] : [[words.trucks, number(one.trucks)]]),
        ...Object.entries(one.waits).map(([economy, wait]) => [`${words.wait} ${economy}`, `${number(wait.minutes)} (${wait.grade})`]),
        ...(stations[feature.id] || []).map((station) => [`${words.minute} ${station[1]}`, outcome === 2 ? signed(station[2] * 1e6) : signed(station[3])]),
      ], [[words.open, at(holder.dataset.crossingPage, one.pk)]], Object.keys(one.waits).length ? "" : words.no_wait));
      state.marks.set(`crossing ${feature.id}`, mark);
      mark.addTo(groups.crossings);
    });
  };

  const drawFlows = () => {
    groups.flows.clearLayers();
    const places = new Map(state.regions.features.map((feature) => [feature.id, feature.properties]));
    const most = state.flows.lines.length ? state.flows.lines[0][2] + state.flows.lines[0][3] : 1;
    [...state.flows.lines].reverse().forEach(([first, second, out, back]) => {
      const one = places.get(first);
      const two = places.get(second);
      if (!one || !two || out + back <= 0) return;
      const balance = (out - back) / (out + back);
      const a = [one.at[1], one.at[0]];
      const b = [two.at[1], two.at[0]];
      const line = L.polyline([a, b], {
        pane: "lines", renderer: canvas.lines, weight: 0.6 + 7 * Math.sqrt((out + back) / most), opacity: 0.25 + 0.5 * Math.abs(balance),
        color: colour(balance >= 0 ? "surplus" : "deficit"), lineCap: "round",
      });
      line.bindPopup(() => popup(`${one.name} – ${two.name}`, [[`${one.name} → ${two.name}`, number(out)], [`${two.name} → ${one.name}`, number(back)], [words.balance_of.replace("{place}", one.name), signed(out - back)]]));
      line.addTo(groups.flows);
    });
  };

  const DRAW = { regions: drawRegions, crossings: drawCrossings, flows: drawFlows };
  const draw = () => Object.entries(DRAW).forEach(([name, one]) => { if (state[name]) one(); });

  const fill = () => {
    const finder = document.querySelector("[data-map-find]");
    if (!finder) return;
    const list = document.getElementById(finder.getAttribute("list"));
    const found = new Map();
    const note = (kind, feature) => {
      const text = `${feature.properties.name} (${feature.id})`;
      found.set(text, `${kind} ${feature.id}`);
      const option = document.createElement("option");
      option.value = text;
      list.append(option);
    };
    state.crossings.features.forEach((feature) => note("crossing", feature));
    state.regions.features.forEach((feature) => note("region", feature));
    finder.addEventListener("change", () => {
      const layer = state.marks.get(found.get(finder.value));
      if (!layer) return;
      const bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
      map.setView(bounds.getCenter(), Math.max(map.getZoom(), 6), { animate: false });
      layer.openPopup(bounds.getCenter());
    });
  };

  document.querySelectorAll("[data-layer]").forEach((box) => box.addEventListener("change", async () => {
    const name = box.dataset.layer;
    try {
      if (box.checked && !state[name]) { state[name] = await ask(holder.dataset[name]); DRAW[name](); }
    } catch (error) { status.textContent = words.failed; return; }
    if (box.checked) groups[name].addTo(map); else groups[name].remove();
  }));
  document.querySelectorAll("[data-shown]").forEach((choice) => choice.addEventListener("change", async () => {
    if (choice.type === "radio" && !choice.checked) return;
    state.shown[choice.dataset.shown] = choice.value;
    try { if (!state.results && holder.dataset.results) state.results = await ask(holder.dataset.results); } catch (error) { status.textContent = words.failed; return; }
    drawRegions();
    drawCrossings();
  }));

  const start = async () => {
    try {
      [state.regions, state.crossings] = await Promise.all([ask(holder.dataset.regions), ask(holder.dataset.crossings)]);
      const flows = document.querySelector("[data-layer=flows]");
      if (flows?.checked) { state.flows = await ask(holder.dataset.flows); groups.flows.addTo(map); }
      document.querySelectorAll("[data-shown]").forEach((choice) => { if (choice.type !== "radio" || choice.checked) state.shown[choice.dataset.shown] = choice.value; });
      if (holder.dataset.results) state.results = await ask(holder.dataset.results);
    } catch (error) { status.textContent = words.failed; return; }
    const border = state.regions.features.filter((feature) => feature.properties.kind === "border");
    const spots = state.crossings.features.map((feature) => [feature.geometry.coordinates[1], feature.geometry.coordinates[0]]);
    const around = spots.length ? L.latLngBounds(spots).pad(0.1)
      : border.length ? L.latLngBounds(border.map((feature) => [feature.properties.at[1], feature.properties.at[0]])).pad(0.2) : L.latLngBounds([[-50, -150], [65, 150]]);
    map.fitBounds(around);
    draw();
    fill();
    const lost = state.flows?.left_out ? ` ${words.left_out.replace("{pairs}", state.flows.left_out)}` : "";
    status.textContent = words.ready.replace("{places}", state.regions.features.length).replace("{crossings}", state.crossings.features.length) + lost;
    holder.dataset.ready = "true";
  };
  start();
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  holder.planner = { map };
})();
