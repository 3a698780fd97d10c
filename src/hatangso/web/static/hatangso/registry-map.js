// The registry's map: vector tiles of this server, drawing with snapping, selecting an area, print. Nothing from outside.
const place = document.getElementById("ban-do");
const said = document.getElementById("ban-do-loi");
const data = JSON.parse(document.getElementById("ban-do-so-lieu").textContent);
const legend = document.querySelector("[data-registry-legend]");
const corner = document.querySelector("[data-coordinates]");
const editing = document.querySelector("[data-edit-map]");
const nearbyForm = document.querySelector("[data-nearby-form]");
const round = (n) => Math.round(n * 1e7) / 1e7;

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

function wktRing(text) {
  return text.replace(/^[A-Z ]+\(+/, "").split(/\)/)[0].split(",").map((p) => p.trim().split(/\s+/).map(Number));
}

function feature(points, kind) {
  const coordinates = points.map((p) => [...p]);
  if (kind === "point") return { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: coordinates[0] } };
  if (kind === "area" && coordinates.length > 2) return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...coordinates, coordinates[0]]] } };
  return { type: "Feature", properties: {}, geometry: { type: coordinates.length > 1 ? "LineString" : "Point", coordinates: coordinates.length > 1 ? coordinates : coordinates[0] } };
}

