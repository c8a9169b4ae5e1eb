// ECharts settings for line, bar, stack, histogram and donut. One data shape: {x, series: [{name, values, …}], …}.
import { exact, say, short } from "./page.js";

const DASH = [6, 4];
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin", "arrow"];

/** The colours of the theme that `host` stands in. */
export function palette(host) {
  const style = getComputedStyle(host);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    series: [1, 2, 3, 4, 5, 6, 7].map((n) => token(`--s${n}`)),
    text: token("--c-2"),
    faint: token("--c-3"),
    line: token("--line"),
    card: token("--card"),
    raise: token("--raise"),
    strong: token("--c-1"),
    warn: token("--warn"),
    font: style.fontFamily,
  };
}

export const shown = (value, unit) => {
  if (value === null || value === undefined) return "—";
  return unit === "%" ? `${(value * 100).toFixed(1)}%` : `${exact(value)}${unit ?? ""}`;
};

const axisText = (unit) => (value) => (unit === "%" ? `${Math.round(value * 1000) / 10}%` : short(value));

const tip = (ink, unit) => ({
  renderMode: "richText",
  confine: true,
  backgroundColor: ink.raise,
  borderColor: ink.line,
  padding: [8, 12],
  textStyle: { color: ink.strong, fontSize: 12, lineHeight: 20 },
  valueFormatter: (value) => shown(value, unit),
});

const legend = (ink) => ({
  top: 0,
  right: 0,
  left: 0,
  align: "left",
  type: "scroll",
  icon: "roundRect",
  itemWidth: 12,
  itemHeight: 4,
  textStyle: { color: ink.text, fontSize: 12 },
  pageTextStyle: { color: ink.faint },
  pageIconColor: ink.text,
});

function frame(data, ink) {
  const many = data.series.length > 1;
  const flat = { axisTick: { show: false }, axisLine: { lineStyle: { color: ink.line } } };
  const names = {
    type: "category",
    data: data.x,
    ...flat,
    axisLabel: { color: ink.faint, hideOverlap: true, fontSize: 11.5 },
    triggerEvent: Boolean(data.hrefs),
  };
  const values = {
    type: "value",
    scale: Boolean(data.scale),
    splitNumber: 4,
    splitLine: { lineStyle: { color: ink.line, type: [3, 4] } },
    axisLabel: { color: ink.faint, formatter: axisText(data.unit), fontSize: 11.5 },
  };
  return {
    color: ink.series,
    grid: { left: 4, right: 12, top: many ? 34 : 14, bottom: 2, containLabel: true },
    legend: many ? legend(ink) : { show: false },
    tooltip: { trigger: "axis", axisPointer: { type: "line", lineStyle: { color: ink.faint } }, ...tip(ink, data.unit) },
    xAxis: data.horizontal ? values : names,
    yAxis: data.horizontal ? { ...names, inverse: true } : values,
  };
}

const marked = (data, ink) => ({
  silent: true,
  itemStyle: { color: ink.series[3], opacity: 0.11 },
  label: { color: ink.warn, fontSize: 11, position: "insideTop" },
  data: (data.marks ?? []).map((mark) => [{ name: mark.name, xAxis: mark.from }, { xAxis: mark.to }]),
});

const goal = (data, ink) => ({
  silent: true,
  symbol: "none",
  lineStyle: { color: ink.warn, type: "dotted", width: 1.5 },
  label: { color: ink.warn, formatter: `${say("goal")} ${shown(data.goal, data.unit)}`, position: "insideEndTop" },
  data: [{ yAxis: data.goal }],
});

function lineSeries(series, at, data, ink) {
  const partial = data.partial && !series.compare;
  const values = partial ? [...series.values.slice(0, -1), null] : series.values;
  const colour = ink.series[(series.compare ? (series.of ?? 0) : at) % ink.series.length];
  const base = { name: series.name, type: "line", smooth: 0.22, connectNulls: false, color: colour, emphasis: { disabled: true } };
  const main = {
    ...base,
    data: values,
    symbol: SYMBOLS[at % SYMBOLS.length],
    symbolSize: 7,
    showSymbol: values.filter((value) => value !== null).length < 2,
    lineStyle: series.compare ? { width: 1.5, type: DASH, opacity: 0.75 } : { width: 2.25 },
    areaStyle: at === 0 && !series.compare ? { opacity: 0.09 } : undefined,
    markArea: at === 0 && data.marks ? marked(data, ink) : undefined,
    markLine: at === 0 && data.goal !== undefined && data.goal !== null ? goal(data, ink) : undefined,
  };
  if (!partial) return [main];
  const end = series.values.length - 1;
  const tail = series.values.map((value, index) => (index < end - 1 ? null : value));
  const open = { ...base, data: tail, symbolSize: 7, showSymbol: false, lineStyle: { width: 2, type: DASH } };
  return [main, { ...open, tooltip: { show: false }, endLabel: { show: false } }];
}

