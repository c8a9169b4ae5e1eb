// The charts that are really tables or lists: retention triangle, week grid, steps. Built as DOM, so that cells are links.
import { exact, say } from "./page.js";

export const FEW = 30;

const percent = (share) => `${(share * 100).toFixed(1)}%`;

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function link(href, content) {
  if (!href) return element("span", "", content);
  const node = element("a", "", content);
  node.href = href;
  return node;
}

function heading(text, scope) {
  const node = element("th", "", text);
  node.scope = scope;
  return node;
}

function headRow(first, columns) {
  return element("thead", "", element("tr", "", heading(first, "col"), ...columns.map((name) => heading(name, "col"))));
}

const shade = (value, low, high) => `q${Math.round(((value - low) / (high - low || 1)) * 8)}`;

function retentionCell(row, at, data, low, high) {
  const value = row.values[at];
  if (value === null || value === undefined) return element("td");
  const few = (row.n ?? Infinity) < FEW;
  const label = say("retention_cell", { row: row.label, n: exact(row.n), col: data.cols[at], value: percent(value) });
  const text = `${(value * 100).toFixed(0)}%`;
  const cell = element("td", few ? "few" : shade(value, low, high), link(row.hrefs?.[at], text));
  cell.title = few ? `${label} · ${say("few", { n: row.n })}` : label;
  return cell;
}

/** {cols: [..], rows: [{label, n, values: [share|null], hrefs?: [..]}]}: null stays an empty cell. */
export function retention(data) {
  const known = data.rows.flatMap((row) => ((row.n ?? FEW) < FEW ? [] : row.values)).filter((value) => value !== null);
  const low = Math.min(...known, 1);
  const high = Math.max(...known, 0);
  const body = data.rows.map((row) => {
    const name = heading(row.label, "row");
    name.append(element("small", "", `n=${exact(row.n)}`));
    return element("tr", "", name, ...data.cols.map((_, at) => retentionCell(row, at, data, low, high)));
  });
  return [element("table", "cells", headRow(data.head ?? say("cohort"), data.cols), element("tbody", "", ...body))];
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

function scale(low, high) {
  const steps = [0, 2, 4, 6, 8].map((step) => element("i", `q${step}`));
  return element("div", "scale", exact(low), ...steps, exact(high));
}

/** {rows: ["周一", …], values: [[24 numbers] × 7], hrefs?: same shape, unit}: darker is more. */
export function heatmap(data) {
  const numbers = data.values.flat().filter((value) => value !== null);
  const high = Math.max(...numbers, 1);
  const body = data.rows.map((day, row) => {
    const cells = HOURS.map((hour) => {
      const value = data.values[row][hour];
      if (value === null || value === undefined) return element("td");
      const label = `${day} ${hour}:00 · ${exact(value)}${data.unit ?? ""}`;
      const cell = element("td", shade(value, 0, high), link(data.hrefs?.[row]?.[hour], element("span", "sr", label)));
      cell.title = label;
      return cell;
    });
    return element("tr", "", heading(day, "row"), ...cells);
  });
  const hours = HOURS.map((hour) => (hour % 3 ? "" : String(hour)));
  const table = element("table", "cells week", headRow("", hours), element("tbody", "", ...body));
  for (const th of table.querySelectorAll("thead th")) if (!th.textContent) th.replaceWith(element("td"));
  return [table, scale(0, high)];
}

/** [{name, value, href?}] or {steps: [...]}: each step against the first; the largest loss is marked. */
export function steps(data) {
  const list = data.steps ?? data;
  const first = list[0]?.value || 1;
  const kept = list.map((step, at) => (at && list[at - 1].value ? step.value / list[at - 1].value : 1));
  const worst = kept.indexOf(Math.min(...kept));
  const items = list.map((step, at) => {
    const fill = element("i");
    fill.style.width = `${Math.min(100, (step.value / first) * 100)}%`;
    const value = element("span", "val", element("b", "", exact(step.value)));
    if (at) value.append(element("small", at === worst ? "worst" : "", `↓ ${percent(kept[at])}`));
    return element("li", "", link(step.href, step.name), element("span", "bar", fill), value);
  });
  for (const item of items) item.firstElementChild.classList.add("name");
  return [element("ol", "steps", ...items)];
}

export const GRIDS = { retention, heatmap, steps };
