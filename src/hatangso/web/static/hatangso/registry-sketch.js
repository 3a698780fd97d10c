// Drawing and editing on a map: vertices that can be dragged, added in the middle of an edge and removed, snapping to
// the vertices and edges of assets, undo. The table of coordinates beside the map does the same from the keyboard.
const PIXELS = 12;
export const round = (n) => Math.round(n * 1e7) / 1e7;

export function geometryOf(kind, points) {
  if (kind === "point" || points.length === 1) return { type: "Point", coordinates: points[0] };
  if (kind === "area" && points.length > 2) return { type: "Polygon", coordinates: [[...points, points[0]]] };
  return { type: "LineString", coordinates: points };
}

export function toWkt(kind, points) {
  const text = (kind === "area" ? [...points, points[0]] : points).map((p) => p.map(round).join(" ")).join(", ");
  return kind === "point" ? `POINT (${text})` : kind === "area" ? `POLYGON ((${text}))` : `LINESTRING (${text})`;
}

/** One point, one line, one area without holes; null for what has several parts: that is edited as text. */
export function fromWkt(text) {
  const found = /^\s*(POINT|LINESTRING|POLYGON)\s*Z?\s*(\(.*\))\s*$/i.exec(text ?? "");
  if (!found) return null;
  const inner = found[2].replace(/^\(+|\)+$/g, "");
  if (/[()]/.test(inner)) return null;
  const points = inner.split(",").map((p) => p.trim().split(/\s+/).slice(0, 2).map(Number));
  if (points.some((p) => p.length < 2 || p.some(Number.isNaN))) return null;
  const kind = { POINT: "point", LINESTRING: "line", POLYGON: "area" }[found[1].toUpperCase()];
  return { kind, points: kind === "area" ? points.slice(0, -1) : points };
}

function nearestOnSegment(p, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const t = dx || dy ? Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy))) : 0;
  return { x: a.x + t * dx, y: a.y + t * dy };
}

