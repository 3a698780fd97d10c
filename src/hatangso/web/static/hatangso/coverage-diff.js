// Change of the signal level between two runs. The image holds numbers; they are coloured here on a diverging scale,
// and the legend says in words what each colour stands for. Map and tables are one selection.
import { remember } from "./table.js";
import { number } from "./text.js";

const data = JSON.parse(document.getElementById("chenh-lech").textContent);
const place = document.getElementById("ban-do");
const said = document.getElementById("ban-do-noi");
const { frame, words } = data;
const EDGES = [-20, -10, -5, -1, 1, 5, 10, 20];
const COLOURS = [[140, 29, 24], [200, 85, 61], [229, 154, 123], [243, 205, 187], [226, 230, 236], [190, 214, 236], [125, 175, 218], [58, 122, 188], [10, 58, 110]];
const ONLY = { 254: [140, 29, 24], 255: [10, 58, 110] };

const valueOf = (code) => data.offset + data.step * (code - 1);
const classOf = (value) => EDGES.filter((edge) => value >= edge).length;

function hatch(brush, colour) {
  brush.fillStyle = "rgb(240,237,231)"; brush.fillRect(0, 0, 18, 16);
  brush.strokeStyle = `rgb(${colour})`; brush.lineWidth = 2;
  for (let x = -16; x < 18; x += 6) { brush.beginPath(); brush.moveTo(x, 16); brush.lineTo(x + 16, 0); brush.stroke(); }
}

function legend(seen) {
  const lines = [];
  const head = document.createElement("span");
  head.className = "head-line";
  head.textContent = `${words.head} · 1 px = ${number(frame.pixel_m, 1)} m`;
  lines.push(head);
  const swatch = (fill, text) => {
    const span = document.createElement("span");
    const patch = document.createElement("canvas");
    patch.width = 18; patch.height = 16;
    fill(patch.getContext("2d"));
    span.append(patch, text);
    lines.push(span);
  };
  COLOURS.forEach((colour, i) => {
    const low = EDGES[i - 1], high = EDGES[i];
    const text = i === 4 ? `${words.same} (${number(low)} … ${number(high)})`
      : i < 4 ? `${words.weaker} ${low === undefined ? `> ${number(-high)}` : `${number(-high)} … ${number(-low)}`}`
        : `${words.stronger} ${high === undefined ? `≥ ${number(low)}` : `${number(low)} … ${number(high)}`}`;
    swatch((b) => { b.fillStyle = `rgb(${colour})`; b.fillRect(0, 0, 18, 16); }, text);
  });
  if (seen[254]) swatch((b) => hatch(b, ONLY[254]), words.only_before);
  if (seen[255]) swatch((b) => hatch(b, ONLY[255]), words.only_after);
  for (const state of ["covered", "weak", "white"]) {
    if (data.villages.some((v) => v[4] === state)) swatch((b) => b.drawImage(mark(state, 16), 1, 0), words.states[state]);
  }
  document.getElementById("chu-giai").replaceChildren(...lines);
}

/** Sign of a village by its later state, as on the page of a run: disc covered, triangle weak, square white. */
function mark(state, size) {
  const sign = document.createElement("canvas");
  sign.width = sign.height = size;
  const b = sign.getContext("2d");
  const m = size / 2, r = size * 0.34;
  b.fillStyle = state === "covered" ? "#1b7f4b" : state === "weak" ? "#b86e00" : "#b3261e";
  b.strokeStyle = "#fff"; b.lineWidth = size / 9;
  b.beginPath();
  if (state === "covered") b.arc(m, m, r, 0, 7);
  else if (state === "white") b.rect(m - r, m - r, 2 * r, 2 * r);
  else { b.moveTo(m, m - r * 1.1); b.lineTo(m + r * 1.1, m + r); b.lineTo(m - r * 1.1, m + r); b.closePath(); }
  b.fill(); b.stroke();
  return sign;
}

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

async function picture() {
  const answer = await fetch(data.image);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const image = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const canvas = document.createElement("canvas");
  canvas.width = frame.width; canvas.height = frame.height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const shown = pen.getImageData(0, 0, frame.width, frame.height);
  const pixels = shown.data;
  const codes = new Uint8Array(frame.width * frame.height);
  const seen = new Uint32Array(256);
  for (let i = 0; i < codes.length; i += 1) {
    const code = pixels[4 * i];
    codes[i] = code;
    seen[code] += 1;
    let colour = [0, 0, 0], alpha = 0;
    if (code >= 254) {
      const on = ((i % frame.width) + ((i / frame.width) | 0)) % 6 < 2;
      colour = on ? ONLY[code] : [240, 237, 231];
      alpha = on ? 220 : 120;
    } else if (code > 0) { colour = COLOURS[classOf(valueOf(code))]; alpha = 215; }
    pixels[4 * i] = colour[0]; pixels[4 * i + 1] = colour[1]; pixels[4 * i + 2] = colour[2]; pixels[4 * i + 3] = alpha;
  }
  pen.putImageData(shown, 0, 0);
  legend(seen);
  return { canvas, codes };
}

