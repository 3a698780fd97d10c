// Quick search: Ctrl+K, arrows, Enter. A combobox over the server's suggestions.
const input = document.getElementById("tim-nhanh");
const list = document.getElementById("goi-y");

if (input && list) {
  const status = document.querySelector("[data-suggest-status]");
  let asked = 0, timer = 0, active = -1;
  const options = () => [...list.querySelectorAll("a")];

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function mark(index) {
    const all = options();
    if (!all.length) return;
    active = (index + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }
  function draw(groups) {
    list.replaceChildren();
    let n = 0;
    for (const group of groups) {
      const box = document.createElement("div");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", group.title);
      const title = document.createElement("p");
      title.textContent = group.title;
      title.setAttribute("role", "presentation");
      box.append(title);
      for (const item of group.items) {
        const link = document.createElement("a");
        link.href = item.url;
        link.id = `goi-y-${n++}`;
        link.setAttribute("role", "option");
        link.setAttribute("aria-selected", "false");
        link.tabIndex = -1;
        const label = document.createElement("span");
        label.textContent = item.label;
        const detail = document.createElement("small");
        detail.textContent = item.detail;
        link.append(label, detail);
        box.append(link);
      }
      list.append(box);
    }
    if (!n) {
      const none = document.createElement("p");
      none.textContent = input.dataset.none;
      list.append(none);
    }
    status.textContent = `${n} ${status.dataset.said}`;
    list.hidden = false;
    active = -1;
    input.setAttribute("aria-expanded", "true");
  }
  async function ask() {
    const query = input.value.trim();
    if (query.length < 2) return close();
    const mine = ++asked;
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(query)}&ke-hoach=${input.dataset.plan ?? ""}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return close();
      const { groups } = await answer.json();
      if (mine === asked && document.activeElement === input) draw(groups);
    } catch {
      close(); // Enter still opens the search page, which says what is wrong
    }
  }
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); mark(active + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(active - 1); }
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) { event.preventDefault(); location.assign(options()[active].href); }
  });
  input.addEventListener("focusout", (event) => { if (!list.contains(event.relatedTarget)) setTimeout(close, 150); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
}
