// What every page does: small menus, theme, copying, printing. Pages work without it; with it they are quicker.
import "./table.js";
import "./drawer.js";
import "./search.js";

document.documentElement.classList.add("js");

// small menus and warning notes: one open at a time, closed by Esc or a click outside
const SMALL = "details.menu, details.flag";
document.addEventListener("click", (event) => {
  for (const one of document.querySelectorAll(SMALL)) if (one.open && !one.contains(event.target)) one.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const one of document.querySelectorAll(SMALL)) {
    if (!one.open) continue;
    if (one.contains(document.activeElement)) one.querySelector("summary").focus();
    one.open = false;
  }
});
// a note near the edge of a scrolling table would be cut off: place it on the page instead
document.addEventListener("toggle", (event) => {
  const one = event.target;
  if (!(one instanceof HTMLDetailsElement) || !one.matches("details.flag") || !one.open) return;
  const note = one.querySelector(".flag-pop");
  const at = one.getBoundingClientRect();
  note.style.position = "fixed";
  note.style.left = `${Math.max(8, Math.min(at.right - note.offsetWidth, innerWidth - note.offsetWidth - 8))}px`;
  note.style.right = "auto";
  const below = at.bottom + 4;
  note.style.top = `${below + note.offsetHeight > innerHeight ? Math.max(8, at.top - note.offsetHeight - 4) : below}px`;
}, true);
addEventListener("scroll", () => {
  for (const one of document.querySelectorAll("details.flag[open]")) one.open = false;
}, { passive: true, capture: true });

document.querySelector("[data-theme-switch]")?.addEventListener("click", (event) => {
  const contrast = document.documentElement.dataset.theme !== "contrast";
  document.documentElement.dataset.theme = contrast ? "contrast" : "light";
  event.currentTarget.setAttribute("aria-pressed", String(contrast));
  document.cookie = `hatangso-theme=${contrast ? "contrast" : "light"};path=/;max-age=31536000;samesite=lax`;
});

document.addEventListener("click", async (event) => {
  const print_ = event.target.closest("[data-print]");
  if (print_) {
    print_.closest("details")?.removeAttribute("open");
    return print();
  }
  const fill = event.target.closest("[data-fill-user]");
  if (fill) {
    document.getElementById("id_username").value = fill.dataset.fillUser;
    document.getElementById("id_password").value = fill.dataset.fillPassword;
    return document.querySelector(".card-form .btn").focus();
  }
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  const text = document.querySelector(copy.dataset.copy).textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // plain http on another host has no clipboard: select it for Ctrl+C
    getSelection().selectAllChildren(document.querySelector(copy.dataset.copy));
    return;
  }
  const words = copy.querySelector("span");
  const before = words.textContent;
  words.textContent = copy.dataset.done;
  setTimeout(() => { words.textContent = before; }, 2000);
});

for (const select of document.querySelectorAll("[data-submit]")) {
  let last = select.value;
  // change by keyboard must not leave the page at every arrow: submit on Enter, blur or mouse choice
  let keyed = false;
  select.addEventListener("keydown", (event) => { keyed = event.key !== "Enter"; if (event.key === "Enter") select.form.requestSubmit(); });
  select.addEventListener("mousedown", () => { keyed = false; });
  select.addEventListener("change", () => { if (!keyed && select.value !== last) { last = select.value; select.form.requestSubmit(); } });
}
// the day in the top bar keeps the other parts of the address
for (const form of document.querySelectorAll("form[data-keep-query]")) {
  const go = () => {
    const field = form.querySelector("input[name=den-ngay]");
    const written = field.value.trim();
    const vietnamese = written.match(/^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/);
    const iso = vietnamese ? `${vietnamese[3]}-${vietnamese[2].padStart(2, "0")}-${vietnamese[1].padStart(2, "0")}` : written;
    const url = new URL(location.href);
    if (iso) url.searchParams.set(field.name, iso); // what is no date, the server answers in words
    else url.searchParams.delete(field.name);
    location.assign(url);
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); go(); });
}
