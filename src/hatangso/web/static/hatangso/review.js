// The review page: one current item, marked in the list and in the document; every step by key or by button.
// Decisions go to the server through htmx; this script only moves, marks and announces.
import { fold } from "./text.js";
import { remember } from "./table.js";
import { combobox } from "./combobox.js";

const page = document.getElementById("ra-soat");
const text = document.getElementById("van-ban");
const notice = document.getElementById("bao");
const dialog = document.getElementById("hop");
const keysDialog = document.getElementById("phim");
const filter = page.querySelector("[data-filter]");
const search = document.getElementById("loc-tim");
const shownCount = page.querySelector("[data-shown]");
const keysOn = document.getElementById("phim-bat");
const TABS = ["figure", "task", "duty", "document", "warnings"];
let tab = TABS.includes(page.dataset.tab) ? page.dataset.tab : "figure";
const lastOf = {}; // the current item of each tab
page.dataset.show = "list";

const listOf = (kind) => document.getElementById(`o-${kind}`);
const items = () => [...listOf(tab).querySelectorAll(".pr")].filter((li) => !li.hidden);
const current = () => listOf(tab).querySelector(".pr[aria-current]");
const marksOf = (id) => text.querySelectorAll(`mark[data-p~="${id}"]`);

const NOTICE_MS = 8000;
let noticeTimer = 0;
function say(words, bad = false) {
  if (!words) return;
  clearTimeout(noticeTimer);
  if (!bad) noticeTimer = setTimeout(() => { notice.hidden = true; }, NOTICE_MS); // what went wrong stays
  notice.hidden = false;
  notice.classList.toggle("bad", bad);
  notice.textContent = words;
}

// -- which item is current ------------------------------------------------------------------------------
function choose(li, { focus = true, scrollText = true } = {}) {
  if (!li) return;
  for (const other of page.querySelectorAll(".pr[aria-current]")) {
    other.removeAttribute("aria-current");
    other.tabIndex = -1;
  }
  li.setAttribute("aria-current", "true");
  li.tabIndex = 0;
  lastOf[tab] = li.dataset.id;
  if (focus) li.focus({ preventScroll: true });
  li.scrollIntoView({ block: "nearest" });
  for (const mark of text.querySelectorAll("mark.here")) mark.classList.remove("here");
  const marks = marksOf(li.dataset.id);
  for (const mark of marks) mark.classList.add("here");
  if (scrollText) scrollDocument(marks[0] ?? document.getElementById(`d-${li.dataset.line}`));
  remember({ the: tab, muc: li.dataset.id });
}
function scrollDocument(node) {
  if (!node) return;
  const box = text.getBoundingClientRect(), at = node.getBoundingClientRect();
  if (text.scrollHeight > text.clientHeight + 4) text.scrollTop += at.top - box.top - box.height / 3;
  else if (page.dataset.show === "doc") node.scrollIntoView({ block: "center" });
}
function move(step) {
  const all = items();
  if (!all.length) return;
  const here = all.indexOf(current());
  const next = here < 0 ? 0 : here + step;
  if (next < 0 || next >= all.length) return say(page.dataset.saidEnd);
  choose(all[next]);
}
function moveOn(li) { // after a decision: the next undecided item of the list, else the next one
  const all = items();
  const here = all.indexOf(li);
  const rest = all.slice(here + 1);
  choose(rest.find((x) => x.dataset.state === "proposed") ?? rest[0] ?? li);
}
function nextNeed() {
  const here = current();
  for (let turn = 0; turn < 3; turn += 1) {
    const kind = TABS[(TABS.indexOf(tab) + turn) % 3];
    const all = [...listOf(kind).querySelectorAll(".pr")];
    const from = turn === 0 && here ? all.indexOf(here) + 1 : 0;
    const found = all.slice(from).find((li) => "need" in li.dataset);
    if (found) return go(found);
  }
  const first = listOf(tab)?.querySelector(".pr[data-need]");
  if (first) return go(first);
  say(page.dataset.saidNeed);
}
function go(li) { // to an item in any tab, even when the filter hides it
  const kind = li.closest(".prs").id.slice(2);
  if (kind !== tab) show(kind, false);
  if (li.hidden) { filter.value = ""; search.value = ""; applyFilter(); }
  choose(li);
}

