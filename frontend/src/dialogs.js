// Native dialogs: the drawer that htmx fills, and confirmation that may ask for a typed word.
import { one } from "./page.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) one(`#${CSS.escape(opener.dataset.open)}`)?.showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.closest("[data-drawer]")) openDrawer();
  if (event.target.matches("dialog[open]") && outside(event.target, event)) event.target.close();
});

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

function openDrawer() {
  const drawer = one("#drawer");
  if (!drawer) return;
  one("#drawer-body").replaceChildren(one("#drawer-waiting").content.cloneNode(true));
  if (!drawer.open) drawer.showModal();
}

/** Asks in the page's own dialog; `word` must be typed when given. Resolves to true or false. */
function ask({ text, word, deed }) {
  const dialog = one("#confirm");
  if (!dialog) return Promise.resolve(window.confirm(text));
  const input = one("input", dialog);
  const yes = one("[value=yes]", dialog);
  one("[data-text]", dialog).textContent = text;
  one("[data-word]", dialog).textContent = word ?? "";
  input.closest(".field").hidden = !word;
  input.value = "";
  yes.disabled = Boolean(word);
  yes.textContent = deed || yes.dataset.label;
  input.oninput = () => (yes.disabled = input.value.trim() !== word);
  dialog.returnValue = "";
  dialog.showModal();
  if (word) input.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const wish = (element) => ({
  text: element.dataset.confirm ?? element.getAttribute("hx-confirm"),
  word: element.dataset.confirmWord,
  deed: element.dataset.confirmDeed,
});

document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  ask(wish(event.target)).then((yes) => (yes ? event.detail.issueRequest() : event.detail.dropRequest()));
});

const agreed = new WeakSet();

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const asking = [event.submitter, form].find((element) => element?.dataset.confirm);
    if (!asking || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(wish(asking)).then((yes) => {
      if (!yes) return;
      agreed.add(form);
      form.requestSubmit(event.submitter);
    });
  },
  true,
);
