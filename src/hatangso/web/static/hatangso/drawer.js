// The why-panel: a modal dialog at the right (the browser keeps the focus inside, Esc closes), deep-linkable.
import { remember } from "./table.js";

const drawer = document.getElementById("vi-sao");
if (drawer) {
  const content = document.getElementById("vi-sao-noi-dung");
  let opener = null;

  const show = () => {
    if (drawer.open) drawer.close();
    drawer.showModal();
    drawer.scrollTop = 0;
    document.getElementById("vi-sao-ten")?.focus({ preventScroll: true });
  };
  if (drawer.hasAttribute("data-open")) {
    drawer.removeAttribute("open");
    show();
  }
  let inside = false;
  document.addEventListener("htmx:beforeRequest", (event) => {
    inside = drawer.open && drawer.contains(event.detail.elt);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== content) return;
    if (inside) { // another page or another day of the same proof; what asked for it is gone by now
      drawer.scrollTop = 0;
      document.getElementById("vi-sao-ten")?.focus({ preventScroll: true });
      return;
    }
    opener = event.detail.requestConfig.elt;
    show();
    remember({ "vi-sao": opener.dataset.why });
  });
  const address = (from) => from.href ?? `${from.action}?${new URLSearchParams(new FormData(from))}`;
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failure, (event) => {
      if (event.detail.target === content) location.assign(address(event.detail.elt)); // the full page says what is wrong
    });
  }
  drawer.addEventListener("close", () => {
    const id = new URL(location.href).searchParams.get("vi-sao");
    remember({ "vi-sao": "" });
    (opener ?? document.querySelector(`[data-why="${CSS.escape(id ?? "")}"]`))?.focus();
    opener = null;
  });
  drawer.querySelector("[data-close]").addEventListener("click", (event) => { event.preventDefault(); drawer.close(); });
  drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
}
