// The form's place: drawn on the map, or typed as coordinates; both always say the same. Undo, snapping on and off.
import { fromWkt, round, toWkt } from "./registry-sketch.js";

const field = (key) => document.getElementById(`f-${key}`);
const number = (text) => Number(String(text).trim().replace(/\s/g, "").replace(",", "."));

export function editForm(map, sketch, data) {
  const tools = document.querySelector("[data-sketch-tools]");
  const body = document.querySelector("[data-vertices] tbody");
  const said = document.querySelector("[data-sketch-said]");
  const words = data.words;
  let writing = false;

  function read() {
    const wkt = field("geometry")?.value.trim();
    if (wkt) return fromWkt(wkt) ?? "parts";
    const lon = field("lon") ? number(field("lon").value) : NaN;
    const lat = field("lat") ? number(field("lat").value) : NaN;
    const filled = field("lon")?.value && field("lat")?.value;
    return filled && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { kind: "point", points: [[lon, lat]] } : null;
  }

  /** What was drawn, into the form's fields. */
  function write() {
    writing = true;
    const { kind, points } = sketch;
    if (kind === "point") {
      if (field("lon")) { field("lon").value = points.length ? points[0][0] : ""; field("lat").value = points.length ? points[0][1] : ""; }
      if (field("geometry")) field("geometry").value = "";
    } else {
      field("geometry").value = sketch.complete ? toWkt(kind, points) : "";
      if (field("lon")) field("lon").value = field("lat").value = "";
    }
    writing = false;
  }

  function input(value, label, changed) {
    const cell = document.createElement("td");
    const box = Object.assign(document.createElement("input"), { value: String(value), inputMode: "decimal", autocomplete: "off" });
    box.setAttribute("aria-label", label);
    box.addEventListener("change", () => { const n = number(box.value); if (Number.isFinite(n)) changed(round(n)); else box.value = String(value); });
    cell.append(box);
    return cell;
  }

  let asked = 0;
  async function vn2000(cells) {
    if (!cells.length || cells.length > 100) return;
    const mine = ++asked;
    const answer = await fetch(`${data.coordinates}?d=${sketch.points.map((p) => p.join(",")).join(";")}`).then((a) => (a.ok ? a.json() : {})).catch(() => ({}));
    if (mine === asked) (answer.vn2000 ?? []).forEach((text, i) => { if (cells[i]) cells[i].textContent = text || "–"; });
  }

  function table() {
    const places = [];
    body.replaceChildren(...sketch.points.map((p, i) => {
      const row = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row", textContent: String(i + 1) });
      const put = (at) => (n) => sketch.replace(sketch.points.map((q, j) => (j === i ? (at ? [q[0], n] : [n, q[1]]) : q)));
      const place = Object.assign(document.createElement("td"), { textContent: "…" });
      places.push(place);
      const out = document.createElement("td");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn-plain", textContent: "×", title: `${words.remove} ${i + 1}` });
      button.setAttribute("aria-label", `${words.remove} ${i + 1}`);
      button.addEventListener("click", () => { sketch.remove(i); });
      out.append(button);
      row.append(head, input(p[0], `${words.lon} ${i + 1}`, put(0)), input(p[1], `${words.lat} ${i + 1}`, put(1)), place, out);
      if (i === sketch.chosen) row.classList.add("picked");
      return row;
    }));
    vn2000(places);
  }

  function tell() {
    const { kind, points, open } = sketch;
    said.textContent = kind === "point" ? (points.length ? words.pointset : words.point)
      : open ? words.draw : words.edit.replace("{n}", points.length);
    tools.querySelector("[data-undo]").disabled = sketch.past.length === 0;
    tools.querySelector("[data-finish]").disabled = !(open && kind !== "point" && sketch.complete);
    tools.querySelector("[data-continue]").disabled = open || kind === "point";
  }

  function changed() { write(); table(); tell(); }
  sketch.changed = changed;

  const found = read();
  const wanted = data.geometry.includes("point") ? "point" : data.geometry[0];
  const chooser = tools.querySelector("[data-kind]");
  if (found === "parts") { said.textContent = words.parts; tools.hidden = true; return; }
  sketch.begin(found?.kind ?? wanted, found?.points ?? [], !found || found.kind === "point");
  if (chooser) chooser.value = sketch.kind;
  if (found) {
    const box = new maplibregl.LngLatBounds();
    found.points.forEach((p) => box.extend(p));
    map.fitBounds(box, { padding: 70, maxZoom: 16, duration: 0 });
  }
  table();
  tell();

  chooser?.addEventListener("change", () => { sketch.begin(chooser.value, [], true); changed(); });
  tools.addEventListener("click", (event) => {
    const on = (name) => event.target.closest(`[data-${name}]`);
    if (on("undo")) sketch.undo();
    if (on("finish")) sketch.finish();
    if (on("continue")) { sketch.remember(); sketch.open = true; map.getCanvas().style.cursor = "crosshair"; sketch.done(); }
    if (on("clear")) sketch.clear();
    if (on("add-vertex")) {
      const c = map.getCenter(), last = sketch.points.at(-1);
      sketch.replace(sketch.kind === "point" ? [[round(c.lng), round(c.lat)]] : [...sketch.points, last ? [round(last[0] + 0.001), last[1]] : [round(c.lng), round(c.lat)]]);
      body.querySelector("tr:last-child input")?.focus();
    }
  });
  tools.querySelector("[data-snap]")?.addEventListener("change", (event) => { sketch.snapping = event.target.checked; });
  for (const key of ["lon", "lat", "geometry"]) field(key)?.addEventListener("change", () => {
    if (writing) return;
    const typed = read();
    if (!typed || typed === "parts") return;
    sketch.remember();
    Object.assign(sketch, { kind: typed.kind, points: typed.points, open: typed.kind === "point" });
    sketch.show(); table(); tell();
  });
}
