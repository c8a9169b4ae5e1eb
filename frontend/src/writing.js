// The page on which a message is written: how long it is, all groups at a tap, a time that means "later", pictures.
import { all, exact, one } from "./page.js";

/**
 * <text-limit>: how long the form's text is, against the smallest limit among the groups ticked (data-most, data-unit,
 * data-who on their boxes). Its attributes hold the sentences.
 */
class TextLimit extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.form.addEventListener("input", () => this.show());
    this.form.addEventListener("change", () => this.show());
    this.show();
  }

  show() {
    const text = this.form.elements.text.value.trim();
    const used = { letters: text.length, bytes: new TextEncoder().encode(text).length };
    const share = (box) => used[box.dataset.unit] / box.dataset.most;
    const room = (box) => box.dataset.most / (box.dataset.unit === "bytes" ? 3 : 1);
    const boxes = all("[data-most]:checked", this.form);
    const tight = boxes.sort((a, b) => share(b) - share(a) || room(a) - room(b))[0];
    const { unit, most, who } = tight?.dataset ?? {};
    const values = { n: exact(used[unit ?? "letters"]), most: most && exact(Number(most)), who };
    this.textContent = this.dataset[unit ?? "free"].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
    this.classList.toggle("err", Boolean(tight) && share(tight) > 1);
  }
}
customElements.define("text-limit", TextLimit);

document.addEventListener("input", ({ target }) => {
  if (target.dataset?.implies) one(target.dataset.implies).checked = true;
  if (!target.matches?.("[data-tick-all]")) return;
  for (const box of all(".pick label:not([hidden]) input", target.closest("fieldset"))) box.checked = target.checked;
});

// Pictures are shown as soon as they are chosen: choosing presses the button that adds them.
document.addEventListener("change", ({ target }) => {
  if (target.dataset?.sends && target.files.length) one(target.dataset.sends).click();
});
