// History of a figure: one line a source (colour and shape), the target, the expected path, the day shown.
import { day, number } from "./text.js";

const LOOK = {
  claim: { color: "#0b4f8a", symbol: "circle" },
  registry: { color: "#1b7f4b", symbol: "rect" },
  measurement: { color: "#8a3ffc", symbol: "triangle" },
  prediction: { color: "#b86e00", symbol: "diamond" },
  survey: { color: "#00696b", symbol: "pin" },
  official: { color: "#1b2430", symbol: "roundRect" },
};
const FONT = '"Be Vietnam Pro", "Segoe UI", Arial, sans-serif';
const place = document.getElementById("bieu-do");

function option(data) {
  const narrow = innerWidth < 768;
  const unit = (value) => number(value) + data.symbol;
  const series = data.series.map((one) => {
    const look = LOOK[one.source] ?? LOOK.claim;
    return {
      name: one.name, type: "line", symbol: look.symbol, symbolSize: 9, color: look.color, showAllSymbol: true,
      lineStyle: { width: 2, type: one.points.every((p) => p.simulated) ? [6, 3] : "solid" },
      data: one.points.map((p) => ({
        value: [p.day, p.value], simulated: p.simulated,
        itemStyle: p.simulated ? { color: "#fff", borderColor: look.color, borderWidth: 2 } : { color: look.color },
      })),
      endLabel: { show: !narrow && !data.forecast && one.points.length > 1, backgroundColor: "#fff", padding: [1, 4], formatter: (p) => `${one.name} ${unit(p.value[1])}`, color: look.color, fontFamily: FONT, fontSize: 12, distance: 8 },
      labelLayout: { moveOverlap: "shiftY" },
      emphasis: { focus: "none" },
    };
  });
  if (data.path.length) {
    series.push({
      name: data.words.path, type: "line", symbol: "none", color: "#6b7280", silent: true,
      lineStyle: { type: "dotted", width: 2, color: "#6b7280" }, data: data.path, tooltip: { show: false },
    });
  }
  const last = data.forecast && data.series.find((one) => one.points.length)?.points.at(-1);
  if (last) { // the continuation of the series that counts, with its interval as a thin bar at the end
    series.push({
      name: data.words.forecast, type: "line", symbol: "emptyCircle", symbolSize: 8, color: "#0b4f8a", showAllSymbol: true,
      lineStyle: { type: [2, 4], width: 2 }, data: [[last.day, last.value], [data.forecast.day, data.forecast.value]],
    });
    if (data.forecast.low != null) series.push({
      name: "", type: "line", symbol: "rect", symbolSize: [14, 3], color: "#0b4f8a", silent: true, tooltip: { show: false },
      lineStyle: { width: 6, opacity: 0.25 }, data: [[data.forecast.day, data.forecast.low], [data.forecast.day, data.forecast.high]],
    });
  }
  const lines = (data.marks ?? []).map((one) => ({ xAxis: one.day, label: { show: !narrow, formatter: one.label, position: "insideStartTop" }, lineStyle: { color: "#b86e00", width: 1, type: "dotted" } }));
  if (data.target != null) lines.push({ yAxis: data.target, label: { formatter: data.words.target, position: "insideStartTop" }, lineStyle: { color: "#1b2430", width: 2, type: "solid" } });
  lines.push({ xAxis: data.as_of, label: { show: !narrow, formatter: `${data.words.today} ${day(data.as_of)}`, position: "insideEndTop", rotate: 0, align: "right" }, lineStyle: { color: "#6b7280", width: 1, type: "dashed" } });
  series.push({
    name: "", type: "line", data: [], tooltip: { show: false },
    markLine: { silent: true, symbol: "none", data: lines, label: { fontFamily: FONT, fontSize: 12, color: "#1b2430" }, animation: false },
  });
  const values = [...data.series.flatMap((s) => s.points.map((p) => p.value)), ...data.path.map((p) => p[1])];
  if (data.target != null) values.push(data.target);
  if (data.forecast) values.push(data.forecast.value, data.forecast.low ?? data.forecast.value, data.forecast.high ?? data.forecast.value);
  const low = Math.min(...values), high = Math.max(...values), air = (high - low || Math.abs(high) || 1) * 0.12;
  const days = [...data.series.flatMap((s) => s.points.map((p) => p.day)), ...data.path.map((p) => p[0]), ...(data.forecast ? [data.forecast.day] : []), data.as_of].sort();
  return {
    animation: false, // calm, and whole at once for print and for those who asked for less motion
    textStyle: { fontFamily: FONT },
    aria: { enabled: true, label: { description: data.name } },
    grid: { left: 8, right: narrow || data.forecast ? 28 : 210, top: narrow ? 84 : 48, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, data: [...data.series.map((s) => s.name), ...(data.path.length ? [data.words.path] : [])], textStyle: { fontFamily: FONT, fontSize: 12, color: "#1b2430" }, itemWidth: 28 },
    tooltip: {
      trigger: "item", className: "chart-tip",
      formatter: (p) => [p.seriesName, `${day(String(p.value[0]))}: ${unit(p.value[1])}`, p.data.simulated ? data.words.simulated.toUpperCase() : ""].filter(Boolean).map(escapeHtml).join("<br>"),
    },
    xAxis: { type: "time", min: days[0], max: days[days.length - 1], axisLabel: { fontFamily: FONT, color: "#4a5666", formatter: (v) => { const d = new Date(v); return d.getMonth() === 0 ? String(d.getFullYear()) : `${d.getMonth() + 1}/${d.getFullYear()}`; }, hideOverlap: true }, axisLine: { lineStyle: { color: "#8d99a8" } } },
    yAxis: { type: "value", min: low - air, max: high + air, name: data.unit, nameTextStyle: { align: "left", fontFamily: FONT, color: "#4a5666" }, nameGap: 10, axisLabel: { fontFamily: FONT, color: "#4a5666", showMinLabel: false, showMaxLabel: false, formatter: (v) => number(v, 2) }, splitLine: { lineStyle: { color: "#e4e8ee" } } },
    series,
  };
}
const escapeHtml = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

if (place && window.echarts) {
  const data = JSON.parse(document.getElementById("bieu-do-so-lieu").textContent);
  const made = option(data);
  const draw = () => {
    const chart = echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(made);
    let timer = 0;
    addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(() => { chart.setOption({ grid: { right: innerWidth < 768 || data.forecast ? 28 : 210 } }); chart.resize(); }, 100); });
    addEventListener("beforeprint", () => chart.resize());
    document.querySelector("[data-chart-png]").addEventListener("click", () =>
      save(chart.getDataURL({ pixelRatio: 2, backgroundColor: "#fff" }), `${place.dataset.name}.png`));
    document.querySelector("[data-chart-svg]").addEventListener("click", () => {
      const flat = echarts.init(null, null, { renderer: "svg", ssr: true, width: 1000, height: 420 });
      flat.setOption({ ...made, animation: false, grid: { ...made.grid, right: data.forecast ? 28 : 210 } });
      const address = URL.createObjectURL(new Blob([flat.renderToSVGString()], { type: "image/svg+xml" }));
      flat.dispose();
      save(address, `${place.dataset.name}.svg`);
      setTimeout(() => URL.revokeObjectURL(address), 5000);
    });
    place.dataset.drawn = "1";
  };
  (document.fonts ? document.fonts.load(`13px ${FONT}`).then(draw, draw) : draw());
}
