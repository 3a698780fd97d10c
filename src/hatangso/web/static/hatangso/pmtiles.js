// Reads one PMTiles archive (PMTiles specification, version 3) by range
// requests to this server and hands its tiles to MapLibre. Only what a base map needs: header, directories, tiles.
const HEADER = 127;

async function range(address, from, length) {
  const answer = await fetch(address, { headers: { Range: `bytes=${from}-${from + length - 1}` } });
  if (answer.status !== 206) throw new Error(`HTTP ${answer.status}`);
  return answer.arrayBuffer();
}

/** 1 is "none", 2 is gzip; the other two compressions are not read by browsers. */
async function unpack(bytes, compression) {
  if (compression === 1) return bytes;
  if (compression !== 2) throw new Error(`PMTiles compression ${compression}`);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** Column by column: ids (differences), runs, lengths, offsets (0: straight after the one before). */
export function readDirectory(buffer) {
  const bytes = new Uint8Array(buffer);
  let at = 0;
  const number = () => {
    let value = 0, scale = 1, byte;
    do { byte = bytes[at++]; value += (byte & 0x7f) * scale; scale *= 128; } while (byte >= 0x80);
    return value;
  };
  const n = number();
  const entries = Array.from({ length: n }, () => ({}));
  let id = 0;
  for (const e of entries) { id += number(); e.id = id; }
  for (const e of entries) e.run = number();
  for (const e of entries) e.length = number();
  entries.forEach((e, i) => { const o = number(); e.offset = o === 0 && i ? entries[i - 1].offset + entries[i - 1].length : o - 1; });
  return entries;
}

/** Number of a tile on the Hilbert curve, after all tiles of the zooms above. */
export function tileId(z, x, y) {
  let id = (4 ** z - 1) / 3;
  for (let s = 2 ** (z - 1); s >= 1; s /= 2) {
    const rx = Math.floor(x / s) % 2, ry = Math.floor(y / s) % 2;
    id += s * s * ((3 * rx) ^ ry);
    if (!ry) {
      if (rx) { x = 2 * s - 1 - (x % (2 * s)); y = 2 * s - 1 - (y % (2 * s)); }
      [x, y] = [y, x];
    }
  }
  return id;
}

function entryFor(entries, id) {
  let low = 0, high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (entries[middle].id <= id) low = middle + 1; else high = middle - 1;
  }
  const found = entries[high];
  return found && (found.run === 0 || id < found.id + found.run) ? found : null;
}

class Archive {
  constructor(address) { this.address = address; this.leaves = new Map(); }
  async open() {
    const view = new DataView(await range(this.address, 0, HEADER));
    if (view.getUint8(0) !== 0x50 || view.getUint8(1) !== 0x4d || view.getUint8(7) !== 3) throw new Error("no PMTiles 3");
    const big = (at) => Number(view.getBigUint64(at, true));
    this.leafStart = big(40);
    this.dataStart = big(56);
    this.inner = view.getUint8(97);
    this.outer = view.getUint8(98);
    this.type = view.getUint8(99); // 1 vector, 2 png, 3 jpeg, 4 webp
    this.minzoom = view.getUint8(100);
    this.maxzoom = view.getUint8(101);
    this.root = readDirectory(await unpack(await range(this.address, big(8), big(16)), this.inner));
    const meta = big(32) ? await unpack(await range(this.address, big(24), big(32)), this.inner) : null;
    this.metadata = meta ? JSON.parse(new TextDecoder().decode(meta)) : {};
    return this;
  }
  async leaf(entry) {
    if (!this.leaves.has(entry.offset)) {
      if (this.leaves.size > 64) this.leaves.clear();
      this.leaves.set(entry.offset, range(this.address, this.leafStart + entry.offset, entry.length).then((b) => unpack(b, this.inner)).then(readDirectory));
    }
    return this.leaves.get(entry.offset);
  }
  async tile(z, x, y) {
    const id = tileId(z, x, y);
    let entry = entryFor(this.root, id);
    for (let depth = 0; entry && entry.run === 0 && depth < 3; depth += 1) entry = entryFor(await this.leaf(entry), id);
    if (!entry || entry.run === 0) return new ArrayBuffer(0);
    return unpack(await range(this.address, this.dataStart + entry.offset, entry.length), this.outer);
  }
}

const NAMES = {
  water: /water|ocean|sea|river|lake|stream/i,
  road: /road|transport|street|highway|path/i,
  green: /land(use|cover)|park|wood|forest|natural/i,
  house: /building/i,
  never: /bound|admin|border|disput|country|state|province/i, // boundaries are those of this program alone
};

function vectorLayers(names) {
  const found = [];
  const of = (kind) => names.filter((n) => NAMES[kind].test(n) && !NAMES.never.test(n));
  const polygon = ["==", ["geometry-type"], "Polygon"], line = ["==", ["geometry-type"], "LineString"];
  for (const n of of("green")) found.push({ id: `base-${n}`, type: "fill", source: "base", "source-layer": n, filter: polygon, paint: { "fill-color": "#e4eee0", "fill-opacity": 0.7 } });
  for (const n of of("water")) {
    found.push({ id: `base-${n}`, type: "fill", source: "base", "source-layer": n, filter: polygon, paint: { "fill-color": "#c9def0" } });
    found.push({ id: `base-${n}-line`, type: "line", source: "base", "source-layer": n, filter: line, paint: { "line-color": "#a9c9e4", "line-width": 1 } });
  }
  for (const n of of("house")) found.push({ id: `base-${n}`, type: "fill", source: "base", "source-layer": n, minzoom: 13, filter: polygon, paint: { "fill-color": "#e3e0da" } });
  for (const n of of("road")) found.push({ id: `base-${n}`, type: "line", source: "base", "source-layer": n, filter: line, paint: { "line-color": "#cfc7b8", "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.5, 14, 2.5] } });
  return found;
}

/** Sources and layers of a base map in this archive. */
export async function addPmtiles(maplibre, address) {
  const archive = await new Archive(address).open();
  maplibre.addProtocol("base", async (request) => {
    const [z, x, y] = request.url.replace("base://", "").split("/").map(Number);
    return { data: await archive.tile(z, x, y) };
  });
  const vector = archive.type === 1;
  const names = (archive.metadata.vector_layers ?? []).map((l) => l.id);
  return {
    sources: { base: { type: vector ? "vector" : "raster", tiles: ["base://{z}/{x}/{y}"], minzoom: archive.minzoom, maxzoom: archive.maxzoom, ...(vector ? {} : { tileSize: 256 }) } },
    layers: vector ? vectorLayers(names) : [{ id: "base", type: "raster", source: "base", paint: { "raster-opacity": 0.85 } }],
  };
}
