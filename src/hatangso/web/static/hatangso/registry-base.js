// Base of the registry's maps: outlines from the units' own boundaries, an optional PMTiles file of this installation
// under them, labels of Hoàng Sa and Trường Sa that are always there, north. Nothing is loaded from outside.
import { addPmtiles } from "./pmtiles.js";

export const EMPTY = { type: "FeatureCollection", features: [] };

export async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).message ?? `HTTP ${answer.status}`);
  return answer.json();
}

/** Sources and layers under the assets. A base map's own boundaries are never drawn: ours count. */
export async function baseStyle(data) {
  const [outlines, communes] = await Promise.all([load(data.outlines), data.communes ? load(data.communes).catch(() => null) : null]);
  const base = data.base ? await addPmtiles(maplibregl, data.base).catch(() => null) : null;
  const style = {
    version: 8,
    sources: {
      outlines: { type: "geojson", data: outlines },
      communes: { type: "geojson", data: communes ?? EMPTY },
      ...(base?.sources ?? {}),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": "#e9eef3" } },
      { id: "land", type: "fill", source: "outlines", paint: { "fill-color": "#f7f8fa" } },
      ...(base?.layers ?? []),
      { id: "communes", type: "line", source: "communes", paint: { "line-color": "#b3bdc8", "line-width": 0.7, "line-dasharray": [3, 2] } },
      { id: "provinces", type: "line", source: "outlines", paint: { "line-color": "#1b2430", "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.5, 9, 1], "line-dasharray": [4, 2] } },
    ],
  };
  return style;
}

export function zoneLabels(map, zones) {
  for (const zone of zones) {
    const label = Object.assign(document.createElement("div"), { className: "zone-label", textContent: zone.name });
    label.append(Object.assign(document.createElement("small"), { textContent: `(${zone.province})` }));
    label.setAttribute("role", "img");
    label.setAttribute("aria-label", `${zone.name} (${zone.province})`);
    new maplibregl.Marker({ element: label, anchor: "top" }).setLngLat([zone.lon, zone.lat]).addTo(map);
  }
}

/** An arrow to the north; the map is never turned, so it only has to be there. */
export class North {
  onAdd() {
    this.box = document.createElement("div");
    this.box.className = "maplibregl-ctrl north";
    this.box.innerHTML = '<svg viewBox="0 0 24 34" width="24" height="34" aria-hidden="true"><path d="M12 0 L20 24 L12 19 L4 24 Z" fill="#1b2430" stroke="#fff"/><text x="12" y="33" text-anchor="middle" font-size="10" font-weight="700" fill="#1b2430" stroke="#fff" stroke-width="2.5" paint-order="stroke">B</text></svg>';
    if (document.documentElement.lang === "en") this.box.querySelector("text").textContent = "N";
    return this.box;
  }
  onRemove() { this.box.remove(); }
}