async function start() {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const [outlines, communes] = await Promise.all([load(data.outlines), data.communes ? load(data.communes) : null]);
  const empty = { type: "FeatureCollection", features: [] };
  const colour = ["match", ["get", "status"], ...data.statuses.flatMap(([key, , c]) => [key, c]), "#0b4f8a"];
  const map = new maplibregl.Map({
    container: place,
    style: {
      version: 8,
      sources: {
        outlines: { type: "geojson", data: outlines },
        communes: { type: "geojson", data: communes ?? empty },
        assets: { type: "vector", tiles: [`${data.tiles}?${data.query}`], minzoom: 3, maxzoom: 16 },
        drawing: { type: "geojson", data: empty },
        found: { type: "geojson", data: empty },
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#e6eef6" } },
        { id: "land", type: "fill", source: "outlines", paint: { "fill-color": "#f7f8fa" } },
        { id: "communes", type: "line", source: "communes", paint: { "line-color": "#b3bdc8", "line-width": 0.7, "line-dasharray": [3, 2] } },
        { id: "provinces", type: "line", source: "outlines", paint: { "line-color": "#1b2430", "line-width": 1, "line-dasharray": [4, 2] } },
        { id: "areas", type: "fill", source: "assets", "source-layer": "assets", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.3 } },
        { id: "lines", type: "line", source: "assets", "source-layer": "assets", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": colour, "line-width": 3 } },
        { id: "clusters", type: "circle", source: "assets", "source-layer": "clusters", paint: { "circle-color": "#2f74b0", "circle-opacity": 0.75, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5, "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "count"]], 0, 5, 2, 12, 4, 24] } },
        { id: "points", type: "circle", source: "assets", "source-layer": "assets", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 3, 14, 7], "circle-stroke-color": ["case", ["==", ["get", "coarse"], true], "#d97706", "#fff"], "circle-stroke-width": 1.5 } },
        { id: "found", type: "circle", source: "found", paint: { "circle-radius": 11, "circle-color": "#d97706", "circle-opacity": 0.25, "circle-stroke-color": "#d97706", "circle-stroke-width": 2 } },
        { id: "drawing-fill", type: "fill", source: "drawing", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#d97706", "fill-opacity": 0.12 } },
        { id: "drawing-line", type: "line", source: "drawing", paint: { "line-color": "#d97706", "line-width": 2.5 } },
        { id: "drawing-point", type: "circle", source: "drawing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": "#d97706", "circle-radius": 8, "circle-stroke-color": "#fff", "circle-stroke-width": 2 } },
      ],
    },
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 18, fadeDuration: 0, doubleClickZoom: true,
    canvasContextAttributes: { preserveDrawingBuffer: true },
    bounds: data.box ? [[data.box[0], data.box[1]], [data.box[2], data.box[3]]] : [[101.8, 7.5], [114.8, 23.6]], fitBoundsOptions: { padding: 16, maxZoom: 15 },
    locale: { "Map.Title": data.words.map },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric", maxWidth: 160 }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", data.words.map);
  place.hatangsoMap = map;

  for (const [key, word] of data.statuses) {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true, value: key });
    const dot = Object.assign(document.createElement("span"), { className: `dot ${key}` });
    label.append(box, dot, ` ${word}`);
    legend?.append(label);
  }
  const within = data.area ? ["within", { type: "Polygon", coordinates: [wktRing(data.area)] }] : null;
  function filterLayers() {
    const on = [...(legend?.querySelectorAll("input:checked") ?? [])].map((b) => b.value);
    const shape = { points: "Point", lines: "LineString", areas: "Polygon" };
    for (const [layer, type] of Object.entries(shape)) {
      const parts = ["all", ["==", ["geometry-type"], type], ["in", ["get", "status"], ["literal", on]]];
      if (within && type !== "Polygon") parts.push(within);
      map.setFilter(layer, parts);
    }
  }
  legend?.addEventListener("change", filterLayers);

  const drawing = map.getSource.bind(map, "drawing");
  const show = (points, kind) => drawing()?.setData(points.length ? feature(points, kind) : empty);
  map.on("load", () => {
    filterLayers();
    for (const zone of data.zones) {
      const label = Object.assign(document.createElement("div"), { className: "zone-label", textContent: zone.name });
      label.append(Object.assign(document.createElement("small"), { textContent: `(${zone.province})` }));
      new maplibregl.Marker({ element: label, anchor: "top" }).setLngLat([zone.lon, zone.lat]).addTo(map);
    }
    if (data.area) show(wktRing(data.area).slice(0, -1), "area");
    if (data.points?.length) {
      map.getSource("found").setData({ type: "FeatureCollection", features: data.points.map(([x, y]) => feature([[x, y]], "point")) });
      const box = new maplibregl.LngLatBounds();
      data.points.forEach(([x, y]) => box.extend([x, y]));
      map.fitBounds(box, { padding: 60, maxZoom: 15, duration: 0 });
    }
    if (data.at) {
      const ring = wktRing(data.at);
      const box = new maplibregl.LngLatBounds();
      ring.forEach((p) => box.extend(p));
      map.fitBounds(box, { padding: 60, maxZoom: 15, duration: 0 });
      show(ring, data.at.startsWith("POINT") ? "point" : "line");
    }
    map.once("idle", () => { place.dataset.drawn = "1"; });
  });

  // coordinates under the pointer, in both systems
  let asking;
  map.on("mousemove", (event) => {
    const { lng, lat } = event.lngLat;
    const here = `WGS84 ${lat.toFixed(6)}, ${lng.toFixed(6)}`;
    corner.textContent = here;
    clearTimeout(asking);
    asking = setTimeout(async () => {
      const answer = await load(`${data.coordinates}?lon=${lng}&lat=${lat}`).catch(() => ({}));
      if (answer.vn2000) corner.textContent = `${here} · VN-2000 ${answer.vn2000}`;
    }, 300);
  });

  const popup = new maplibregl.Popup({ closeButton: true, maxWidth: "280px" });
  let mode = "";
  let points = [];

  /** The nearest vertex of an asset within 12 pixels, so that routes meet their ends. */
  function snapped(event) {
    const { x, y } = event.point;
    let best = null;
    for (const f of map.queryRenderedFeatures([[x - 12, y - 12], [x + 12, y + 12]], { layers: ["points", "lines"] })) {
      const all = f.geometry.type === "Point" ? [f.geometry.coordinates] : f.geometry.coordinates.flat(f.geometry.type === "LineString" ? 0 : 1);
      for (const c of all) {
        const at = map.project(c);
        const far = Math.hypot(at.x - x, at.y - y);
        if (far <= 12 && (!best || far < best.far)) best = { far, c };
      }
    }
    return best ? best.c.map(round) : [round(event.lngLat.lng), round(event.lngLat.lat)];
  }
  const field = (key) => document.getElementById(`f-${key}`);
  function fillForm() {
    if (mode === "point") {
      field("lon").value = points[0][0];
      field("lat").value = points[0][1];
      if (field("geometry")) field("geometry").value = "";
      return;
    }
    const text = (mode === "area" ? [...points, points[0]] : points).map((p) => p.join(" ")).join(", ");
    field("geometry").value = mode === "area" ? `POLYGON ((${text}))` : `LINESTRING (${text})`;
    if (field("lon")) { field("lon").value = ""; field("lat").value = ""; }
  }
  function startDrawing(kind) {
    mode = kind;
    points = [];
    map.doubleClickZoom.disable();
    map.getCanvas().style.cursor = "crosshair";
    const note = document.querySelector("[data-draw-said]");
    if (note) note.textContent = data.words.draw;
  }
  function finishDrawing() {
    if (editing) { if (points.length > (mode === "area" ? 2 : 1)) fillForm(); return; }
    if (points.length > 2) {
      const url = new URL(location.href);
      url.searchParams.set("vung", `POLYGON ((${[...points, points[0]].map((p) => p.map((n) => n.toFixed(6)).join(" ")).join(", ")}))`);
      url.searchParams.delete("sau");
      location.assign(url);
    }
  }
  document.querySelector("[data-draw-area]")?.addEventListener("click", () => startDrawing("area"));
  if (editing) startDrawing(data.geometry.includes("point") ? "point" : data.geometry[0]);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && mode) { points = []; show([], mode); if (!editing) { mode = ""; map.getCanvas().style.cursor = ""; map.doubleClickZoom.enable(); } }
    if (event.key === "Enter" && mode && event.target === map.getCanvas()) finishDrawing();
  });
  map.on("dblclick", (event) => { if (mode && mode !== "point") { event.preventDefault(); points.splice(-1, 1); finishDrawing(); } });
  map.on("click", (event) => {
    if (mode) {
      const at = snapped(event);
      points = mode === "point" ? [at] : [...points, at];
      show(points, mode);
      if (editing && mode === "point") fillForm();
      return;
    }
    if (nearbyForm) {
      nearbyForm.lon.value = round(event.lngLat.lng);
      nearbyForm.lat.value = round(event.lngLat.lat);
      show([[event.lngLat.lng, event.lngLat.lat]], "point");
      return;
    }
    const hit = map.queryRenderedFeatures(event.point, { layers: ["points", "lines", "areas", "clusters"] })[0];
    if (!hit) return;
    if (hit.layer.id === "clusters") { map.easeTo({ center: hit.geometry.coordinates, zoom: map.getZoom() + 2 }); return; }
    const box = document.createElement("div");
    const name = document.createElement("a");
    name.href = data.asset.replace(`/${data.kind}/`, `/${hit.properties.class}/`).replace("{key}", hit.properties.key);
    name.textContent = hit.properties.code;
    const status = data.statuses.find(([key]) => key === hit.properties.status)?.[1] ?? "";
    const notes = [status, hit.properties.coarse && data.words.coarse, hit.properties.simulated && data.words.simulated].filter(Boolean);
    box.append(name, Object.assign(document.createElement("div"), { textContent: notes.join(" · ") }));
    popup.setLngLat(event.lngLat).setDOMContent(box).addTo(map);
  });
  for (const layer of ["points", "lines", "clusters"]) {
    map.on("mouseenter", layer, () => { if (!mode) map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { if (!mode) map.getCanvas().style.cursor = ""; });
  }
  document.querySelector("[data-print-map]")?.addEventListener("click", () => print());
}

start().catch((error) => {
  place.hidden = true;
  said.textContent = `${document.documentElement.lang === "en" ? "The map can't be drawn; the table has everything." : "Không vẽ được bản đồ; bảng có đủ nội dung."} (${error.message})`;
});
