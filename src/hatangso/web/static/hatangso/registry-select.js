// Map, legend, filters and table are one selection, and the address carries it: whatever changes it fetches the page of
// the new address, swaps its table, counts and legend, and hands the map the new tiles.
import { toWkt, fromWkt } from "./registry-sketch.js";

let heard = null;
let turn = 0;

export async function reselect(url, push = true) {
  url.searchParams.delete("sau");
  const mine = ++turn;
  document.body.setAttribute("aria-busy", "true");
  let page;
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { location.assign(url); return; } // the page itself says what is wrong
  if (mine !== turn) return; // a later choice has overtaken this one
  document.body.removeAttribute("aria-busy");
  const fresh = page.getElementById("ban-do-so-lieu");
  if (!fresh) { location.assign(url); return; }
  for (const old of document.querySelectorAll("[data-swap]")) {
    const next = page.querySelector(`[data-swap="${old.dataset.swap}"]`);
    if (!next) continue;
    const focus = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(document.adoptNode(next));
    if (focus?.name) next.querySelector(`[name="${focus.name}"]${focus.type === "checkbox" ? `[value="${CSS.escape(focus.value)}"]` : ""}`)?.focus({ preventScroll: true });
  }
  if (push) history.pushState(null, "", `${url.pathname}${url.search}${location.hash}`);
  heard?.(JSON.parse(fresh.textContent));
}

/** The legend is the filter, the filter form does not leave the map, back and forward go through the selections. */
export function follow(changed) {
  heard = changed;
  if (!document.querySelector("form.filters[data-selection]")) return;
  document.addEventListener("change", (event) => {
    const legend = event.target.closest?.("[data-legend]");
    if (!legend) return;
    const boxes = [...legend.querySelectorAll("input[type=checkbox]")];
    const on = boxes.filter((b) => b.checked).map((b) => b.value);
    const url = new URL(location.href);
    const parameter = legend.dataset.legend;
    if (on.length === boxes.length && parameter !== "lop") url.searchParams.delete(parameter);
    else url.searchParams.set(parameter, on.join(legend.dataset.separator) || "khong-co");
    reselect(url);
  });
  const form = document.querySelector("form.filters[data-selection]");
  document.addEventListener("submit", (event) => {
    if (event.target !== form && !event.target.matches("form.filters[data-selection]")) return;
    event.preventDefault();
    const url = new URL(location.href);
    const sent = new FormData(event.target);
    for (const name of new Set([...event.target.elements].map((e) => e.name).filter(Boolean))) {
      const values = sent.getAll(name).filter(Boolean);
      if (values.length) url.searchParams.set(name, values.join(","));
      else url.searchParams.delete(name);
    }
    reselect(url);
  });
  addEventListener("popstate", () => reselect(new URL(location.href), false));
}

/** Draw an area, or give its box from the keyboard; returns what shows an area on the map. */
export function selectArea(map, sketch, data) {
  const note = document.querySelector("[data-draw-said]");
  const show = (wkt) => {
    const found = wkt ? fromWkt(wkt) : null;
    if (found) { sketch.begin(found.kind, found.points, false); } else if (!document.querySelector("[data-edit-map]")) sketch.stop();
  };
  const choose = (wkt) => {
    const url = new URL(location.href);
    if (wkt) url.searchParams.set("vung", wkt); else url.searchParams.delete("vung");
    if (note) note.textContent = "";
    reselect(url);
  };
  const six = (points) => points.map((p) => p.map((n) => Number(n.toFixed(6))));
  if (document.querySelector("[data-area-tools]")) {
    let timer;
    sketch.changed = () => {
      clearTimeout(timer);
      if (!sketch.open && sketch.complete) timer = setTimeout(() => choose(toWkt("area", six(sketch.points))), 150);
    };
    show(data.area);
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-draw-area]")) {
      sketch.snapping = false;
      sketch.begin("area", [], true);
      if (note) note.textContent = data.words.draw;
    }
    if (event.target.closest("[data-clear-area]")) choose("");
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && sketch.active && sketch.open && document.querySelector("[data-area-tools]")) { show(new URL(location.href).searchParams.get("vung")); if (note) note.textContent = ""; }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-area-box]")) return;
    event.preventDefault();
    const [w, s, e, n] = ["tay", "nam", "dong", "bac"].map((k) => Number(event.target.elements[k].value.replace(",", ".")));
    if (![w, s, e, n].every(Number.isFinite) || w >= e || s >= n) { if (note) note.textContent = data.words.badbox; return; }
    choose(toWkt("area", [[w, s], [e, s], [e, n], [w, n]]));
  });
  return show;
}
