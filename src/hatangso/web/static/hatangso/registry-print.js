// A3: the map is drawn at the size of the sheet, its picture put where the live map was, and the sheet handed to the
// printer; header, legend, scale and north stand on the same page.
const SHEET = { width: 1500, height: 800 }; // CSS pixels of 397 x 212 mm

export function readyToPrint(map, place) {
  const image = Object.assign(document.createElement("img"), { className: "mapimage", alt: "" });
  image.hidden = true;
  place.append(image);
  let ready = false;

  const picture = () => { image.src = map.getCanvas().toDataURL("image/png"); image.hidden = false; };
  const idle = () => new Promise((done) => { map.once("idle", done); map.triggerRepaint(); setTimeout(done, 8000); });

  async function prepare() {
    const bounds = map.getBounds();
    document.documentElement.classList.add("printing");
    map.resize();
    map.fitBounds(bounds, { duration: 0, padding: 0 });
    await idle();
    picture();
    await image.decode().catch(() => null);
    ready = true;
    document.documentElement.dataset.printReady = "1";
  }
  function restore() {
    if (!document.documentElement.classList.contains("printing")) return;
    document.documentElement.classList.remove("printing");
    delete document.documentElement.dataset.printReady;
    image.hidden = true;
    image.removeAttribute("src");
    ready = false;
    map.resize();
  }
  document.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-print-map]")) return;
    await prepare();
    print();
  });
  addEventListener("beforeprint", () => { // Ctrl+P: no time to wait, what is drawn already is taken
    if (ready) return;
    document.documentElement.classList.add("printing");
    map.resize();
    map.redraw();
    picture();
  });
  addEventListener("afterprint", restore);
  place.hatangsoPrint = { prepare, restore, SHEET };
}
