// The console's frame: theme, narrow and mobile navigation, menus under their buttons, keys.
import { all, one } from "./page.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

// A cookie beside localStorage lets the server print the theme, so that a page never flashes the other one.
function remember(name, value) {
  localStorage.setItem(name, value);
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

function toggleTheme() {
  const now = root.dataset.theme || (dark.matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  remember("theme", root.dataset.theme);
  document.dispatchEvent(new CustomEvent("themechange"));
}

dark.addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));
if (!root.dataset.theme && localStorage.getItem("theme")) root.dataset.theme = localStorage.getItem("theme");

// Canvases keep the colours they were drawn with: paper gets the light theme, whatever the screen shows.
let screenTheme;

addEventListener("beforeprint", () => {
  screenTheme = root.dataset.theme ?? "";
  root.dataset.theme = "light";
  document.dispatchEvent(new CustomEvent("themechange"));
});

addEventListener("afterprint", () => {
  if (screenTheme) root.dataset.theme = screenTheme;
  else delete root.dataset.theme;
  document.dispatchEvent(new CustomEvent("themechange"));
});

function openNav(open) {
  document.body.classList.toggle("nav-open", open);
  const opener = one("[data-act=nav]");
  opener?.setAttribute("aria-expanded", String(open));
  if (open) one("#side a")?.focus();
  else opener?.focus();
}

function toggleNarrow() {
  root.classList.toggle("nav-min");
  remember("nav", root.classList.contains("nav-min") ? "min" : "full");
}

const deeds = {
  theme: toggleTheme,
  nav: () => openNav(!document.body.classList.contains("nav-open")),
  "nav-close": () => openNav(false),
  narrow: toggleNarrow,
  palette: openPalette,
  print: () => window.print(),
  reload: () => location.reload(),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) deeds[button.dataset.act]?.();
});

// Native popovers open in the middle of the page; ours hang under their button.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu") || event.newState !== "open") return;
    const place = one(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
    const left = Math.min(place.left, innerWidth - menu.offsetWidth - 10);
    menu.style.top = `${place.bottom + scrollY + 6}px`;
    menu.style.left = `${Math.max(8, left)}px`;
  },
  true,
);

// What the menu and the switcher hold is sent once and copied when the palette first opens.
function fillPalette() {
  for (const group of all("#palette [data-from]")) {
    for (const link of all(group.dataset.from)) {
      const copy = link.cloneNode(true);
      copy.dataset.also = link.getAttribute("href");
      copy.removeAttribute("aria-current");
      group.append(copy);
    }
    delete group.dataset.from;
  }
}

function openPalette() {
  const palette = one("#palette");
  if (!palette || palette.open) return;
  fillPalette();
  palette.showModal();
  const input = one("input", palette);
  input.value = "";
  one("#palette-found").replaceChildren();
  narrow("");
  input.focus();
}

function narrow(text) {
  const wanted = text.trim().toLowerCase();
  for (const group of all("#palette [data-group]")) {
    let shown = 0;
    for (const link of all("a, button", group)) {
      link.hidden = !`${link.textContent} ${link.dataset.also ?? ""}`.toLowerCase().includes(wanted);
      shown += link.hidden ? 0 : 1;
    }
    group.hidden = !shown;
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches("#palette input")) narrow(event.target.value);
  if (event.target.matches("[data-narrow]")) {
    const wanted = event.target.value.trim().toLowerCase();
    for (const link of all("a, .pick label", event.target.parentElement)) {
      link.hidden = !link.textContent.toLowerCase().includes(wanted);
    }
  }
});

function movePalette(event) {
  const links = all("#palette nav :is(a, button)").filter((link) => link.offsetParent);
  const at = links.indexOf(document.activeElement);
  if (event.key === "Enter" && at < 0) links[0]?.click();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  (links[at + step] ?? (step < 0 ? one("#palette input") : links[0]))?.focus();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  } else if (one("#palette")?.open) {
    movePalette(event);
  } else if (event.key === "Escape" && document.body.classList.contains("nav-open")) {
    openNav(false);
  } else if (event.key === "/" && !event.target.closest("input, textarea, select, [contenteditable]")) {
    const search = one("[data-slash]");
    if (search) event.preventDefault();
    search?.focus();
  }
});
