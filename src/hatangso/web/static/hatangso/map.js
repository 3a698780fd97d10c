// The map: communes coloured by class. Map, legend and table are one selection; nothing is loaded from outside.
const BLUES = ["#deebf7", "#a9cbe6", "#6ba3d0", "#2f74b0", "#0b3f73"];
const place = document.getElementById("ban-do");
const said = document.getElementById("ban-do-loi");
const data = JSON.parse(document.getElementById("ban-do-so-lieu").textContent);
const table = document.getElementById("bang-ban-do");
const rows = new Map([...(table?.querySelectorAll("tr[data-unit]") ?? [])].map((row) => [row.dataset.unit, row]));

/** A small hatch as map image: approximate or without data. */
function hatch(size, colour, paper) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d");
  if (paper) { pen.fillStyle = paper; pen.fillRect(0, 0, size, size); }
  pen.strokeStyle = colour;
  pen.lineWidth = 1.4;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
    pen.stroke();
  }
  return pen.getImageData(0, 0, size, size);
}

function bounds(features) {
  let [w, s, e, n] = [180, 90, -180, -90];
  const walk = (c) => {
    if (typeof c[0] === "number") { w = Math.min(w, c[0]); e = Math.max(e, c[0]); s = Math.min(s, c[1]); n = Math.max(n, c[1]); }
    else c.forEach(walk);
  };
  features.forEach((f) => f.geometry && walk(f.geometry.coordinates));
  return [[w, s], [e, n]];
}

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).message ?? `HTTP ${answer.status}`);
  return answer.json();
}

function popupContent(properties) {
  const box = document.createElement("div");
  const name = document.createElement("b");
  name.textContent = properties.full_name ?? properties.name;
  const value = document.createElement("div");
  value.textContent = data.values[properties.code]?.class >= 0 ? data.values[properties.code].text : data.province ? data.words.none : "";
  const how = document.createElement("small");
  how.textContent = properties.approximate ? data.words.approximate : "";
  box.append(name, value, how);
  if (data.province && properties.code && data.life) {
    const life = document.createElement("a");
    life.href = data.life.replace("/0/", `/${properties.code}/`);
    life.textContent = data.words.life;
    box.append(document.createElement("br"), life);
  }
  return box;
}

