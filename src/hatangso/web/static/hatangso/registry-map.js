// The registry's map: vector tiles of this server with the filters of the table below, legend, coordinates in both
// systems, selecting an area, drawing and editing, print. Nothing from outside.
import { EMPTY, North, baseStyle, load, zoneLabels } from "./registry-base.js";
import { editForm } from "./registry-edit.js";
import { readyToPrint } from "./registry-print.js";
import { follow, selectArea } from "./registry-select.js";
import { Sketch, geometryOf, round } from "./registry-sketch.js";

const place = document.getElementById("ban-do");
const said = document.getElementById("ban-do-loi");
const corner = document.querySelector("[data-coordinates]");
const nearbyForm = document.querySelector("[data-nearby-form]");
let data = JSON.parse(document.getElementById("ban-do-so-lieu").textContent);

/** Colour by what the legend shows. */
function colours() {
  const entries = data.legend?.entries ?? [];
  const pairs = entries.filter((e) => e.key !== "*").flatMap((e) => [e.key, e.colour]);
  const other = entries.find((e) => e.key === "*")?.colour ?? "#0b4f8a";
  return pairs.length ? ["match", ["get", data.legend.property], ...pairs, other] : other;
}

function assetLayers() {
  const of = (type) => ["==", ["geometry-type"], type];
  const source = { source: "assets", "source-layer": "assets" };
  const colour = colours();
  return [
    { id: "areas", type: "fill", ...source, filter: of("Polygon"), paint: { "fill-color": colour, "fill-opacity": 0.3 } },
    { id: "area-edges", type: "line", ...source, filter: of("Polygon"), paint: { "line-color": colour, "line-width": 1.2 } },
    { id: "lines", type: "line", ...source, filter: of("LineString"), paint: { "line-color": colour, "line-width": 3 } },
    { id: "clusters", type: "circle", source: "assets", "source-layer": "clusters", paint: { "circle-color": "#2f74b0", "circle-opacity": 0.75, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5, "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "count"]], 0, 5, 2, 12, 4, 24] } },
    { id: "points", type: "circle", ...source, filter: of("Point"), paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 3, 14, 7], "circle-stroke-color": ["case", ["==", ["get", "coarse"], true], "#d97706", "#fff"], "circle-stroke-width": 1.5 } },
  ];
}

function extraLayers() {
  return (data.extra ?? []).map((e) => ({ id: `extra-${e.id}`, type: "line", source: `extra-${e.id}`, paint: { "line-color": e.colour, "line-width": e.width, "line-opacity": 0.65 } }));
}

const tiles = () => [`${data.tiles}?${data.query}`];

function popupFor(properties) {
  const box = document.createElement("div");
  const name = document.createElement("a");
  name.href = data.asset.replace(`/${data.kind}/`, `/${properties.class}/`).replace("{key}", properties.key);
  name.textContent = properties.code;
  const status = data.statuses.find(([key]) => key === properties.status)?.[1] ?? "";
  const kind = data.kinds?.find(([key]) => key === properties.class)?.[1] ?? "";
  const notes = [kind, status, properties.coarse && data.words.coarse, properties.simulated && data.words.simulated].filter(Boolean);
  box.append(name, Object.assign(document.createElement("div"), { textContent: notes.join(" · ") }));
  return box;
}

/** Coordinates under the pointer, in both systems. */
function coordinatesOf(map) {
  let asking;
  map.on("mousemove", (event) => {
    const { lng, lat } = event.lngLat;
    const here = `WGS84 ${lat.toFixed(6)}, ${lng.toFixed(6)}`;
    corner.textContent = here;
    clearTimeout(asking);
    asking = setTimeout(async () => {
      const answer = await load(`${data.coordinates}?lon=${lng}&lat=${lat}`).catch(() => ({}));
      if (answer.vn2000) corner.textContent = `${here} · VN-2000 ${answer.vn2000}`;
    }, 250);
  });
}

function boundsOf(points) {
  const box = new maplibregl.LngLatBounds();
  points.forEach((p) => box.extend(p));
  return box;
}

function showPlaces(map) {
  if (data.points?.length) {
    map.getSource("found").setData({ type: "FeatureCollection", features: data.points.map(([x, y]) => ({ type: "Feature", properties: {}, geometry: geometryOf("point", [[x, y]]) })) });
    map.fitBounds(boundsOf(data.centre ? [...data.points, data.centre] : data.points), { padding: 60, maxZoom: 15, duration: 0 });
  }
  if (data.centre && data.radius) {
    const [x, y] = data.centre, turn = Math.cos((y * Math.PI) / 180);
    const ring = Array.from({ length: 73 }, (_, i) => [x + (data.radius / 111320 / turn) * Math.cos((i * Math.PI) / 36), y + (data.radius / 110574) * Math.sin((i * Math.PI) / 36)]);
    map.addSource("radius", { type: "geojson", data: { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: ring } } });
    map.addLayer({ id: "radius", type: "line", source: "radius", paint: { "line-color": "#b3261e", "line-width": 1.5, "line-dasharray": [3, 3] } });
    map.fitBounds(boundsOf(ring), { padding: 20, duration: 0 });
  }
  if (data.centre) new maplibregl.Marker({ color: "#b3261e" }).setLngLat(data.centre).addTo(map);
  if (data.centre && !data.radius) map.jumpTo({ center: data.centre, zoom: 13 });
  if (data.shape) {
    map.getSource("found").setData({ type: "Feature", properties: {}, geometry: data.shape });
    map.fitBounds(boundsOf(data.shape.type === "Point" ? [data.shape.coordinates] : data.shape.coordinates.flat(data.shape.type === "LineString" ? 0 : data.shape.type === "MultiPolygon" ? 2 : 1)), { padding: 60, maxZoom: 13, duration: 0 });
  }
  const own = (data.extra ?? []).flatMap((e) => e.features).flatMap((f) => (f.geometry.type === "LineString" ? f.geometry.coordinates : f.geometry.coordinates.flat(f.geometry.type === "MultiPolygon" ? 2 : 1)));
  if (own.length && Array.isArray(own[0])) map.fitBounds(boundsOf(own), { padding: 40, maxZoom: 15, duration: 0 });
}

