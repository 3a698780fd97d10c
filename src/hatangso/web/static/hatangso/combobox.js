// A text field with a list under it: type without accents, arrows, Enter.  Choices come from a JSON script on the page.
import { fold } from "./text.js";

const SHOWN = 12;

export function combobox(input, choices, chosen) {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const ready = choices.map((c) => ({ ...c, folded: fold(`${c.name} ${c.words}`), name_: fold(c.name) }));
  let active = -1, options = [];

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function mark(index) {
    if (!options.length) return;
    active = (index + options.length) % options.length;
    options.forEach((o, i) => o.node.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", options[active].node.id);
    options[active].node.scrollIntoView({ block: "nearest" });
  }
  function take(option) {
    input.value = option.choice.name;
    close();
    chosen?.(option.choice);
  }
  function open() {
    const words = fold(input.value).split(" ").filter(Boolean);
    const found = ready
      .filter((c) => words.every((w) => c.folded.includes(w)))
      .sort((a, b) => Number(words.every((w) => b.name_.includes(w))) - Number(words.every((w) => a.name_.includes(w))))
      .slice(0, SHOWN);
    options = found.map((choice, i) => {
      const node = document.createElement("a");
      node.id = `${list.id}-${i}`;
      node.setAttribute("role", "option");
      node.setAttribute("aria-selected", "false");
      const name = document.createElement("span");
      name.textContent = choice.name;
      const unit = document.createElement("small");
      unit.textContent = choice.unitName;
      node.append(name, unit);
      node.addEventListener("mousedown", (event) => { event.preventDefault(); take({ choice }); });
      return { node, choice };
    });
    list.replaceChildren(...options.map((o) => o.node));
    list.hidden = !options.length;
    active = -1;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }
  input.addEventListener("input", open);
  input.addEventListener("blur", () => setTimeout(close, 120));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); if (list.hidden) open(); mark(active + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(active - 1); }
    else if (event.key === "Enter" && active >= 0 && !event.ctrlKey) { event.preventDefault(); take(options[active]); }
    else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); }
  });
}
