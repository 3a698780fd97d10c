// Tables: sort by a button in the heading, filter by a form; the address always says what is shown.
import { fold, language } from "./text.js";

const collator = new Intl.Collator(language.slice(0, 2), { numeric: true, sensitivity: "variant" });

/** Put one parameter list into the address without loading the page. */
export function remember(changes) {
  const url = new URL(location.href);
  for (const [key, value] of Object.entries(changes)) {
    url.searchParams.delete(key);
    for (const one of [].concat(value)) if (one !== "" && one != null) url.searchParams.append(key, one);
  }
  history.replaceState(history.state, "", url);
}

const cellValue = (cell) => (cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.trim());

function sortBy(table, heading, descending, keep) {
  const column = [...heading.parentElement.children].indexOf(heading);
  const numeric = heading.dataset.type === "number";
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [cellValue(row.cells[column]), row]);
  rows.sort(([a], [b]) => {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1; // unknown stays last either way
    const order = numeric ? Number(a) - Number(b) : collator.compare(a, b);
    return descending ? -order : order;
  });
  body.append(...rows.map(([, row]) => row));
  for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const select = document.querySelector(`[data-sort-for="${table.id}"]`);
  if (select) select.value = heading.dataset.sort;
  if (keep) remember({ "sap-xep": heading.dataset.sort, chieu: descending ? "giam" : "" });
}

/** Let a table be sorted by its headings; call it again for a table that came later. */
export function makeSortable(table, keep) {
  const asked = new URLSearchParams(location.search);
  const narrow = matchMedia("(max-width: 767px)").matches; // cards there: the headings are out of sight
  const headings = [...table.querySelectorAll("thead th[data-sort]")];
  document.querySelector(`[data-sort-for="${table.id}"]`)?.addEventListener("change", (event) => {
    const heading = headings.find((one) => one.dataset.sort === event.target.value);
    if (heading) sortBy(table, heading, false, keep);
  });
  for (const heading of headings) {
    if (narrow && (table.id === "bang" || table.classList.contains("stack"))) {
      if (keep && asked.get("sap-xep") === heading.dataset.sort) sortBy(table, heading, asked.get("chieu") === "giam", false);
      continue;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(table, heading, heading.getAttribute("aria-sort") === "ascending", keep));
    if (keep && asked.get("sap-xep") === heading.dataset.sort) sortBy(table, heading, asked.get("chieu") === "giam", false);
  }
}

function makeFilter(form) {
  const table = document.getElementById(form.dataset.filterFor);
  const count = document.querySelector(`[data-count-for="${table.id}"]`);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => ({ row, text: fold(row.textContent) }));
  const search = form.querySelector("input[type=search]");
  const keys = [...new Set([...form.querySelectorAll("[data-key]")].map((field) => field.dataset.key))];

  function wanted(key) {
    const fields = [...form.querySelectorAll(`[data-key="${key}"]`)];
    return fields.filter((f) => (f.type === "checkbox" ? f.checked : f.value !== "")).map((f) => f.value);
  }
  function apply() {
    const chosen = keys.map((key) => [key, wanted(key)]).filter(([, values]) => values.length);
    const words = fold(search ? search.value : "");
    let shown = 0;
    for (const { row, text } of rows) {
      const keep =
        chosen.every(([key, values]) => values.includes(row.dataset[key])) &&
        (!words || text.includes(words)) &&
        !row.dataset.off;
      row.hidden = !keep;
      if (keep) shown += 1;
    }
    if (count) {
      const bold = document.createElement("b");
      bold.textContent = shown;
      count.replaceChildren(bold, `/${rows.length} ${count.dataset.words}`);
    }
    table.dispatchEvent(new CustomEvent("filtered"));
  }
  function keepAddress() {
    const values = {};
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden") continue;
      values[field.name] ??= [];
      if (field.type === "checkbox" ? field.checked : field.value !== "") values[field.name].push(field.value);
    }
    if (form.method === "get" && form.hasAttribute("method")) remember(values);
  }
  const changed = () => { apply(); keepAddress(); };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  form.querySelector("[data-clear]")?.addEventListener("click", (event) => {
    event.preventDefault();
    for (const field of form.elements) {
      if (field.type === "checkbox") field.checked = false;
      else if (field.type === "search" || field.tagName === "SELECT") field.value = "";
    }
    changed();
  });
  table.addEventListener("refilter", apply);
  if (count || search?.value) apply();
}

for (const table of document.querySelectorAll("table[data-table]")) makeSortable(table, table.id === "bang");
for (const form of document.querySelectorAll("form[data-filter-for]")) makeFilter(form);