export class Sketch {
  /** ``exact(lon, lat, metres)`` asks the server for the true vertex or edge; ``changed()`` hears of every change. */
  constructor(map, { layers = [], exact = null, changed = () => {}, own = null }) {
    Object.assign(this, { map, layers, exact, changed, own, kind: "", points: [], open: false, snapping: true, past: [], chosen: -1, drag: null, moved: false });
    map.addSource("sketch", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    const orange = "#d97706";
    map.addLayer({ id: "sketch-fill", type: "fill", source: "sketch", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": orange, "fill-opacity": 0.12 } });
    map.addLayer({ id: "sketch-line", type: "line", source: "sketch", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": orange, "line-width": 2.5 } });
    map.addLayer({ id: "sketch-middle", type: "circle", source: "sketch", filter: ["==", ["get", "role"], "middle"], paint: { "circle-color": "#fff", "circle-radius": 4, "circle-stroke-color": orange, "circle-stroke-width": 1.5 } });
    map.addLayer({ id: "sketch-vertex", type: "circle", source: "sketch", filter: ["==", ["get", "role"], "vertex"], paint: { "circle-color": ["case", ["==", ["get", "chosen"], true], "#b3261e", orange], "circle-radius": 7, "circle-stroke-color": "#fff", "circle-stroke-width": 2 } });
    for (const name of ["mousedown", "touchstart"]) map.on(name, (e) => this.grab(e));
    for (const name of ["mousemove", "touchmove"]) map.on(name, (e) => this.pull(e));
    for (const name of ["mouseup", "touchend"]) map.on(name, (e) => this.drop(e));
    map.on("dblclick", (e) => { if (this.kind && this.kind !== "point") { e.preventDefault(); this.finish(); } });
    addEventListener("keydown", (e) => this.key(e));
  }

  get active() { return this.kind !== ""; }
  get complete() { return this.points.length >= { point: 1, line: 2, area: 3 }[this.kind]; }

  begin(kind, points = [], open = true) {
    Object.assign(this, { kind, points: points.map((p) => [...p]), open: kind === "point" ? true : open, past: [], chosen: -1 });
    this.map.doubleClickZoom.disable();
    this.map.getCanvas().style.cursor = this.open ? "crosshair" : "";
    this.show();
  }

  stop() {
    Object.assign(this, { kind: "", points: [], open: false, past: [], chosen: -1 });
    this.map.doubleClickZoom.enable();
    this.map.getCanvas().style.cursor = "";
    this.show();
  }

  remember() { this.past.push(JSON.stringify([this.kind, this.points, this.open])); if (this.past.length > 200) this.past.shift(); }

  undo() {
    const last = this.past.pop();
    if (!last) return;
    [this.kind, this.points, this.open] = JSON.parse(last);
    this.chosen = -1;
    this.done();
  }

  done() { this.show(); this.changed(this); }

  /** A whole new list of vertices, from the table beside the map. */
  replace(points) { this.remember(); this.points = points; this.done(); }

  remove(i) {
    if (i < 0 || i >= this.points.length) return;
    this.remember();
    this.points.splice(i, 1);
    this.chosen = -1;
    if (!this.complete) this.open = true;
    this.done();
  }

  clear() { if (!this.points.length) return; this.remember(); this.points = []; this.open = true; this.map.getCanvas().style.cursor = "crosshair"; this.done(); }

  finish() {
    if (!this.open || this.kind === "point") return;
    if (!this.complete) return;
    this.remember();
    this.open = false;
    this.map.getCanvas().style.cursor = "";
    this.done();
  }

  show() {
    const features = [];
    if (this.points.length) {
      if (this.kind !== "point" && this.points.length > 1) features.push({ type: "Feature", properties: {}, geometry: geometryOf(this.kind, this.points) });
      this.points.forEach((p, i) => features.push({ type: "Feature", properties: { role: "vertex", at: i, chosen: i === this.chosen }, geometry: { type: "Point", coordinates: p } }));
      const ends = this.kind === "area" && !this.open ? this.points.length : this.points.length - 1;
      if (this.kind !== "point") for (let i = 0; i < ends; i += 1) {
        const a = this.points[i], b = this.points[(i + 1) % this.points.length];
        features.push({ type: "Feature", properties: { role: "middle", at: i }, geometry: { type: "Point", coordinates: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] } });
      }
    }
    this.map.getSource("sketch")?.setData({ type: "FeatureCollection", features });
  }

  hit(point, layer) {
    const { x, y } = point;
    return this.map.queryRenderedFeatures([[x - 7, y - 7], [x + 7, y + 7]], { layers: [layer] })[0]?.properties.at ?? -1;
  }

  grab(event) {
    if (!this.active || (event.originalEvent.touches?.length ?? 1) > 1) return;
    const vertex = this.hit(event.point, "sketch-vertex");
    const middle = vertex < 0 ? this.hit(event.point, "sketch-middle") : -1;
    if (vertex < 0 && middle < 0) return;
    event.preventDefault(); // the map stays where it is
    this.moved = false;
    this.drag = { vertex, middle, from: event.point };
  }

  pull(event) {
    if (!this.drag) return;
    if (!this.moved && Math.hypot(event.point.x - this.drag.from.x, event.point.y - this.drag.from.y) < 3) return;
    if (!this.moved) {
      this.remember();
      if (this.drag.middle >= 0) { this.drag.vertex = this.drag.middle + 1; this.points.splice(this.drag.vertex, 0, [0, 0]); }
      this.moved = true;
    }
    this.chosen = this.drag.vertex;
    this.points[this.drag.vertex] = this.near(event) ?? [round(event.lngLat.lng), round(event.lngLat.lat)];
    this.show();
  }

  drop(event) {
    if (!this.drag) return;
    const { vertex } = this.drag;
    this.drag = null;
    if (this.moved) { this.settle(vertex, event); this.done(); this.quiet = performance.now(); } else { this.chosen = vertex; this.show(); }
  }

  /** A click of the map; true where it was the sketch's. */
  click(event) {
    if (!this.active) return false;
    if (performance.now() - (this.quiet ?? -1e9) < 60) return true;
    const vertex = this.hit(event.point, "sketch-vertex");
    if (this.kind !== "point" && vertex >= 0) {
      if (this.open && this.kind === "area" && vertex === 0 && this.complete) this.finish();
      else { this.chosen = vertex; this.show(); }
      return true;
    }
    if (!this.open) return true;
    this.remember();
    const at = this.near(event) ?? [round(event.lngLat.lng), round(event.lngLat.lat)];
    if (this.kind === "point") this.points = [at]; else this.points.push(at);
    this.settle(this.points.length - 1, event);
    this.done();
    return true;
  }

  key(event) {
    if (!this.active || event.target.closest?.("input, select, textarea")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { event.preventDefault(); this.undo(); }
    else if (event.key === "Enter" && event.target === this.map.getCanvas()) this.finish();
    else if (event.key === "Delete" || event.key === "Backspace") { if (this.chosen >= 0) { event.preventDefault(); this.remove(this.chosen); } }
  }

  /** The nearest vertex within some pixels, otherwise the nearest point of an edge, as the tiles have them. */
  near(event) {
    if (!this.snapping || event.originalEvent?.altKey) return null;
    const { x, y } = event.point;
    const layers = this.layers.filter((l) => this.map.getLayer(l));
    if (!layers.length) return null;
    let vertex = null, edge = null;
    for (const f of this.map.queryRenderedFeatures([[x - PIXELS, y - PIXELS], [x + PIXELS, y + PIXELS]], { layers })) {
      if (this.own !== null && f.properties.key === this.own) continue;
      const g = f.geometry;
      const lines = { Point: [[g.coordinates]], LineString: [g.coordinates], MultiLineString: g.coordinates, Polygon: g.coordinates, MultiPolygon: g.coordinates.flat?.(1) }[g.type] ?? [];
      for (const line of lines) {
        const places = line.map((c) => this.map.project(c));
        places.forEach((at, i) => {
          const far = Math.hypot(at.x - x, at.y - y);
          if (far <= PIXELS && (!vertex || far < vertex.far)) vertex = { far, c: line[i] };
          if (i === 0) return;
          const on = nearestOnSegment({ x, y }, places[i - 1], at);
          const off = Math.hypot(on.x - x, on.y - y);
          if (off <= PIXELS && (!edge || off < edge.far)) { const c = this.map.unproject([on.x, on.y]); edge = { far: off, c: [c.lng, c.lat] }; }
        });
      }
    }
    const best = vertex ?? edge;
    return best ? best.c.map(round) : null;
  }

  /** Tiles round their coordinates: the server gives the true ones of what was snapped to. */
  async settle(i, event) {
    if (!this.exact || !this.near(event)) return;
    const before = this.points[i];
    const { lng, lat } = event.lngLat;
    const metres = (PIXELS * 1.5 * 40075016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
    const found = await this.exact(lng, lat, metres).catch(() => null);
    if (found && this.points[i] === before) { this.points[i] = [found.lon, found.lat]; this.done(); }
  }
}
