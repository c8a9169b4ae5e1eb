// Builds assets/dist: the style sheet, the scripts and one icon sprite. Run: node frontend/build.mjs
import { build } from "esbuild";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = (...path) => join(root, "frontend", "src", ...path);
const out = join(root, "assets", "dist");
const started = Date.now();

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: ["console", "charts", "long-image", "writing"].map((name) => source(`${name}.js`)),
  bundle: true,
  minify: true,
  format: "esm",
  charset: "utf8",
  target: ["chrome114", "safari17"],
  legalComments: "linked",
  outdir: out,
});

// The themes are written once; the system's preference and the printer get copies of the same tokens.
function withCopiedThemes(css, tokenSheet) {
  const tokens = (theme) => tokenSheet.match(new RegExp(`\\[data-theme="${theme}"\\] \\{([^}]*)\\}`))[1];
  return `${css}
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme]) {${tokens("dark")}} }
@media print { :root:root, [data-theme][data-theme] {${tokens("light")}} }`;
}

await build({
  stdin: {
    contents: withCopiedThemes(
      readFileSync(source("console.css"), "utf8"),
      readFileSync(source("styles", "tokens.css"), "utf8"),
    ),
    loader: "css",
    resolveDir: source(),
  },
  bundle: true,
  minify: true,
  charset: "utf8",
  target: ["chrome114", "safari17"],
  outfile: join(out, "console.css"),
});

function symbol(name, svg) {
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>")}</symbol>`;
}

const names = readFileSync(join(root, "frontend", "icons.txt"), "utf8").split(/\s+/).filter(Boolean);
const icons = names.map((name) =>
  symbol(name, readFileSync(join(root, "node_modules", "lucide-static", "icons", `${name}.svg`), "utf8")),
);
icons.push(symbol("mark", readFileSync(join(root, "frontend", "mark.svg"), "utf8")));
writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${icons.join("")}</svg>`);

console.log(`assets built in ${Date.now() - started} ms, ${icons.length} icons`);