function line(data, ink) {
  const option = frame(data, ink);
  option.xAxis.boundaryGap = false;
  // Without an icon of its own the legend repeats each line's own stroke, so that dashes can be told from solid lines.
  Object.assign(option.legend, { icon: undefined, itemWidth: 24, itemHeight: 6 });
  option.series = data.series.flatMap((series, at) => lineSeries(series, at, data, ink));
  option.tooltip.formatter = (points) => {
    const seen = new Map();
    for (const point of points) if (point.value !== null && point.value !== undefined) seen.set(point.seriesName, point.value);
    const last = data.partial && points[0].dataIndex === data.x.length - 1 ? ` · ${say("partial")}` : "";
    return [points[0].name + last, ...[...seen].map(([name, value]) => `${name}  ${shown(value, data.unit)}`)].join("\n");
  };
  return option;
}

function bar(data, ink) {
  const option = frame(data, ink);
  const round = data.horizontal ? [0, 4, 4, 0] : [4, 4, 0, 0];
  option.series = data.series.map((series, at) => ({
    name: series.name,
    type: "bar",
    data: series.values,
    barMaxWidth: data.tight ? undefined : 34,
    barCategoryGap: data.tight ? "6%" : undefined,
    stack: data.stack && !series.compare ? "all" : undefined,
    itemStyle: {
      borderRadius: data.stack ? 0 : round,
      borderColor: data.stack ? ink.card : undefined,
      borderWidth: data.stack ? 1 : 0,
      opacity: series.compare ? 0.45 : 1,
    },
    markLine: at === 0 && data.goal !== undefined && data.goal !== null ? goal(data, ink) : undefined,
  }));
  return option;
}

const stack = (data, ink) => bar({ ...data, stack: true }, ink);

const histogram = (data, ink) => bar({ ...data, tight: true }, ink);

// The ring keeps to the left half of the card, whatever the card's shape; the names stand on the right.
function donut(data, ink, { width, height }) {
  const outer = Math.max(40, Math.min(height * 0.42, width * 0.235));
  const slices = data.x.map((name, at) => ({ name, value: data.series[0].values[at] }));
  const total = slices.reduce((sum, slice) => sum + slice.value, 0);
  const share = (value) => (total ? `${((value / total) * 100).toFixed(0)}%` : "—");
  const value = new Map(slices.map((slice) => [slice.name, slice.value]));
  return {
    color: ink.series,
    tooltip: { ...tip(ink, data.unit), formatter: (point) => `${point.name}\n${exact(point.value)} · ${share(point.value)}` },
    legend: {
      orient: "vertical",
      type: "scroll",
      left: "54%",
      top: "middle",
      icon: "circle",
      itemWidth: 9,
      itemGap: 11,
      textStyle: { color: ink.text, fontSize: 12.5 },
      formatter: (name) => `${name}  ${exact(value.get(name))} · ${share(value.get(name))}`,
    },
    title: {
      text: short(total),
      subtext: data.series[0].name,
      left: "25%",
      top: "middle",
      textAlign: "center",
      itemGap: 2,
      textStyle: { color: ink.strong, fontSize: 21, fontFamily: ink.font },
      subtextStyle: { color: ink.faint, fontSize: 12 },
    },
    series: [
      {
        type: "pie",
        radius: [outer * 0.68, outer],
        center: ["26%", "50%"],
        data: slices,
        label: { show: false },
        itemStyle: { borderColor: ink.card, borderWidth: 2, borderRadius: 5 },
      },
    ],
  };
}

export const PLOTS = { line, bar, stack, histogram, donut };