// -- tabs, filter ----------------------------------------------------------------------------------------
function show(kind, focus = true) {
  tab = kind;
  for (const one of TABS) {
    const on = one === kind;
    listOf(one).hidden = !on;
    const link = document.getElementById(`the-${one}`);
    link.setAttribute("aria-selected", String(on));
    if (on) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  for (const part of page.querySelectorAll(".list-filter, .keys")) part.hidden = !isList();
  remember({ the: tab, muc: "" });
  applyFilter();
  if (!isList()) { if (focus) document.getElementById(`the-${kind}`).focus(); return; }
  const before = lastOf[kind] && document.getElementById(`p-${lastOf[kind]}`);
  const all = items();
  choose(before && !before.hidden ? before : all.find((li) => li.dataset.state === "proposed") ?? all[0], { focus });
}
const isList = () => TABS.indexOf(tab) < 3;
const passes = {
  "": () => true,
  open: (li) => li.dataset.state === "proposed",
  need: (li) => "need" in li.dataset,
  kept: (li) => ["accepted", "corrected", "added"].includes(li.dataset.state),
  rejected: (li) => li.dataset.state === "rejected",
};
function applyFilter() {
  if (!isList()) return;
  const words = fold(search.value);
  const all = [...listOf(tab).querySelectorAll(".pr")];
  let shown = 0;
  for (const li of all) {
    li.hidden = !(passes[filter.value](li) && (!words || fold(li.textContent).includes(words)));
    if (!li.hidden) shown += 1;
  }
  shownCount.textContent = shown === all.length ? "" : `${shown}/${all.length}`;
}
filter.addEventListener("change", () => { applyFilter(); choose(items()[0], { focus: false }); });
search.addEventListener("input", applyFilter);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); choose(items()[0]); }
  if (event.key === "Escape") { search.value = ""; applyFilter(); choose(current() ?? items()[0]); }
});
page.querySelector("[role=tablist]").addEventListener("click", (event) => {
  const link = event.target.closest("[data-tab]");
  if (!link) return;
  event.preventDefault();
  show(link.dataset.tab);
});
for (const button of page.querySelectorAll("[data-show]")) {
  if (button === page) continue;
  button.addEventListener("click", () => {
    page.dataset.show = button.dataset.show;
    for (const other of page.querySelectorAll(".switch button")) other.setAttribute("aria-pressed", String(other === button));
    const here = current();
    if (here && button.dataset.show === "doc") scrollDocument(marksOf(here.dataset.id)[0]);
  });
}

// -- the document ----------------------------------------------------------------------------------------
function paint(li) {
  for (const mark of marksOf(li.dataset.id)) {
    const states = mark.dataset.p.split(" ").map((id) => document.getElementById(`p-${id}`)?.dataset.state);
    mark.classList.toggle("off", states.every((s) => s === "rejected"));
    mark.classList.toggle("ok", states.every((s) => s && s !== "proposed" && s !== "rejected"));
  }
}
text.addEventListener("click", (event) => {
  const mark = event.target.closest("mark[data-p]");
  if (!mark || !getSelection().isCollapsed) return;
  const ids = mark.dataset.p.split(" ");
  const here = current()?.dataset.id;
  const next = ids[(ids.indexOf(here) + 1) % ids.length]; // a second click goes to the next item of the same words
  const li = document.getElementById(`p-${next}`);
  if (li) go(li);
  if (innerWidth <= 1000) page.querySelector(".switch [data-show=list]").click();
});
page.addEventListener("click", (event) => {
  const link = event.target.closest("[data-goto]");
  if (link) {
    event.preventDefault();
    if (innerWidth <= 1000) page.querySelector(".switch [data-show=doc]").click();
    const li = link.closest(".pr");
    if (li) choose(li, { focus: false });
    else scrollDocument(document.getElementById(link.hash.slice(1)));
    return;
  }
  const li = event.target.closest(".pr");
  if (li && !event.target.closest("button, a")) choose(li);
});
function selected() { // offsets of the selected words in the document's text
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed || !text.contains(selection.anchorNode)) return null;
  const range = selection.getRangeAt(0);
  const offset = (node, at) => {
    const line = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("p[data-s]");
    if (!line) return null;
    const before = document.createRange();
    before.selectNodeContents(line);
    before.setEnd(node, at);
    return Number(line.dataset.s) + before.toString().length;
  };
  const start = offset(range.startContainer, range.startOffset), end = offset(range.endContainer, range.endOffset);
  return start !== null && end !== null && start < end ? [start, end] : null;
}