async function start() {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const [outlines, communes] = await Promise.all([load(data.outlines), data.communes ? load(data.communes) : null]);
  for (const feature of communes?.features ?? []) feature.properties.class = data.values[feature.properties.code]?.class ?? -1;
  const coloured = Object.keys(data.values).length > 0;
  const map = new maplibregl.Map({
    container: place,
    style: {
      version: 8,
      sources: {
        outlines: { type: "geojson", data: outlines },
        communes: { type: "geojson", data: communes ?? { type: "FeatureCollection", features: [] }, promoteId: "code" },
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#e6eef6" } },
        { id: "land", type: "fill", source: "outlines", paint: { "fill-color": data.province ? "#f5f7fa" : "#fff" } },
      ],
    },
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 13,
    bounds: data.province ? bounds((communes ?? outlines).features.filter((f) => communes || f.properties.code === data.province)) : [[101.8, 7.5], [114.8, 23.6]],
    fitBoundsOptions: { padding: 24 },
    fadeDuration: 0,
    locale: { "NavigationControl.ZoomIn": "+", "NavigationControl.ZoomOut": "−", "Map.Title": data.words.map },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", data.words.map);

  map.on("load", () => {
    map.addImage("hatch-none", hatch(8, "#9aa5b1", "#ffffff"));
    const fill = coloured
      ? ["match", ["get", "class"], 0, BLUES[0], 1, BLUES[1], 2, BLUES[2], 3, BLUES[3], 4, BLUES[4], "#ffffff"]
      : "#f3f6f9";
    map.addLayer({ id: "communes", type: "fill", source: "communes", paint: { "fill-color": fill, "fill-opacity": ["case", ["boolean", ["feature-state", "off"], false], 0.08, 1] } });
    if (coloured) map.addLayer({ id: "none", type: "fill", source: "communes", filter: ["==", ["get", "class"], -1], paint: { "fill-pattern": "hatch-none" } });
    const line = { "line-color": "#5b6878", "line-width": 0.8 };
    map.addLayer({ id: "edges-real", type: "line", source: "communes", filter: ["!=", ["get", "approximate"], true], paint: line });
    map.addLayer({ id: "edges-guess", type: "line", source: "communes", filter: ["==", ["get", "approximate"], true], paint: { ...line, "line-dasharray": [3, 2] } });
    if (data.province) map.addLayer({ id: "neighbours", type: "line", source: "outlines", filter: ["!=", ["get", "code"], data.province], paint: { "line-color": "#a9b4c0", "line-width": 1, "line-dasharray": [4, 2] } });
    map.addLayer({ id: "provinces", type: "line", source: "outlines", ...(data.province ? { filter: ["==", ["get", "code"], data.province] } : {}), paint: { "line-color": "#1b2430", "line-width": data.province ? 1.8 : 1, "line-dasharray": [4, 2] } });
    map.addLayer({ id: "picked", type: "line", source: "communes", filter: ["==", ["get", "code"], ""], paint: { "line-color": "#d97706", "line-width": 3.5 } });
    for (const zone of data.zones) {
      const label = document.createElement("div");
      label.className = "zone-label";
      label.textContent = zone.name;
      const of = document.createElement("small");
      of.textContent = `(${zone.province})`;
      label.append(of);
      label.setAttribute("aria-label", `${zone.name} (${zone.province})`);
      label.setAttribute("role", "img");
      new maplibregl.Marker({ element: label, anchor: "top" }).setLngLat([zone.lon, zone.lat]).addTo(map);
    }
    map.once("idle", () => { place.dataset.drawn = "1"; });
  });

  const popup = new maplibregl.Popup({ closeButton: false, maxWidth: "280px" });
  const pick = (code, show) => {
    map.setFilter("picked", ["==", ["get", "code"], code]);
    for (const [unit, row] of rows) row.classList.toggle("picked", unit === code);
    const feature = communes?.features.find((f) => f.properties.code === code);
    if (feature && show) {
      popup.setLngLat([feature.properties.lon, feature.properties.lat]).setDOMContent(popupContent(feature.properties)).addTo(map);
    }
    const url = new URL(location.href);
    url.searchParams.set("xa", code);
    history.replaceState(null, "", url);
  };
  map.on("click", "communes", (event) => {
    const code = event.features[0].properties.code;
    pick(code, false);
    popup.setLngLat(event.lngLat).setDOMContent(popupContent(event.features[0].properties)).addTo(map);
    rows.get(code)?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  });
  if (!data.province) {
    map.on("click", "land", (event) => {
      const url = new URL(location.href);
      url.searchParams.set("tinh", event.features[0].properties.code);
      location.assign(url);
    });
  }
  for (const layer of ["communes", "land"]) {
    map.on("mouseenter", layer, () => { if (layer === "communes" || !data.province) map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  table?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (button) pick(button.dataset.pick, true);
  });
  const asked = new URLSearchParams(location.search).get("xa");
  if (asked) map.once("idle", () => pick(asked, true));

  // the legend is the filter, of the map and of the table at once
  document.querySelector("[data-map-legend]")?.addEventListener("change", (event) => {
    const on = new Set([...event.currentTarget.querySelectorAll("input:checked")].map((box) => box.value));
    for (const [code, row] of rows) {
      if (on.has(row.dataset.c)) delete row.dataset.off;
      else row.dataset.off = "1";
      map.setFeatureState({ source: "communes", id: code }, { off: !on.has(row.dataset.c) });
    }
    if (map.getLayer("none")) map.setLayoutProperty("none", "visibility", on.has("-1") ? "visible" : "none");
    table.dispatchEvent(new CustomEvent("refilter"));
  });
}

start().catch((error) => {
  place.hidden = true;
  said.textContent = `${document.documentElement.lang === "en" ? "The map can't be drawn; the table has everything." : "Không vẽ được bản đồ; bảng bên cạnh có đủ số liệu."} (${error.message})`;
});
