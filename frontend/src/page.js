// What every script shares: finding elements, the page's translated words, numbers in the page's language.
export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

let words;

/** The translated sentence for a key of the page's #words or #chart-words block, with {name} replaced. */
export function say(key, values = {}) {
  words ??= Object.assign({}, ...all("#words, #chart-words").map((block) => JSON.parse(block.textContent)));
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

const language = () => document.documentElement.lang || "zh-Hans";

export const isChinese = () => language().startsWith("zh");

export const exact = (value) => new Intl.NumberFormat(language(), { maximumFractionDigits: 2 }).format(value);

export const short = (value) =>
  Math.abs(value) < 10000
    ? exact(value)
    : new Intl.NumberFormat(language(), { notation: "compact", maximumFractionDigits: 1 }).format(value);

/** Shows a toast; `undo` is a URL that is posted to, or a function. */
export function toast(text, detail = {}) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, ...detail } }));
}

export async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(say("copied"));
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export const csrf = () => one("meta[name=csrf-token]")?.content ?? "";
