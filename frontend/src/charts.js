// <x-chart kind="line"><script type="application/json">…</script></x-chart>: drawn when it comes into view.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { GRIDS, stepShares } from "./grids.js";
import { copy, isChinese, one, save, say } from "./page.js";
import { asBlob, paint } from "./paint.js";
import { palette, PLOTS, shown } from "./plots.js";

use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, LegendScrollComponent]);
use([MarkAreaComponent, MarkLineComponent, TitleComponent, TooltipComponent, CanvasRenderer]);

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** The chart's numbers as rows of text, the first row being the head. */
function rowsOf(kind, data) {
  const share = (value) => shown(value, "%");
  if (kind === "retention") {
    const head = [data.head ?? say("cohort"), "n", ...data.cols];
    return [head, ...data.rows.map((row) => [row.label, String(row.n), ...data.cols.map((_, at) => share(row.values[at]))])];
  }
  if (kind === "heatmap") {
    return [[say("item"), ...data.values[0].map((_, hour) => `${hour}:00`)], ...data.rows.map((day, at) => [day, ...data.values[at].map((value) => shown(value))])];
  }
  if (kind === "steps") {
    const parts = stepShares(data.steps).map(({ first, before }) => [first, before].flatMap((part) => (part ? [share(part.share), shown(part.of)] : ["", ""])));
    const head = ["step", "value", "of_first", "base", "of_before", "base"].map((key) => say(key));
    return [head, ...data.steps.map((step, at) => [step.name, shown(step.value), ...parts[at]])];
  }
  const head = [data.axis ?? say("item"), ...data.series.map((series) => series.name)];
  return [head, ...data.x.map((x, at) => [x, ...data.series.map((series) => shown(series.values[at], data.unit))])];
}

// A spreadsheet runs cells that begin with these signs; a leading apostrophe makes them text.
const harmless = (cell) => (/^[=+\-@\t\r]/.test(cell) && !/^-[\d.,]+%?$/.test(cell) ? `'${cell}` : cell);

const csvOf = (rows) =>
  `\ufeff${rows.map((row) => row.map((cell) => `"${harmless(cell).replaceAll('"', '""')}"`).join(",")).join("\r\n")}`;

function tableOf(rows) {
  const table = document.createElement("table");
  table.className = "list";
  rows.forEach((row, at) => {
    const line = (at ? table.tBodies[0] ?? table.createTBody() : table.createTHead()).insertRow();
    row.forEach((text, column) => {
      const cell = document.createElement(at && column ? "td" : "th");
      cell.textContent = text;
      if (cell.tagName === "TH") cell.scope = at ? "row" : "col";
      if (column) cell.className = "num";
      line.append(cell);
    });
  });
  return table;
}

class XChart extends HTMLElement {
  connectedCallback() {
    this.data = JSON.parse(one("script", this).textContent);
    this.kind = this.getAttribute("kind");
    this.plot = one(".plot", this) ?? this.appendChild(Object.assign(document.createElement("div"), { className: "plot" }));
    this.card = this.closest(".card, figure") ?? this;
    this.onTool = (event) => this.tool(event.target.closest("[data-chart]"));
    this.card.addEventListener("click", this.onTool);
    this.onTheme = () => this.chart && this.draw();
    document.addEventListener("themechange", this.onTheme);
    if (this.kind in GRIDS) this.drawGrid();
    else this.waitForSight();
  }

  disconnectedCallback() {
    this.card.removeEventListener("click", this.onTool);
    document.removeEventListener("themechange", this.onTheme);
    this.sight?.disconnect();
    this.sizes?.disconnect();
    this.chart?.dispose();
    this.chart = undefined;
  }

  drawGrid() {
    this.classList.add("grid-kind");
    this.plot.replaceChildren(...GRIDS[this.kind](this.data));
    this.plot.tabIndex = 0; // it scrolls sideways on a phone, so the keyboard must reach it
    this.plot.setAttribute("role", "group");
    this.plot.setAttribute("aria-label", this.card?.querySelector("h2, h3")?.textContent ?? this.kind);
    this.dataset.ready = "1";
  }

  waitForSight() {
    this.sight = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.sight.disconnect();
        this.draw();
      },
      { rootMargin: "160px" },
    );
    this.sight.observe(this);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.plot);
    this.onPrint = () => this.chart ?? this.draw();
    addEventListener("beforeprint", this.onPrint, { once: true });
  }

  draw() {
    this.chart?.dispose();
    this.chart = init(this.plot, null, { renderer: "canvas", locale: isChinese() ? "ZH" : "EN" });
    this.chart.setOption(this.option);
    this.chart.getZr().flush(); // A print does not wait for the next frame.
    this.plot.setAttribute("role", "img");
    this.chart.on("click", (point) => this.follow(point));
    this.dataset.ready = "1";
  }

  get option() {
    const ink = palette(this);
    const general = { withTitle: `${this.name}. `, withoutTitle: `${this.name}. ` };
    const size = { width: this.plot.clientWidth, height: this.plot.clientHeight };
    return {
      textStyle: { fontFamily: ink.font },
      animation: !still.matches,
      animationDuration: 450,
      aria: { enabled: true, label: { general }, decal: { show: this.wantsPattern } },
      ...PLOTS[this.kind](this.data, ink, size),
    };
  }

  fit() {
    if (!this.plot.clientWidth) return; // Hidden behind the table: a chart without size could not be saved as a picture.
    this.chart?.resize();
    if (this.kind === "donut") this.chart?.setOption({ ...this.option, animation: false });
  }

  // Areas that touch need more than colour to be told apart; lines have symbols and dashes instead.
  get wantsPattern() {
    return ["stack", "donut"].includes(this.kind) || (this.kind === "bar" && this.data.series.length > 1);
  }

  follow(point) {
    const at = point.dataIndex ?? this.data.x.indexOf(point.value);
    const href = this.data.series[point.seriesIndex]?.hrefs?.[at] ?? this.data.hrefs?.[at];
    if (href) location.assign(href);
  }

  tool(button) {
    const deed = button?.dataset.chart;
    const rows = deed && rowsOf(this.kind, this.data);
    if (deed === "table") this.toggleTable(button, rows);
    if (deed === "copy") copy(rows.map((row) => row.join("\t")).join("\n"));
    if (deed === "csv") save(new Blob([csvOf(rows)], { type: "text/csv;charset=utf-8" }), `${this.name}.csv`);
    if (deed === "png") this.picture();
  }

  get name() {
    return this.getAttribute("name") || this.kind;
  }

  toggleTable(button, rows) {
    const old = one(".as-table", this);
    this.plot.hidden = !old;
    button.setAttribute("aria-pressed", String(!old));
    if (old) return old.remove();
    const frame = document.createElement("div");
    frame.className = "as-table";
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", this.name);
    frame.append(tableOf(rows));
    this.append(frame);
  }

  async picture() {
    const ground = palette(this).card;
    const canvas = this.chart
      ? this.chart.renderToCanvas({ pixelRatio: 2, backgroundColor: ground })
      : await paint(this.plot, ground);
    save(await asBlob(canvas), `${this.name}.png`);
  }
}
customElements.define("x-chart", XChart);
