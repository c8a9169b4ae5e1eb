// Draws a laid-out element onto a canvas: backgrounds, borders, pictures, inline SVG and text, as the browser placed them.

const visible = (colour) => colour && colour !== "transparent" && !/rgba\(.*, 0\)/.test(colour);

function box(pen, rect, style) {
  const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, rect.width / 2, rect.height / 2);
  pen.beginPath();
  pen.roundRect(rect.x, rect.y, rect.width, rect.height, radius);
  if (visible(style.backgroundColor)) {
    pen.fillStyle = style.backgroundColor;
    pen.fill();
  } else if (style.backgroundImage.includes("gradient")) {
    pen.fillStyle = style.backgroundImage.match(/rgba?\([^)]*\)/)?.[0] ?? "transparent";
    pen.fill();
  }
  border(pen, rect, style);
}

function border(pen, rect, style) {
  const width = parseFloat(style.borderBottomWidth) || 0;
  if (!width || !visible(style.borderBottomColor)) return;
  pen.strokeStyle = style.borderBottomColor;
  pen.lineWidth = width;
  if (parseFloat(style.borderTopWidth)) return pen.stroke();
  pen.beginPath();
  pen.moveTo(rect.x, rect.bottom - width / 2);
  pen.lineTo(rect.right, rect.bottom - width / 2);
  pen.stroke();
}

// A text node may run over several lines: the letters are gathered by the line they stand on.
function lines(node) {
  const range = document.createRange();
  const found = [];
  for (let at = 0; at < node.length; at += 1) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const rect = range.getClientRects()[0];
    if (!rect || !rect.width) continue;
    const last = found.at(-1);
    if (last && Math.abs(last.y - rect.y) < rect.height / 2) last.text += node.data[at];
    else found.push({ text: node.data[at], x: rect.x, y: rect.y, height: rect.height });
  }
  return found;
}

function text(pen, node, style, shift) {
  if (style.fontSize === "0px" || style.visibility === "hidden") return;
  pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.textBaseline = "middle";
  for (const line of lines(node)) pen.fillText(line.text, line.x - shift.x, line.y - shift.y + line.height / 2);
}

function picture(node) {
  if (node.tagName !== "svg") return Promise.resolve(node);
  const copy = node.cloneNode(true);
  const image = new Image();
  const { width, height } = node.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.setAttribute("color", getComputedStyle(node).color);
  const done = new Promise((resolve) => (image.onload = image.onerror = () => resolve(image)));
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  return done;
}

async function draw(pen, node, shift) {
  if (node.nodeType === Node.TEXT_NODE) {
    text(pen, node, getComputedStyle(node.parentElement), shift);
    return;
  }
  const style = getComputedStyle(node);
  const place = node.getBoundingClientRect();
  if (style.display === "none" || !place.width) return;
  const rect = new DOMRect(place.x - shift.x, place.y - shift.y, place.width, place.height);
  box(pen, rect, style);
  if (["svg", "IMG", "CANVAS"].includes(node.tagName)) {
    const image = await picture(node);
    if (image.naturalWidth !== 0) pen.drawImage(image, rect.x, rect.y, rect.width, rect.height);
    return;
  }
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE || child.nodeType === Node.ELEMENT_NODE) await draw(pen, child, shift);
  }
}

/** A canvas with what `element` shows, at twice its size, on an opaque ground. */
export async function paint(element, ground) {
  const place = element.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const scale = 2;
  canvas.width = Math.ceil(place.width) * scale;
  canvas.height = Math.ceil(place.height) * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, place.width, place.height);
  await draw(pen, element, place);
  return canvas;
}

export const asBlob = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
