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

/** Of each step its share of the first and of the step before, both with what they are shares of; null where not known. */
export function stepShares(list) {
  return list.map((step, at) => {
    if (!at || step.value === null) return { first: null, before: null };
    const of = (base) => ({ n: step.value, of: base, share: base ? step.value / base : null });
    return { first: of(step.of ?? list[0].value), before: of(step.before ?? list[at - 1].value) };
  });
}

function shareText(key, part, isWorst) {
  const value = part.share === null ? "—" : percent(part.share);
  const text = element("span", isWorst ? "worst" : "", say(key, { value, n: exact(part.n), of: exact(part.of) }));
  if (part.of >= FEW) return text;
  text.className = "few";
  text.title = say("few", { n: part.of });
  return text;
}

function stepItem(step, { first, before }, isWorst) {
  const name = element("span", "name", link(step.href, step.name));
  if (step.window) name.append(element("small", "", step.window));
  if (step.value === null) return element("li", "blank", name, element("span", "val", "—"), element("span", "part", step.reason ?? ""));
  const fill = element("i");
  fill.style.width = `${Math.min(100, (first ? (first.share ?? 0) : 1) * 100)}%`;
  const part = first && element("span", "part", shareText("step_first", first), shareText("step_before", before, isWorst));
  if (part && step.lost) part.append(link(step.lost_href, say("step_lost", { n: exact(step.lost) })));
  return element("li", "", name, element("span", "bar", fill), element("span", "val", link(step.href, exact(step.value))), part);
}

/** {steps: [{name, value|null, href?, window?, of?, before?, lost?, lost_href?, reason?}]}: the largest loss is marked. */
export function steps(data) {
  const shares = stepShares(data.steps);
  const kept = shares.map(({ before }) => (before?.of >= FEW ? before.share : 1));
  const worst = kept.indexOf(Math.min(...kept));
  return [element("ol", "steps", ...data.steps.map((step, at) => stepItem(step, shares[at], at === worst)))];
}

export const GRIDS = { retention, heatmap, steps };
