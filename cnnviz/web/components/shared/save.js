// A picture made of canvases, as a file.

import { build, offerFile } from "./dom.js";

const SHEET_GAP = 24;

/**
 * Put the pictures side by side on the page's ground and hand them over as a file.
 * @param {HTMLCanvasElement[]} canvases
 * @param {Element} root
 * @param {string} name
 */
export function savePicture(canvases, root, name) {
  const width = canvases.reduce((sum, canvas) => sum + canvas.width + SHEET_GAP, -SHEET_GAP);
  const sheet = build("canvas", {
    width: String(width),
    height: String(Math.max(...canvases.map((canvas) => canvas.height))),
  });
  const context = sheet.getContext("2d");
  context.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color");
  context.fillRect(0, 0, sheet.width, sheet.height);
  let x = 0;
  for (const canvas of canvases) {
    context.drawImage(canvas, x, 0);
    x += canvas.width + SHEET_GAP;
  }
  sheet.toBlob((blob) => offerFile(blob, name));
}
