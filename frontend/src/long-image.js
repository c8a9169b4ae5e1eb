// <long-image name="日报"><template>…</template><button data-make>…</button><div data-result></div></long-image>
import { one, save, say, toast } from "./page.js";
import { asBlob, paint } from "./paint.js";

/** Lays the template out as a 750 px sheet off screen, draws it, shows the picture and offers it for saving. */
class LongImage extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-make]")) this.make();
      if (event.target.closest("[data-save]") && this.blob) save(this.blob, `${this.getAttribute("name")}.png`);
    });
  }

  async make() {
    const sheet = document.createElement("div");
    sheet.className = "paper stage";
    sheet.dataset.theme = "light";
    sheet.append(one("template", this).content.cloneNode(true));
    document.body.append(sheet);
    await document.fonts.ready;
    const canvas = await paint(sheet, "#ffffff");
    sheet.remove();
    this.blob = await asBlob(canvas);
    this.show(canvas.toDataURL("image/png"));
  }

  show(address) {
    const image = new Image();
    image.alt = this.getAttribute("name");
    image.className = "long";
    image.src = address;
    one("[data-result]", this).replaceChildren(image);
    for (const button of this.querySelectorAll("[data-save]")) button.hidden = false;
    this.dataset.ready = "1";
    toast(say("image_ready"));
  }
}
customElements.define("long-image", LongImage);
