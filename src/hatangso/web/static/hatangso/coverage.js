// A run of the prediction on the map. Layers arrive as images of numbers and are coloured here, so that a threshold
// shows at once; tables follow from the server. Map, tables and address say the same. Nothing comes from outside.
import { makeSortable, remember } from "./table.js";
import { number } from "./text.js";
import { drawProfile } from "./profile.js";

const data = JSON.parse(document.getElementById("vung-phu-so-lieu").textContent);
const place = document.getElementById("ban-do");
const said = document.getElementById("ban-do-noi");
const form = document.getElementById("chon");
const slider = document.getElementById("nguong");
const { frame, words } = data;
const state = { kind: data.kind, service: data.service, threshold: data.threshold, picked: "" };

// Sequential, one hue; what is below the threshold is hatched grey.
const BLUES = [[201, 222, 240], [150, 193, 226], [92, 150, 203], [38, 105, 168], [10, 58, 110]];
const EDGES = { rsrp: [-105, -95, -85, -75], rate: [2, 10, 30, 60], sinr: [0, 5, 10, 20] };
const GREY = [107, 114, 128];
const STATE_LOOK = { covered: ["#1b7f4b", "circle"], weak: ["#b86e00", "triangle"], white: ["#b3261e", "square"], unknown: ["#6b7280", "circle"] };

const layerOf = (kind, service) => data.layers.find((one) => one.kind === kind && one.service === service);

