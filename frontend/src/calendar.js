// <month-grid data-move="/posts/{id}/day/">: items move between days by dragging or with Alt and the arrow keys.
import { all, csrf, one, say, toast } from "./page.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

class MonthGrid extends HTMLElement {
  connectedCallback() {
    for (const type of ["dragstart", "dragover", "dragend", "drop", "keydown"]) this.addEventListener(type, this);
  }

  handleEvent(event) {
    const cell = event.target.closest("td[data-day]");
    if (event.type === "dragstart") this.held = event.target.closest("[data-item]");
    else if (event.type === "dragover" && cell && this.held) this.hover(event, cell);
    else if (event.type === "drop" && cell && this.held) this.move(event, this.held, cell);
    else if (event.type === "keydown") this.step(event, cell);
    if (event.type === "drop" || event.type === "dragend") this.unmark();
  }

  hover(event, cell) {
    event.preventDefault();
    this.unmark();
    cell.classList.add("over");
  }

  unmark() {
    for (const cell of all("td.over", this)) cell.classList.remove("over");
  }

  step(event, cell) {
    const item = event.target.closest("[data-item]");
    if (!item || !event.altKey || !(event.key in STEPS)) return;
    const days = all("td[data-day]", this);
    const target = days[days.indexOf(cell) + STEPS[event.key]];
    event.preventDefault();
    if (target) this.move(event, item, target).then(() => item.focus());
  }

  async move(event, item, target) {
    event.preventDefault();
    const from = item.closest("td[data-day]");
    if (from === target) return;
    this.place(item, target);
    const answer = await this.send(item, target.dataset.day);
    if (answer.ok) {
      const undo = () => {
        this.place(item, from);
        this.send(item, from.dataset.day);
      };
      toast(say("moved", { day: target.dataset.day }), { undo });
    } else {
      this.place(item, from);
      toast((await reason(answer)) || say("failed"), { level: "bad" });
    }
  }

  send(item, day) {
    const url = this.dataset.move.replace("{id}", item.dataset.item);
    const body = new URLSearchParams({ day });
    return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
  }

  place(item, cell) {
    one("ul", cell).append(item.closest("li"));
    for (const day of all("td[data-day]", this)) {
      const cap = one("[data-cap]", day);
      if (!cap) continue;
      const used = all("[data-item]", day).length;
      cap.textContent = `${used}/${cap.dataset.cap}`;
      cap.classList.toggle("full", used > Number(cap.dataset.cap));
    }
  }
}
customElements.define("month-grid", MonthGrid);

async function reason(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return one("[data-error]", page)?.textContent.trim();
}
