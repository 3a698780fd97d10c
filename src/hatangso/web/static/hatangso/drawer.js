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
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== content) return;
    const asked = event.detail.requestConfig.elt;
    if (drawer.contains(asked) && drawer.open) { // another page or another day of the same proof
      drawer.scrollTop = 0;
      document.getElementById("vi-sao-ten")?.focus({ preventScroll: true });
      return;
    }
    opener = asked;
    show();
    remember({ "vi-sao": opener.dataset.why });
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.target === content) location.assign(event.detail.elt.href); // the full page says what is wrong
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.target === content) location.assign(event.detail.elt.href);
  });
  drawer.addEventListener("close", () => {
    const id = new URL(location.href).searchParams.get("vi-sao");
    remember({ "vi-sao": "" });
    (opener ?? document.querySelector(`[data-why="${CSS.escape(id ?? "")}"]`))?.focus();
    opener = null;
  });
  drawer.querySelector("[data-close]").addEventListener("click", (event) => { event.preventDefault(); drawer.close(); });
  drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
}
