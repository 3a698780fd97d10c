// The profile between two points: ground with the Earth's bulge, clutter, the ray and its first Fresnel zone.
import { number } from "./text.js";

const FONT = '"Be Vietnam Pro", "Segoe UI", Arial, sans-serif';
let chart = null;

export function drawProfile(place, profile, words) {
  if (!window.echarts) return;
  place.hidden = false;
  chart ??= echarts.init(place, null, { renderer: "canvas" });
  const at = profile.d_km;
  const ground = at.map((_, i) => profile.terrain_m[i] + profile.bulge_m[i]);
  const low = at.map((_, i) => profile.ray_m[i] - profile.fresnel_m[i]);
  const band = at.map((_, i) => 2 * profile.fresnel_m[i]);
  const pairs = (values) => values.map((v, i) => [at[i], v]);
  const line = { type: "line", symbol: "none", silent: true };
  const floor = Math.min(...ground, ...low);
  const withClutter = profile.clutter_m.some((v) => v > 0);
  const series = [
    { ...line, name: words.fresnel, stack: "zone", stackStrategy: "all", color: "#2f6fd0", lineStyle: { width: 0 }, data: pairs(low), tooltip: { show: false } },
    { ...line, name: words.fresnel, stack: "zone", stackStrategy: "all", color: "#2f6fd0", lineStyle: { width: 0 }, areaStyle: { color: "rgba(47,111,208,.22)" }, data: pairs(band) },
    { ...line, name: words.ray, color: "#0b4f8a", lineStyle: { width: 2 }, data: pairs(profile.ray_m) },
  ];
  if (withClutter) series.push({ ...line, name: words.clutter, color: "#6c9a6c", lineStyle: { width: 1 }, areaStyle: { color: "#b7d3b7", origin: "start" }, data: pairs(ground.map((g, i) => g + profile.clutter_m[i])) });
  series.push({ ...line, name: words.terrain, color: "#7a6242", lineStyle: { width: 1.5 }, areaStyle: { color: "#cbb898", origin: "start", opacity: 0.95 }, data: pairs(ground) });
  chart.setOption({
    animation: false, textStyle: { fontFamily: FONT }, aria: { enabled: true },
    grid: { left: 8, right: 18, top: innerWidth < 768 ? 84 : 50, bottom: 26, containLabel: true },
    legend: { top: 0, left: 0, data: [words.terrain, ...(withClutter ? [words.clutter] : []), words.ray, words.fresnel], textStyle: { fontFamily: FONT, fontSize: 12, color: "#1b2430" } },
    tooltip: { trigger: "axis", className: "chart-tip", formatter: (found) => {
      const i = found[0].dataIndex;
      return `${number(at[i], 2)} km<br>${words.terrain}: ${number(ground[i], 0)} m<br>${words.ray}: ${number(profile.ray_m[i], 0)} m<br>F1: ± ${number(profile.fresnel_m[i], 1)} m`;
    } },
    xAxis: { type: "value", min: 0, max: at[at.length - 1], name: "km", nameLocation: "middle", nameGap: 22, axisLabel: { fontFamily: FONT, color: "#4a5666", formatter: (v) => number(v, 1) }, splitLine: { show: false } },
    yAxis: { type: "value", min: Math.floor((floor - 20) / 20) * 20, name: "m", axisLabel: { fontFamily: FONT, color: "#4a5666", formatter: (v) => number(v, 0) }, splitLine: { lineStyle: { color: "#e4e8ee" } } },
    series,
  }, true);
  chart.resize();
  place.dataset.drawn = "1";
}
addEventListener("resize", () => chart?.resize());