async function start() {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const style = await baseStyle(data);
  style.sources.assets = { type: "vector", tiles: tiles(), minzoom: 3, maxzoom: 16 };
  style.sources.found = { type: "geojson", data: EMPTY };
  for (const e of data.extra ?? []) style.sources[`extra-${e.id}`] = { type: "geojson", data: { type: "FeatureCollection", features: e.features } };
  style.layers.push(
    ...extraLayers(), ...assetLayers(),
    { id: "found", type: "circle", source: "found", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 11, "circle-color": "#d97706", "circle-opacity": 0.25, "circle-stroke-color": "#d97706", "circle-stroke-width": 2 } },
    { id: "found-line", type: "line", source: "found", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#d97706", "line-width": 7, "line-opacity": 0.4 } },
  );
  const map = new maplibregl.Map({
    container: place, style, ...(data.hash ? { hash: "ban-do" } : {}),
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 18, fadeDuration: 0,
    canvasContextAttributes: { preserveDrawingBuffer: true }, // print takes the picture from it
    bounds: data.box ? [[data.box[0], data.box[1]], [data.box[2], data.box[3]]] : [[101.8, 7.5], [114.8, 23.6]], fitBoundsOptions: { padding: 16, maxZoom: 15 },
    locale: { "Map.Title": data.words.map, "NavigationControl.ZoomIn": "+", "NavigationControl.ZoomOut": "−" },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric", maxWidth: 160 }), "bottom-left");
  map.addControl(new North(), "top-left");
  map.getCanvas().setAttribute("aria-label", data.words.map);
  place.hatangsoMap = map;
  coordinatesOf(map);
  readyToPrint(map, place);

  map.on("load", () => {
    zoneLabels(map, data.zones);
    showPlaces(map);
    const sketch = new Sketch(map, {
      layers: ["points", "lines", "areas"], own: data.own ?? null,
      exact: data.snap ? (lon, lat, m) => load(`${data.snap}?lon=${lon}&lat=${lat}&m=${m}&lop=${data.query.match(/lop=([^&]*)/)?.[1] ?? data.kind}&tru=${data.own ?? ""}`) : null,
    });
    place.hatangsoSketch = sketch;
    if (document.querySelector("[data-edit-map]")) editForm(map, sketch, data);
    const area = selectArea(map, sketch, data);
    follow((fresh) => {
      data = fresh;
      delete place.dataset.drawn;
      map.getSource("assets").setTiles(tiles());
      for (const layer of assetLayers()) for (const [name, value] of Object.entries(layer.paint)) map.setPaintProperty(layer.id, name, value);
      area(data.area);
      setTimeout(() => { // the source turns to its new tiles first
        map.once("idle", () => { place.dataset.drawn = "1"; });
        map.triggerRepaint();
      }, 100);
    });
    const popup = new maplibregl.Popup({ closeButton: true, maxWidth: "280px" });
    map.on("click", (event) => {
      if (sketch.click(event)) return;
      if (nearbyForm) {
        nearbyForm.querySelector("[name=vi-tri]").value = `${round(event.lngLat.lat)}, ${round(event.lngLat.lng)}`;
        nearbyForm.requestSubmit();
        return;
      }
      const layers = ["points", "lines", "areas", "clusters", ...(data.extra ?? []).map((e) => `extra-${e.id}`)];
      const hit = map.queryRenderedFeatures(event.point, { layers })[0];
      if (!hit) return;
      if (hit.layer.id === "clusters") { map.easeTo({ center: hit.geometry.coordinates, zoom: map.getZoom() + 2 }); return; }
      const content = hit.properties.key === undefined ? Object.assign(document.createElement("div"), { textContent: hit.properties.name }) : popupFor(hit.properties);
      popup.setLngLat(event.lngLat).setDOMContent(content).addTo(map);
    });
    for (const layer of ["points", "lines", "clusters"]) {
      map.on("mouseenter", layer, () => { if (!sketch.active) map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { if (!sketch.active) map.getCanvas().style.cursor = ""; });
    }
    map.once("idle", () => { place.dataset.drawn = "1"; });
  });
}

start().catch((error) => {
  place.hidden = true;
  said.textContent = `${document.documentElement.lang === "en" ? "The map can't be drawn; the table has everything." : "Không vẽ được bản đồ; bảng có đủ nội dung."} (${error.message})`;
});
