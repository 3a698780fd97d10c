// Choosing or dropping a file; what the server would refuse at once is said before anything is sent.
const form = document.querySelector("form.upload");
document.querySelector("[data-focus]")?.focus();

if (form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
  const chosen = form.querySelector("[data-chosen]");
  const problem = form.querySelector("[data-problem]");
  const send = form.querySelector("[data-send]");

  const say = (text) => { problem.textContent = text; problem.hidden = !text; };
  function check() {
    const file = input.files[0];
    chosen.hidden = !file;
    if (!file) return false;
    const mb = file.size / 1048576;
    chosen.textContent = `${file.name} · ${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(mb < 1 ? file.size / 1024 : mb)} ${mb < 1 ? "KB" : "MB"}`;
    const limit = Number(form.dataset.limit);
    if (file.size > limit) say(form.dataset.tooLarge.replace("{size}", Math.floor(mb)).replace("{limit}", Math.floor(limit / 1048576)));
    else if (!file.size) say(form.dataset.empty);
    else { say(""); return true; }
    return false;
  }
  input.addEventListener("change", () => { if (check()) send.focus(); });
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    if (check()) send.focus();
  });
  form.addEventListener("submit", (event) => {
    if (!check()) { event.preventDefault(); input.focus(); return; }
    send.disabled = true;
    send.querySelector("span").textContent = form.dataset.sending;
  });
  addEventListener("pageshow", () => { send.disabled = false; });
}