const mercator = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));

async function start() {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const nothing = { type: "FeatureCollection", features: [] };
  const [outlines, found, made] = await Promise.all([
    load(data.outlines).catch(() => nothing),
    Promise.all(data.communes.map((a) => load(a).catch(() => null))), picture(),
  ]);
  const communes = { type: "FeatureCollection", features: found.filter(Boolean).flatMap((f) => f.features) };
  const map = new maplibregl.Map({
    container: place,
    style: {
      version: 8,
      sources: {
        outlines: { type: "geojson", data: outlines }, communes: { type: "geojson", data: communes, promoteId: "code" },
        delta: { type: "canvas", canvas: made.canvas, animate: false, coordinates: [[frame.west, frame.north], [frame.east, frame.north], [frame.east, frame.south], [frame.west, frame.south]] },
        villages: { type: "geojson", data: { type: "FeatureCollection", features: data.villages.map(([id, name, lon, lat, state, before, after]) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { id, name, state, before, after } })) } },
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#e6eef6" } },
        { id: "land", type: "fill", source: "outlines", paint: { "fill-color": "#fff" } },
        { id: "delta", type: "raster", source: "delta", paint: { "raster-fade-duration": 0, "raster-resampling": "nearest" } },
        { id: "communes", type: "fill", source: "communes", paint: { "fill-opacity": 0 } },
        { id: "edges", type: "line", source: "communes", paint: { "line-color": "#1b2430", "line-width": 0.9, "line-dasharray": [3, 2], "line-opacity": 0.75 } },
        { id: "picked", type: "line", source: "communes", filter: ["==", ["get", "code"], ""], paint: { "line-color": "#d97706", "line-width": 3.5 } },
      ],
    },
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 16, fadeDuration: 0,
    bounds: [[frame.west, frame.south], [frame.east, frame.north]], fitBoundsOptions: { padding: 16 },
    locale: { "NavigationControl.ZoomIn": "+", "NavigationControl.ZoomOut": "−", "Map.Title": words.map },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", words.map);
  map.on("load", () => {
    for (const state of ["covered", "weak", "white"]) map.addImage(state, mark(state, 32).getContext("2d").getImageData(0, 0, 32, 32), { pixelRatio: 2 });
    map.addLayer({ id: "villages", type: "symbol", source: "villages", layout: { "icon-image": ["get", "state"], "icon-allow-overlap": true } });
    map.once("idle", () => { place.dataset.drawn = "1"; });
  });
  const popup = new maplibregl.Popup({ closeButton: false, maxWidth: "300px" });
  const note = (at, title, lines) => {
    const box = document.createElement("div");
    const b = document.createElement("b");
    b.textContent = title;
    box.append(b, ...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
    popup.setLngLat(at).setDOMContent(box).addTo(map);
  };
  const pick = (code) => {
    map.setFilter("picked", ["==", ["get", "code"], code]);
    for (const row of document.querySelectorAll("#bang-chenh tr[data-unit]")) row.classList.toggle("picked", row.dataset.unit === code);
    remember({ xa: code });
  };
  const deltaAt = ({ lng, lat }) => {
    const x = Math.floor(((lng - frame.west) / (frame.east - frame.west)) * frame.width);
    const y = Math.floor(((mercator(frame.north) - mercator(lat)) / (mercator(frame.north) - mercator(frame.south))) * frame.height);
    const code = x < 0 || y < 0 || x >= frame.width || y >= frame.height ? 0 : made.codes[y * frame.width + x];
    return code === 0 ? words.none : code === 254 ? words.only_before : code === 255 ? words.only_after : `${number(valueOf(code), 1)} dB`;
  };
  map.on("click", (event) => {
    const [village] = map.queryRenderedFeatures(event.point, { layers: ["villages"] });
    if (village) { note(village.geometry.coordinates, `${village.properties.name} (${village.properties.id})`, [`${village.properties.before} → ${village.properties.after}`]); return; }
    const [commune] = map.queryRenderedFeatures(event.point, { layers: ["communes"] });
    if (commune) pick(commune.properties.code);
    note(event.lngLat, commune?.properties.full_name ?? "", [deltaAt(event.lngLat)]);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (!button) return;
    pick(button.dataset.pick);
    const feature = communes.features.find((f) => f.properties.code === button.dataset.pick);
    if (feature) map.easeTo({ center: [feature.properties.lon, feature.properties.lat], duration: 0 });
  });
  const given = new URLSearchParams(location.search).get("xa");
  if (given) map.once("idle", () => pick(given));
}

start().catch((error) => {
  place.hidden = true;
  said.textContent = `${words.failed} (${error.message})`;
});