// -- steps ------------------------------------------------------------------------------------------------
const press = (li, act) => li?.querySelector(`[data-act="${act}"]`)?.click();
function addItem(query = {}) {
  const at = selected();
  const ask = new URLSearchParams({ loai: isList() ? tab : "figure", ...(at ? { tu: at[0], den: at[1] } : { dong: current()?.dataset.line ?? 1 }), ...query });
  htmx.ajax("GET", `${document.getElementById("them").href}?${ask}`, { target: "#hop-noi-dung" });
}
function showKeys() { keysDialog.showModal(); }
const STEPS = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  a: () => press(current(), "accept"), r: () => press(current(), "reject"), e: () => press(current(), "edit"),
  n: () => addItem(), u: () => { const undo = page.querySelector("[data-act=undo]"); if (undo && !undo.disabled) undo.click(); },
  g: nextNeed, "/": () => search.focus(), "?": showKeys,
};
const CHANGES = new Set(["a", "r", "e", "n", "u"]);
try { keysOn.checked = localStorage.getItem("hatangso-phim") !== "0"; } catch { /* private window: keys stay on */ }
keysOn.addEventListener("change", () => {
  try { localStorage.setItem("hatangso-phim", keysOn.checked ? "1" : "0"); } catch { /* only for this page then */ }
  say(keysOn.checked ? page.dataset.saidOn : page.dataset.saidOff);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (dialog.open || keysDialog.open || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.key.length === 1 && !keysOn.checked && key !== "?") return;
  if (key.startsWith("Arrow") && (text.contains(event.target) || event.target.closest("details, [role=tablist]") || !isList())) return;
  if (/^[1-5]$/.test(key)) { event.preventDefault(); return show(TABS[Number(key) - 1]); }
  if (!(key in STEPS) || (CHANGES.has(key) && page.dataset.open !== "1")) return;
  event.preventDefault();
  STEPS[key]();
});
page.querySelector(".keys")?.addEventListener("click", (event) => {
  const button = event.target.closest("button[type=button][data-key]");
  if (button) STEPS[button.dataset.key]();
});
for (const form of page.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
}

// -- answers of the server -----------------------------------------------------------------------------------
document.addEventListener("reviewed", (event) => {
  const { say: words, items: ids, move: onward, go: to, close } = event.detail;
  const undo = page.querySelector("[data-act=undo]");
  if (undo) undo.disabled = !document.getElementById("co-hoan-tac").hasAttribute("data-can");
  if (close && dialog.open) dialog.close();
  const changed = ids.map((id) => document.getElementById(`p-${id}`)).filter(Boolean);
  changed.forEach(paint);
  if (to) go(document.getElementById(`p-${to}`));
  else if (onward && changed[0]) moveOn(changed[0]);
  say(words);
});
document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  say(answer.status === 409 ? answer.responseText : page.dataset.saidFail, true);
});
document.addEventListener("htmx:sendError", () => say(page.dataset.saidFail, true));

// -- the dialog ------------------------------------------------------------------------------------------
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "hop-noi-dung") return;
  const form = dialog.querySelector("form");
  if (!form) return;
  const combo = form.querySelector("[data-combo]");
  if (combo) {
    combobox(combo, JSON.parse(document.getElementById("danh-muc").textContent), (choice) => {
      const unit = form.querySelector("[name=unit]"), value = form.querySelector("[name=value]");
      if (unit && !value.value.trim()) unit.value = choice.unit; // a number was written in a unit: that stays
    });
  }
  if (!dialog.open) dialog.showModal();
  (form.querySelector("[aria-invalid=true]") ?? form.querySelector("[data-combo], .grid textarea, .grid input")).focus();
});
dialog.addEventListener("close", () => { (current() ?? document.getElementById(`the-${tab}`)).focus(); });
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-dialog]")) { event.preventDefault(); return dialog.close(); }
  if (event.target.closest("[data-again-selection]")) {
    const area = dialog.querySelector("#s-dong-chu"), start = Number(area.dataset.start);
    const [a, b] = area.selectionStart < area.selectionEnd ? [area.selectionStart, area.selectionEnd] : [0, area.value.length];
    addAgain({ tu: start + a, den: start + b });
  }
});
function addAgain(query) {
  const kind = dialog.querySelector("[name=loai]:checked").value;
  htmx.ajax("GET", `${document.getElementById("them").href}?${new URLSearchParams({ loai: kind, ...query })}`, { target: "#hop-noi-dung" });
}
dialog.addEventListener("change", (event) => {
  if (event.target.matches("[data-again]")) addAgain({ tu: dialog.querySelector("[name=tu]").value, den: dialog.querySelector("[name=den]").value });
  if (event.target.matches("[data-again-line]") && /^\d+$/.test(event.target.value)) addAgain({ dong: event.target.value });
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); dialog.querySelector("form").requestSubmit(); }
  else if (event.key === "Enter" && event.target.matches("[data-again-line]")) { event.preventDefault(); event.target.blur(); }
});

// -- begin: what the server said of the last step goes where all steps are told, so that the panes keep their height
const told = [...document.querySelectorAll("main > .notice")];
if (told.length) {
  say(told.map((one) => one.textContent.trim()).join(" "));
  for (const one of told) one.remove();
}
// ---------------------------------------------------------------------------------------------------
for (const li of page.querySelectorAll(".pr")) if (li.dataset.state !== "proposed") paint(li);
const asked = document.getElementById(`p-${page.dataset.current}`);
if (asked) go(asked);
else show(tab, false);
