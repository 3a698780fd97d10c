// Former → new units: communes of today coloured by the former province. Map, legend and table are one selection.
const COLOURS = ["#6ba3d0", "#f2b56b", "#8cc29a", "#c59bd1", "#e08f8f", "#a7a7a7"];
const place = document.getElementById("ban-do");
const said = document.getElementById("ban-do-loi");
const data = JSON.parse(document.getElementById("chuyen-doi-so-lieu").textContent);
const table = document.getElementById("bang-chuyen-doi");
const rows = [...table.tBodies[0].rows];
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

function bounds(features) {
  let [w, s, e, n] = [180, 90, -180, -90];
  const walk = (c) => {
    if (typeof c[0] === "number") { w = Math.min(w, c[0]); e = Math.max(e, c[0]); s = Math.min(s, c[1]); n = Math.max(n, c[1]); }
    else c.forEach(walk);
  };
  features.forEach((f) => f.geometry && walk(f.geometry.coordinates));
  return [[w, s], [e, n]];
}

/** Units of today that hold a part of a former unit, or the one that was picked itself. */
const heirs = (kind, code) => (kind === "new" ? [code] : data.links.filter(([old]) => old === code).map(([, fresh]) => fresh));

let paint = () => {};
function pick(kind, code, scroll) {
  const fresh = new Set(heirs(kind, code));
  let first = null;
  for (const row of rows) {
    const on = kind === "new" ? row.dataset.new === code : row.dataset.old === code;
    row.classList.toggle("picked", on);
    if (on) first ??= row;
  }
  if (scroll) first?.scrollIntoView({ block: "center", behavior: calm });
  paint([...fresh]);
  const url = new URL(location.href);
  url.searchParams.set("don-vi", code);
  history.replaceState(null, "", url);
}
table.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick-old], [data-pick-new]");
  if (!button) return;
  if (button.dataset.pickOld) pick("old", button.dataset.pickOld, false);
  else pick("new", button.dataset.pickNew, false);
});

function popupContent(code, properties) {
  const box = document.createElement("div");
  const name = document.createElement("b");
  name.textContent = data.names[code] ?? properties.full_name;
  const from = document.createElement("div");
  const parts = data.links.filter(([, fresh]) => fresh === code);
  from.textContent = `${data.words.from} ${parts.length} ${data.words.units}`;
  const how = document.createElement("small");
  how.textContent = properties.approximate ? data.words.approximate : "";
  box.append(name, from, how);
  return box;
}

async function start() {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const answer = await fetch(data.communes);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).message ?? `HTTP ${answer.status}`);
  const communes = await answer.json();
  for (const feature of communes.features) feature.properties.former = data.colours[feature.properties.code] ?? -1;
  const colours = ["match", ["get", "former"]];
  data.formers.forEach((_, i) => colours.push(i, COLOURS[i % COLOURS.length]));
  colours.push("#ffffff");
  const line = { "line-color": "#5b6878", "line-width": 0.8 };
  const map = new maplibregl.Map({
    container: place,
    style: {
      version: 8,
      sources: { communes: { type: "geojson", data: communes, promoteId: "code" } },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#f5f7fa" } },
        { id: "communes", type: "fill", source: "communes", paint: { "fill-color": colours, "fill-opacity": ["case", ["boolean", ["feature-state", "off"], false], 0.08, 0.9] } },
        { id: "edges-real", type: "line", source: "communes", filter: ["!=", ["get", "approximate"], true], paint: line },
        { id: "edges-guess", type: "line", source: "communes", filter: ["==", ["get", "approximate"], true], paint: { ...line, "line-dasharray": [3, 2] } },
        { id: "picked", type: "line", source: "communes", filter: ["==", ["get", "code"], ""], paint: { "line-color": "#b3261e", "line-width": 3.5 } },
      ],
    },
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 13,
    bounds: bounds(communes.features), fitBoundsOptions: { padding: 24 }, fadeDuration: 0,
    locale: { "NavigationControl.ZoomIn": "+", "NavigationControl.ZoomOut": "−", "Map.Title": data.words.map },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", data.words.map);
  const popup = new maplibregl.Popup({ closeButton: false, maxWidth: "280px" });
  map.on("load", () => {
    paint = (codes) => map.setFilter("picked", ["in", ["get", "code"], ["literal", codes]]);
    const asked = new URLSearchParams(location.search).get("don-vi");
    if (asked) pick(data.names[asked] ? "new" : "old", asked, true);
    map.once("idle", () => { place.dataset.drawn = "1"; });
  });
  map.on("click", "communes", (event) => {
    const properties = event.features[0].properties;
    pick("new", properties.code, true);
    popup.setLngLat(event.lngLat).setDOMContent(popupContent(properties.code, properties)).addTo(map);
  });
  map.on("mouseenter", "communes", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "communes", () => { map.getCanvas().style.cursor = ""; });
  document.querySelector("[data-map-legend]").addEventListener("change", (event) => {
    const on = new Set([...event.currentTarget.querySelectorAll("input:checked")].map((box) => box.value));
    const shown = new Set();
    for (const row of rows) {
      if (on.has(row.dataset.former)) { delete row.dataset.off; shown.add(row.dataset.new); } else row.dataset.off = "1";
    }
    for (const code of Object.keys(data.colours)) map.setFeatureState({ source: "communes", id: code }, { off: !shown.has(code) });
    table.dispatchEvent(new CustomEvent("refilter"));
  });
}

start().catch((error) => {
  place.hidden = true;
  said.textContent = `${document.documentElement.lang === "en" ? "The map can't be drawn; the table has everything." : "Không vẽ được bản đồ; bảng bên cạnh có đủ số liệu."} (${error.message})`;
});
