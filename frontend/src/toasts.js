// Short messages at the foot of the page, with undo, and one place for what a request could not do.
import { all, csrf, one, say, toast } from "./page.js";

const LASTS = 7000;
const LASTS_WITH_UNDO = 10000;

function live(node) {
  let timer;
  const lasts = node.dataset.undo || one("button[data-undo]", node) ? LASTS_WITH_UNDO : LASTS;
  const wait = () => (timer = setTimeout(() => node.remove(), lasts));
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("focusin", () => clearTimeout(timer));
  node.addEventListener("pointerleave", wait);
  node.addEventListener("focusout", wait);
  if (!node.matches(".bad")) wait();
}

// Dialogs live on the browser's top layer; a popover is the only way to be seen above them.
function raise(shelf) {
  if (!shelf.showPopover) return;
  if (shelf.matches(":popover-open")) shelf.hidePopover();
  shelf.showPopover();
}

function show({ text, level = "ok", undo, href, label }) {
  const shelf = one(".toasts");
  const mould = one("#toast");
  if (!shelf || !mould) return;
  const node = mould.content.cloneNode(true).firstElementChild;
  if (level !== "ok") node.classList.add(level);
  one("[data-text]", node).textContent = text;
  const button = one("button[data-undo]", node);
  if (undo) button.addEventListener("click", () => takeBack(undo, node));
  else button.remove();
  const link = one("a", node);
  if (href) Object.assign(link, { href, textContent: label || link.textContent });
  else link.remove();
  shelf.append(node);
  raise(shelf);
  live(node);
}

async function takeBack(undo, node) {
  node.remove();
  if (typeof undo === "function") return undo();
  const answer = await fetch(undo, { method: "POST", headers: { "X-CSRFToken": csrf() } });
  if (!answer.ok) return toast(say("undo_failed"), { level: "bad" });
  location.reload();
}

document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast, .alert").remove());

function start() {
  const shelf = one(".toasts");
  if (!shelf?.children.length) return;
  raise(shelf);
  for (const node of all(".toast", shelf)) {
    one("button[data-undo]", node)?.addEventListener("click", (event) => takeBack(event.target.closest("button").dataset.undo, node));
    live(node);
  }
}
start();

// An error answer that carries its own sentence becomes a toast; the page under it stays as it was.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status < 400) return;
  const page = new DOMParser().parseFromString(ctx.text, "text/html");
  const sentence = one("[data-error]", page);
  if (!sentence && ctx.response.status === 422) return;
  event.preventDefault();
  toast(sentence?.textContent.trim() || say("failed"), { level: "bad" });
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.status?.startsWith?.("error")) toast(say("offline"), { level: "bad" });
});
