"use strict";
/* Drawing a place: <div class="map" data-map="edit" data-latitude data-longitude [data-outline data-outline-source]>. The fields of the
   form stay the record: the map writes into them, and what is typed into them moves the map. */
(() => {
  const holder = document.querySelector("[data-map=edit]");
  if (!holder || !window.L) return;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const latitude = document.querySelector(holder.dataset.latitude);
  const longitude = document.querySelector(holder.dataset.longitude);
  const outline = holder.dataset.outline ? document.querySelector(holder.dataset.outline) : null;
  const status = document.querySelector("[data-map-status]");
  const words = JSON.parse(document.getElementById("map-words").textContent);
  if (!latitude || !longitude) { holder.hidden = true; return; }
  const ask = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : null;
  };

  const map = L.map(holder, { attributionControl: false, zoomSnap: 0.25, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false });
  map.setView([45, -30], 2);
  const context = L.layerGroup().addTo(map);
  const canvas = L.canvas({ padding: 0.3 });
  const places = new L.FeatureGroup().addTo(map);
  let marker = null;
  let placing = false;

  const typed = () => {
    const [lat, lon] = [Number.parseFloat(latitude.value), Number.parseFloat(longitude.value)];
    return Number.isFinite(lat) && Number.isFinite(lon) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? L.latLng(lat, lon) : null;
  };
  const write = (place) => {
    latitude.value = place.lat.toFixed(5);
    longitude.value = L.Util.wrapNum(place.lng, [-180, 180], true).toFixed(5);
    status.textContent = `${words.placed} ${latitude.value}, ${longitude.value}`;
  };
  const show = (place, move) => {
    if (!place) { if (marker) { marker.remove(); marker = null; } return; }
    if (!marker) {
      marker = L.marker(place, { draggable: !holder.dataset.readonly, keyboard: false, pmIgnore: true, icon: L.divIcon({ className: "map-place", iconSize: [14, 14] }), alt: words.place }).addTo(map);
      marker.on("drag", () => write(marker.getLatLng()));
    }
    marker.setLatLng(place);
    if (move) map.setView(place, Math.max(map.getZoom(), 6), { animate: false });
  };
  [latitude, longitude].forEach((field) => field.addEventListener("input", () => show(typed(), true)));
  const button = document.querySelector("[data-map-place]");
  button?.addEventListener("click", () => {
    placing = !placing;
    button.setAttribute("aria-pressed", placing);
    status.textContent = placing ? words.click : "";
    holder.classList.toggle("placing", placing);
  });
  map.on("click", (event) => {
    if (holder.dataset.readonly || !(placing || (!outline && !typed()))) return;
    show(event.latlng, false);
    write(event.latlng);
    placing = false;
    button?.setAttribute("aria-pressed", "false");
  });

  /* The outline: all polygons on the map, as one MultiPolygon in the field. */
  const round = (one) => (Array.isArray(one) ? one.map(round) : Math.round(one * 1e6) / 1e6);
  const save = () => {
    const parts = [];
    places.eachLayer((layer) => {
      const { geometry } = layer.toGeoJSON();
      parts.push(...(geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates]));
    });
    const remove = document.querySelector("#id_remove_outline");
    outline.value = parts.length ? JSON.stringify({ type: "MultiPolygon", coordinates: round(parts) }) : "";
    if (remove) remove.checked = !parts.length;
    status.textContent = words.outline.replace("{parts}", parts.length);
  };
  const style = () => ({ color: colour("c1"), weight: 2, fillColor: colour("c1"), fillOpacity: 0.18 });
  const watch = (layer) => {
    layer.setStyle?.(style());
    layer.on("pm:edit pm:update pm:dragend pm:cut pm:markerdragend pm:vertexremoved", save);
  };
  const put = (geometry) => {
    places.clearLayers();
    if (!geometry) return;
    const parts = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    parts.forEach((coordinates) => L.geoJSON({ type: "Polygon", coordinates }).eachLayer((layer) => { places.addLayer(layer); watch(layer); }));
    if (places.getLayers().length) map.fitBounds(places.getBounds().pad(0.2));
  };
  if (outline && map.pm && !holder.dataset.readonly) {
    map.pm.setLang(document.documentElement.lang.slice(0, 2));
    map.pm.addControls({
      position: "topleft", drawMarker: false, drawCircle: false, drawCircleMarker: false, drawPolyline: false, drawText: false, drawRectangle: true,
      drawPolygon: true, editMode: true, dragMode: true, cutPolygon: true, removalMode: true, rotateMode: false,
    });
    map.pm.setGlobalOptions({ layerGroup: places, continueDrawing: false, allowSelfIntersection: false, snappable: true });
    map.on("pm:create", ({ layer }) => { watch(layer); save(); });
    map.on("pm:remove pm:cut", () => window.setTimeout(save, 0));
    outline.addEventListener("change", () => {
      try {
        const given = JSON.parse(outline.value);
        put(given.type === "Feature" ? given.geometry : given);
      } catch (error) { status.textContent = words.no_geojson; }
    });
    // Geoman's buttons are links without text: a name for readers and the keyboard.
    holder.querySelectorAll(".leaflet-pm-toolbar a.leaflet-buttons-control-button").forEach((link) => {
      const name = link.closest(".button-container")?.title || link.querySelector("[title]")?.title || "";
      link.setAttribute("role", "button");
      link.setAttribute("tabindex", "0");
      if (!link.getAttribute("aria-label")) link.setAttribute("aria-label", name || words.tool);
      link.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); link.click(); } });
    });
  }

  const surroundings = async (caseId) => {
    context.clearLayers();
    if (!caseId) return;
    const [regions, crossings] = await Promise.all(["regions", "crossings"].map((name) => ask(holder.dataset.layers.replace("/0/", `/${caseId}/`).replace("regions", name))));
    if (regions) {
      L.geoJSON(regions, {
        renderer: canvas, interactive: false, pmIgnore: true, snapIgnore: false,
        style: () => ({ color: colour("rule-strong"), weight: 1, fillColor: colour("paper"), fillOpacity: 0.8 }),
        pointToLayer: (feature, place) => L.circleMarker(place, { renderer: canvas, radius: 3, color: colour("rule-strong"), interactive: false, pmIgnore: true }),
      }).addTo(context);
    }
    (crossings?.features || []).forEach((feature) => L.circleMarker([feature.geometry.coordinates[1], feature.geometry.coordinates[0]], { renderer: canvas, radius: 3, color: colour("muted"), weight: 1, fillOpacity: 0.6, interactive: false, pmIgnore: true }).addTo(context));
    if (!typed() && !places.getLayers().length) {
      const spots = (crossings?.features.length ? crossings.features : regions?.features || []).map((feature) => {
        const [lon, lat] = feature.properties.at || feature.geometry.coordinates;
        return [lat, lon];
      });
      if (spots.length) map.fitBounds(L.latLngBounds(spots).pad(0.1));
    }
  };
  const start = async () => {
    const chosen = document.querySelector("#id_case");
    await surroundings(chosen?.value || holder.dataset.case);
    if (chosen && window.django?.jQuery) window.django.jQuery(chosen).on("change", () => surroundings(chosen.value));
    if (holder.dataset.outlineSource) put(await ask(holder.dataset.outlineSource));
    if (outline?.value) outline.dispatchEvent(new Event("change"));
    show(typed(), !places.getLayers().length);
    holder.dataset.ready = "true";
  };
  start();
  holder.planner = { map, places };
})();