/** The numbers of a layer: one code a pixel, 0 = nothing. */
const kept = new Map();
async function codes(layer) {
  if (kept.has(layer.file)) return kept.get(layer.file);
  const answer = await fetch(`${layer.address}?v=${data.stamp}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const image = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const raw = pen.getImageData(0, 0, image.width, image.height).data;
  const found = new Uint16Array(image.width * image.height);
  for (let i = 0; i < found.length; i += 1) found[i] = layer.wide ? raw[4 * i] * 256 + raw[4 * i + 1] : raw[4 * i];
  if (kept.size > 6) kept.delete(kept.keys().next().value);
  kept.set(layer.file, found);
  return found;
}

const valueOf = (layer, code) => layer.offset + layer.step * (code - 1);

/** Colour of each code of a layer (RGBA), for the present threshold; best servers each get a hue of their own. */
function palette(layer) {
  const table = new Uint8ClampedArray(4 * (layer.wide ? 65536 : 256));
  const paint = (code, [r, g, b], alpha) => table.set([r, g, b, alpha], 4 * code);
  if (layer.kind === "server") {
    for (let code = 1; code < 65536; code += 1) {
      const turn = (code * 0.61803398875) % 1;
      const [h, s, l] = [turn * 360, 0.42, 0.42 + 0.26 * ((code * 0.7548776662) % 1)];
      const f = (n) => { const k = (n + h / 30) % 12; return 255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1))); };
      paint(code, [f(0), f(8), f(4)], 190);
    }
    return table;
  }
  const edges = EDGES[layer.kind];
  for (let code = 1; code < 256; code += 1) {
    const value = valueOf(layer, code);
    paint(code, BLUES[edges.filter((edge) => value >= edge).length], 215);
  }
  return table;
}

const canvas = document.createElement("canvas");
canvas.width = frame.width;
canvas.height = frame.height;
const pen = canvas.getContext("2d");
const picture = pen.createImageData(frame.width, frame.height);
const pixels = new Uint32Array(picture.data.buffer);
const hatchOn = new Uint32Array(new Uint8ClampedArray([...GREY, 210]).buffer)[0];
const hatchOff = new Uint32Array(new Uint8ClampedArray([236, 232, 224, 150]).buffer)[0];

/** Whether a pixel of the shown layer counts as covered: the RSRP of the network decides, on every layer. */
async function recolour() {
  const layer = layerOf(state.kind, state.service);
  const level = layerOf("rsrp", state.service);
  if (!layer) return false;
  const [shown, strength] = await Promise.all([codes(layer), codes(level)]);
  const colours = new Uint32Array(palette(layer).buffer);
  const least = Math.ceil((state.threshold - level.offset) / level.step - 1e-9) + 1;
  const width = frame.width;
  for (let i = 0; i < pixels.length; i += 1) {
    const power = strength[i];
    if (power === 0) pixels[i] = 0;
    else if (power < least) pixels[i] = ((i % width) + ((i / width) | 0)) % 6 < 2 ? hatchOn : hatchOff;
    else pixels[i] = colours[shown[i]];
  }
  pen.putImageData(picture, 0, 0);
  return true;
}

function legend() {
  const layer = layerOf(state.kind, state.service);
  const box = document.getElementById("chu-giai");
  const [name, unit] = words.kinds[state.kind];
  const lines = [];
  const swatch = (fill, text) => {
    const span = document.createElement("span");
    const patch = document.createElement("canvas");
    patch.width = 18;
    patch.height = 16;
    const brush = patch.getContext("2d");
    fill(brush);
    span.append(patch, text);
    lines.push(span);
  };
  const head = document.createElement("span");
  head.className = "head-line";
  head.textContent = `${name}${unit ? `, ${unit}` : ""} · 1 px = ${number(frame.pixel_m, 1)} m`;
  lines.push(head);
  if (state.kind !== "server") {
    const edges = EDGES[state.kind];
    const floor = state.kind === "rsrp" ? state.threshold : -Infinity;
    BLUES.forEach((colour, i) => {
      const low = Math.max(i ? edges[i - 1] : -Infinity, floor);
      const high = edges[i] ?? Infinity;
      if (high <= floor) return;
      const text = low === -Infinity ? `< ${number(high)}` : high === Infinity ? `≥ ${number(low)}` : `${number(low)} … ${number(high)}`;
      swatch((b) => { b.fillStyle = `rgb(${colour})`; b.fillRect(0, 0, 18, 16); }, text);
    });
  }
  swatch((b) => {
    b.fillStyle = "rgb(240,237,231)"; b.fillRect(0, 0, 18, 16); b.strokeStyle = `rgb(${GREY})`; b.lineWidth = 2;
    for (let x = -16; x < 18; x += 6) { b.beginPath(); b.moveTo(x, 16); b.lineTo(x + 16, 0); b.stroke(); }
  }, `${words.below} (${number(state.threshold)} dBm)`);
  for (const key of ["covered", "weak", "white"]) {
    if (data.villages.some((v) => v[4] === key)) swatch((b) => b.drawImage(mark(key, 16), 1, 0), words.states[key]);
  }
  if (!layer) lines.splice(1, lines.length, document.createTextNode(words.none));
  box.replaceChildren(...lines);
}

/** Sign of a village: shape and colour say the state. */
function mark(key, size) {
  const [colour, shape] = STATE_LOOK[key];
  const sign = document.createElement("canvas");
  sign.width = sign.height = size;
  const b = sign.getContext("2d");
  const m = size / 2, r = size * 0.36;
  b.fillStyle = colour;
  b.strokeStyle = "#fff";
  b.lineWidth = size / 9;
  b.beginPath();
  if (shape === "circle") b.arc(m, m, r * 0.85, 0, 7);
  else if (shape === "square") b.rect(m - r, m - r, 2 * r, 2 * r);
  else { b.moveTo(m, m - r * 1.1); b.lineTo(m + r * 1.1, m + r); b.lineTo(m - r * 1.1, m + r); b.closePath(); }
  b.fill();
  b.stroke();
  return sign;
}

const villageFeatures = (rows) => ({
  type: "FeatureCollection",
  features: rows.map(([id, name, lon, lat, now, claim]) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { id, name, state: now, claim } })),
});

async function load(address) {
  const answer = await fetch(address);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.message ?? `HTTP ${answer.status}`);
  return body;
}

/** Outlines of several provinces as one collection; null where there is none to draw. */
async function loadAll(addresses) {
  const found = (await Promise.all(addresses.map((a) => load(a).catch(() => null)))).filter(Boolean);
  return found.length ? { type: "FeatureCollection", features: found.flatMap((f) => f.features) } : null;
}

const mercator = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
function codeAt({ lng, lat }, numbers) {
  const x = Math.floor(((lng - frame.west) / (frame.east - frame.west)) * frame.width);
  const [top, bottom] = [mercator(frame.north), mercator(frame.south)];
  const y = Math.floor(((top - mercator(lat)) / (top - bottom)) * frame.height);
  return x < 0 || y < 0 || x >= frame.width || y >= frame.height ? 0 : numbers[y * frame.width + x];
}

let cells = null;
async function valueWords(point) {
  const lines = [];
  for (const kind of ["rsrp", "rate", "sinr", "server"]) {
    const layer = layerOf(kind, state.service);
    if (!layer || (kind !== "rsrp" && kind !== state.kind)) continue;
    const code = codeAt(point, await codes(layer));
    const [name, unit] = words.kinds[kind];
    if (code === 0) { lines.push(words.none); break; }
    if (kind === "server") {
      cells ??= await load(data.cells);
      const cell = cells[code - 1];
      if (cell) lines.push(`${name}: ${cell[0]} (${words.site} ${cell[1]})`);
    } else lines.push(`${name}: ${number(valueOf(layer, code), 1)} ${unit}`);
  }
  return lines;
}

function note(title, lines) {
  const box = document.createElement("div");
  if (title) { const b = document.createElement("b"); b.textContent = title; box.append(b); }
  for (const line of lines) { const d = document.createElement("div"); d.textContent = line; box.append(d); }
  return box;
}

async function start() {
  maplibregl.setWorkerUrl(place.dataset.worker);
  const [outlines, communes] = await Promise.all([
    load(data.outlines).catch(() => null), loadAll(data.communes),
  ]);
  const nothing = { type: "FeatureCollection", features: [] };
  await recolour();
  const map = new maplibregl.Map({
    container: place,
    style: {
      version: 8,
      sources: {
        outlines: { type: "geojson", data: outlines ?? nothing },
        communes: { type: "geojson", data: communes ?? nothing, promoteId: "code" },
        coverage: { type: "canvas", canvas, animate: false, coordinates: [[frame.west, frame.north], [frame.east, frame.north], [frame.east, frame.south], [frame.west, frame.south]] },
        villages: { type: "geojson", data: villageFeatures(data.villages) },
        path: { type: "geojson", data: nothing },
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#e6eef6" } },
        { id: "land", type: "fill", source: "outlines", paint: { "fill-color": "#fff" } },
        { id: "coverage", type: "raster", source: "coverage", paint: { "raster-fade-duration": 0, "raster-resampling": "nearest" } },
        { id: "communes", type: "fill", source: "communes", paint: { "fill-opacity": 0 } },
        { id: "edges", type: "line", source: "communes", paint: { "line-color": "#1b2430", "line-width": 0.9, "line-dasharray": [3, 2], "line-opacity": 0.75 } },
        { id: "picked", type: "line", source: "communes", filter: ["==", ["get", "code"], ""], paint: { "line-color": "#d97706", "line-width": 3.5 } },
        { id: "path", type: "line", source: "path", paint: { "line-color": "#8a1a8a", "line-width": 2.5 } },
        { id: "path-ends", type: "circle", source: "path", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": "#8a1a8a", "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 } },
      ],
    },
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 16,
    bounds: [[frame.west, frame.south], [frame.east, frame.north]], fitBoundsOptions: { padding: 16 }, fadeDuration: 0,
    locale: { "NavigationControl.ZoomIn": "+", "NavigationControl.ZoomOut": "−", "Map.Title": words.map },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", words.map);
  const refresh = () => {
    const source = map.getSource("coverage");
    if (!source) return;
    source.play(); // read the canvas again, once
    map.once("render", () => source.pause());
    map.triggerRepaint();
  };
  map.on("load", () => {
    for (const key of Object.keys(STATE_LOOK)) map.addImage(key, mark(key, 32).getContext("2d").getImageData(0, 0, 32, 32), { pixelRatio: 2 });
    map.addLayer({ id: "villages", type: "symbol", source: "villages", layout: { "icon-image": ["get", "state"], "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.55, 12, 1.1], "symbol-sort-key": ["match", ["get", "state"], "white", 3, "weak", 2, 1] } }, "path");
    map.once("idle", () => { place.dataset.drawn = "1"; });
  });

  const popup = new maplibregl.Popup({ closeButton: false, maxWidth: "300px" });
  const pick = (code) => {
    state.picked = code;
    map.setFilter("picked", ["==", ["get", "code"], code]);
    for (const row of document.querySelectorAll("#bang-xa tr[data-unit]")) row.classList.toggle("picked", row.dataset.unit === code);
    remember({ xa: code });
  };
  const showVillage = async (properties, point) => {
    const claim = properties.claim === true ? [words.claimed] : properties.claim === false ? [words.denied] : [];
    popup.setLngLat(point).setDOMContent(note(`${properties.name} (${properties.id})`, [words.states[properties.state], ...claim, ...(await valueWords({ lng: point[0], lat: point[1] }))])).addTo(map);
  };

  // two clicks for a profile
  const tool = document.getElementById("chon-diem");
  const profileForm = document.getElementById("mat-cat-form");
  let ends = null;
  const hint = document.getElementById("mat-cat-noi");
  const setEnd = (name, { lng, lat }) => {
    profileForm.elements[`${name}-lon`].value = lng.toFixed(5);
    profileForm.elements[`${name}-lat`].value = lat.toFixed(5);
  };
  tool?.addEventListener("click", () => {
    const on = ends === null;
    ends = on ? [] : null;
    tool.setAttribute("aria-pressed", String(on));
    map.getCanvas().style.cursor = on ? "crosshair" : "";
    hint.textContent = on ? words.first : "";
    if (on) place.scrollIntoView({ block: "center", behavior: "instant" });
    said.textContent = on ? words.first : "";
  });
  const drawEnds = (points) => map.getSource("path").setData({ type: "FeatureCollection", features: [
    ...points.map((p) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: p } })),
    ...(points.length > 1 ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points } }] : []),
  ] });
  map.on("click", async (event) => {
    if (ends !== null) {
      setEnd(ends.length ? "den" : "tu", event.lngLat);
      ends.push([event.lngLat.lng, event.lngLat.lat]);
      drawEnds(ends);
      said.textContent = words.second;
      if (ends.length === 2) { tool.click(); profileForm.requestSubmit(); }
      return;
    }
    const [village] = map.queryRenderedFeatures(event.point, { layers: ["villages"] });
    if (village) return showVillage(village.properties, village.geometry.coordinates);
    const [commune] = map.queryRenderedFeatures(event.point, { layers: ["communes"] });
    if (commune) pick(commune.properties.code);
    popup.setLngLat(event.lngLat).setDOMContent(note(commune?.properties.full_name ?? "", await valueWords(event.lngLat))).addTo(map);
  });
  profileForm?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = (name) => profileForm.elements[name].value.trim().replace(",", ".");
    const point = (name) => `${value(`${name}-lon`)},${value(`${name}-lat`)},${value(`${name}-h`)}`;
    const query = new URLSearchParams({ tu: point("tu"), den: point("den"), mhz: value("mhz") });
    hint.textContent = words.busy;
    try {
      const found = await load(`${data.profile}?${query}`);
      hint.textContent = "";
      document.getElementById("mat-cat-bang").innerHTML = found.html; // made by our own server from numbers
      drawProfile(document.getElementById("mat-cat-ve"), found.profile, words);
      drawEnds([[+value("tu-lon"), +value("tu-lat")], [+value("den-lon"), +value("den-lat")]]);
      remember({ tu: point("tu"), den: point("den"), mhz: value("mhz") });
      document.getElementById("mat-cat").scrollIntoView({ block: "start", behavior: "instant" });
    } catch (error) {
      hint.textContent = error.message;
    }
  });

  document.addEventListener("click", (event) => {
    const commune = event.target.closest("[data-pick]");
    const village = event.target.closest("[data-village]");
    if (commune) {
      const feature = communes?.features.find((f) => f.properties.code === commune.dataset.pick);
      pick(commune.dataset.pick);
      if (feature) map.easeTo({ center: [feature.properties.lon, feature.properties.lat], duration: 0 });
    }
    if (village) {
      const row = data.villages.find((v) => v[0] === village.dataset.village);
      if (!row) return;
      map.easeTo({ center: [row[2], row[3]], zoom: Math.max(map.getZoom(), 11.5), duration: 0 });
      place.scrollIntoView({ block: "center", behavior: "instant" });
      showVillage({ id: row[0], name: row[1], state: row[4], claim: row[5] }, [row[2], row[3]]);
    }
  });

  // layer, network, threshold: the map at once, the tables when the hand rests
  let turn = 0, timer = 0;
  const follow = async () => {
    const mine = ++turn;
    const query = new URLSearchParams({ lop: state.kind, mang: state.service, nguong: state.threshold });
    remember({ lop: state.kind, mang: state.service, nguong: state.threshold === data.own_threshold ? "" : state.threshold });
    if (data.boundaries) query.set("dia-gioi", data.boundaries);
    const found = await load(`${data.numbers}?${query}`);
    if (mine !== turn) return; // a newer question is on its way
    data.villages = found.villages;
    document.getElementById("bang-xa-cho").innerHTML = found.communes;
    document.getElementById("lech-cho").innerHTML = found.disagreements;
    for (const table of document.querySelectorAll("#bang-xa, #bang-lech")) makeSortable(table, false);
    map.getSource("villages").setData(villageFeatures(found.villages));
    if (state.picked) pick(state.picked);
    legend();
    place.dataset.counted = `${state.service} ${state.threshold}`;
  };
  const changed = async (later) => {
    state.kind = form.elements.lop.value;
    state.service = form.elements.mang.value;
    if (!layerOf(state.kind, state.service)) { // SINR, rate and best server exist for single networks only
      const single = [...form.elements.mang.options].find((o) => layerOf(state.kind, o.value));
      if (single) { state.service = single.value; form.elements.mang.value = single.value; }
    }
    state.threshold = Number(slider.value);
    document.getElementById("nguong-chu").textContent = `${number(state.threshold)} dBm`;
    await recolour();
    refresh();
    legend();
    clearTimeout(timer);
    timer = setTimeout(() => follow().catch((error) => { said.textContent = error.message; }), later);
  };
  slider.addEventListener("input", () => changed(250));
  form.elements.lop.addEventListener("change", () => changed(0));
  form.elements.mang.addEventListener("change", () => changed(0));
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(0); });

  const given = new URLSearchParams(location.search);
  if (profileForm && given.get("tu") && given.get("den")) {
    for (const name of ["tu", "den"]) {
      const [lon, lat, height] = given.get(name).split(",");
      Object.entries({ lon, lat, h: height }).forEach(([k, v]) => { profileForm.elements[`${name}-${k}`].value = v ?? ""; });
    }
    if (given.get("mhz")) profileForm.elements.mhz.value = given.get("mhz");
    map.once("idle", () => profileForm.requestSubmit());
  }
  if (given.get("xa")) map.once("idle", () => pick(given.get("xa")));
}

// a layer that this network does not have: take a network that has it, before anything is drawn
if (!layerOf(state.kind, state.service)) {
  const single = [...form.elements.mang.options].find((o) => layerOf(state.kind, o.value));
  if (single) { state.service = single.value; form.elements.mang.value = single.value; }
}
legend();
start().catch((error) => {
  place.hidden = true;
  said.textContent = `${words.failed} (${error.message})`;
});
