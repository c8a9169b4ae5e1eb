// Lists: a selection that survives paging and filtering swaps, chosen columns, density.
import { all, exact, one } from "./page.js";

const kept = (key) => {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
};

/**
 * <bulk-table data-key="members" data-of="signature of the filter" data-total="8774">
 * Rows hold input[data-row], the head input[data-page], the bar .bulkbar with [data-count], [data-every], [data-none].
 * Every form inside gets input[name=ids] (comma separated) and input[name=every] ("1" for all that match) filled in.
 */
class BulkTable extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this);
    this.addEventListener("click", this);
    this.onSwap = () => this.isConnected && this.load();
    document.addEventListener("htmx:after:swap", this.onSwap);
    this.load();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:after:swap", this.onSwap);
  }

  // The part a page swap brings in may carry a new filter: [data-of] inside wins over our own attribute.
  get of() {
    return one("[data-of]", this)?.dataset.of ?? this.dataset.of ?? "";
  }

  get total() {
    return Number(one("[data-total]", this)?.dataset.total ?? this.dataset.total ?? 0);
  }

  load() {
    const was = kept(`bulk:${this.dataset.key}`);
    const same = was.of === this.of;
    this.ids = new Set(same ? was.ids : []);
    this.every = same && Boolean(was.every);
    this.show();
  }

  handleEvent(event) {
    const box = event.target;
    if (event.type === "change" && box.matches("[data-row]")) this.mark(box, event);
    else if (event.type === "change" && box.matches("[data-page]")) {
      for (const row of all("[data-row]", this)) this.mark({ value: row.value, checked: box.checked });
    } else if (event.type === "click" && box.closest("[data-every]")) this.every = true;
    else if (event.type === "click" && box.closest("[data-none]")) this.clear();
    else return;
    this.keep();
    this.show();
  }

  mark({ value, checked }) {
    if (this.every && !checked) {
      this.every = false;
      this.ids = new Set(all("[data-row]", this).map((row) => row.value));
    }
    if (checked) this.ids.add(value);
    else this.ids.delete(value);
  }

  clear() {
    this.every = false;
    this.ids.clear();
  }

  keep() {
    const state = { of: this.of, ids: [...this.ids], every: this.every };
    sessionStorage.setItem(`bulk:${this.dataset.key}`, JSON.stringify(state));
  }

  show() {
    const rows = all("[data-row]", this);
    for (const row of rows) {
      row.checked = this.every || this.ids.has(row.value);
      row.closest("tr, li")?.classList.toggle("sel", row.checked);
    }
    const ticked = rows.filter((row) => row.checked).length;
    const head = one("[data-page]", this);
    if (head) {
      head.checked = rows.length > 0 && ticked === rows.length;
      head.indeterminate = ticked > 0 && ticked < rows.length;
    }
    const count = this.every ? this.total : this.ids.size;
    for (const bar of all(".bulkbar", this)) bar.hidden = !count;
    for (const place of all("[data-count]", this)) place.textContent = exact(count);
    for (const button of all("[data-every]", this)) button.hidden = this.every || this.total <= this.ids.size;
    for (const input of all("input[name=ids]", this)) input.value = this.every ? "" : [...this.ids].join(",");
    for (const input of all("input[name=every]", this)) input.value = this.every ? "1" : "";
  }
}
customElements.define("bulk-table", BulkTable);

/**
 * <data-table data-key="members">: inputs [data-col=name] hide cells [data-c=name]; [data-density] toggles row height.
 * Both are remembered in this browser, by key.
 */
class DataTable extends HTMLElement {
  connectedCallback() {
    this.store = `table:${this.dataset.key}`;
    this.state = { off: [], dense: false, ...JSON.parse(localStorage.getItem(this.store) ?? "{}") };
    this.addEventListener("change", this);
    this.addEventListener("click", this);
    this.onSwap = () => this.isConnected && this.show();
    document.addEventListener("htmx:after:swap", this.onSwap);
    this.show();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:after:swap", this.onSwap);
  }

  handleEvent(event) {
    const col = event.target.closest("[data-col]");
    if (event.type === "change" && col) {
      this.state.off = this.state.off.filter((name) => name !== col.dataset.col);
      if (!col.checked) this.state.off.push(col.dataset.col);
    } else if (event.type === "click" && event.target.closest("[data-density]")) {
      this.state.dense = !this.state.dense;
    } else return;
    localStorage.setItem(this.store, JSON.stringify(this.state));
    this.show();
  }

  show() {
    this.classList.toggle("dense", this.state.dense);
    for (const button of all("[data-density]", this)) button.setAttribute("aria-pressed", String(this.state.dense));
    for (const box of all("[data-col]", this)) box.checked = !this.state.off.includes(box.dataset.col);
    for (const cell of all("[data-c]", this)) cell.hidden = this.state.off.includes(cell.dataset.c);
  }
}
customElements.define("data-table", DataTable);
