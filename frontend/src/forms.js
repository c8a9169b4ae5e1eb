// Small parts of forms: one-tap copy, file drop, leaving with unsaved changes, job progress.
import { all, copy, one, say, toast } from "./page.js";

/** <copy-text>: a [data-copy] button copies the text of [data-source], or of the attribute `text`. */
class CopyText extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (!event.target.closest("[data-copy]")) return;
      copy(this.getAttribute("text") ?? one("[data-source]", this).innerText).catch(() => this.select());
    });
  }

  // Without clipboard rights (plain http, old web views) the text is selected for a manual copy.
  select() {
    const source = one("[data-source]", this);
    if (source) getSelection().selectAllChildren(source);
    toast(say("copy_by_hand"), { level: "warn" });
  }
}
customElements.define("copy-text", CopyText);

const UNITS = ["B", "KB", "MB", "GB"];

function size(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit && value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** <file-drop data-max="bytes">: shows names and sizes of what was chosen, and refuses what is too large. */
class FileDrop extends HTMLElement {
  connectedCallback() {
    this.input = one("input[type=file]", this);
    this.list = one("ul", this);
    this.input.addEventListener("change", () => this.show());
    for (const type of ["dragenter", "dragover"]) this.addEventListener(type, () => this.classList.add("over"));
    for (const type of ["dragleave", "drop"]) this.addEventListener(type, () => this.classList.remove("over"));
  }

  show() {
    const most = Number(this.dataset.max || Infinity);
    const files = [...this.input.files];
    this.list.replaceChildren(...files.map((file) => this.line(file, file.size > most)));
    const large = files.find((file) => file.size > most);
    this.input.setCustomValidity(large ? say("too_large", { name: large.name, most: size(most) }) : "");
    if (large) this.input.reportValidity();
  }

  line(file, over) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const weight = document.createElement("span");
    item.classList.toggle("over", over);
    name.textContent = file.name;
    weight.textContent = size(file.size);
    weight.className = "nowrap tabular";
    item.append(name, weight);
    return item;
  }
}
customElements.define("file-drop", FileDrop);

// Filters left open have no business in the address.
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method !== "GET" || !event.target.matches("form")) return;
  for (const [name, value] of [...ctx.request.body]) if (value === "") ctx.request.body.delete(name);
});

const changed = new Set();
const guarded = (event) => event.target.closest?.("form[data-guard]");

document.addEventListener("input", (event) => guarded(event) && changed.add(guarded(event)));
document.addEventListener("submit", (event) => changed.delete(event.target));
document.addEventListener("htmx:after:swap", () => {
  for (const form of changed) if (!form.isConnected) changed.delete(form);
});
addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

const running = new Set();

// A page brought back from the browser's memory must be usable again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of all("form[data-once] [type=submit]")) button.disabled = false;
});

/** <job-progress data-job data-state data-done data-next>: htmx polls and replaces it; the end is announced once. */
class JobProgress extends HTMLElement {
  connectedCallback() {
    const { job, state, done, next } = this.dataset;
    if (state === "running") running.add(job);
    else if (running.delete(job)) toast(done, { level: state === "failed" ? "bad" : "ok", href: next });
  }
}
customElements.define("job-progress", JobProgress);

// A double tap must not send twice: the button rests once its form is on the way.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-once]") || event.defaultPrevented) return;
  setTimeout(() => all("[type=submit]", event.target).forEach((button) => (button.disabled = true)));
});
