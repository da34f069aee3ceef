// The kernel of the moving window, whose numbers can be changed.

import { luminance, signedColor } from "../shared/colors.js";
import { build } from "../shared/dom.js";
import { magnitude, paintGrid } from "../shared/sums.js";
import { writeShort } from "./slide_grid.js";

/** @typedef {import("../shared/colors.js").ColorTable} ColorTable */

export const WIDEST_EDITOR = 7;

/**
 * The kernel as fields, or as a picture where it is too wide.
 * @param {Pick<import("./slide.js").Payload, "kernel" | "divisor" | "bias">} data
 * @param {ColorTable} table
 * @param {(rows: string) => void} send
 */
export function createKernelEditor({ kernel, divisor, bias }, table, send) {
  const notes = [
    ...(divisor === 1 ? [] : [`÷ ${divisor}`]),
    ...(bias === 0 ? [] : [`${bias < 0 ? "−" : "+"} ${writeShort(Math.abs(bias))}`]),
  ];
  const caption = build(
    "figcaption",
    {},
    build("h4", {}, "Kernel"),
    build("span", { class: "label" }, `${kernel.length}×${kernel.length} ${notes.join(" ")}`),
  );
  if (kernel.length > WIDEST_EDITOR) {
    return build(
      "figure",
      { class: "grid kernel" },
      caption,
      paintGrid(kernel, { table, limit: magnitude(kernel), className: "picture" }),
    );
  }
  /** @type {HTMLInputElement[][]} */
  const fields = kernel.map((row, y) =>
    row.map((value, x) => {
      const field = build("input", {
        type: "text",
        inputmode: "numeric",
        value: String(value),
        "aria-label": `Kernel, row ${y}, column ${x}`,
      });
      field.addEventListener("change", () => {
        const number = Number(field.value.replace("−", "-"));
        if (field.value.trim() === "" || !Number.isFinite(number)) {
          field.value = String(value);
          return;
        }
        send(
          fields
            .map((line) => line.map((each) => each.value.trim().replace("−", "-")).join(" "))
            .join(", "),
        );
      });
      field.addEventListener("focus", () => field.select());
      return field;
    }),
  );
  const body = build("div", { class: "table" }, ...fields.flat());
  body.style.setProperty("--side", String(kernel.length));
  return build("figure", { class: "grid kernel" }, caption, body);
}

/** @param {HTMLElement} editor @param {number[][]} kernel @param {ColorTable} table */
export function colorEditor(editor, kernel, table) {
  const limit = magnitude(kernel);
  editor.querySelectorAll("input").forEach((field, index) => {
    const color = signedColor(table, kernel.flat()[index], limit);
    field.style.background = `rgb(${color.join(" ")})`;
    field.style.color = luminance(color) > 0.45 ? "#14181f" : "#ffffff";
  });
}
