// Numbers of any size, short: 0.512, 17.4, 421.6, 81,270, 0.00042, 3.1×10⁻⁷.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {string} text Such as 3.1e-7. */
function writePower(text) {
  const [mantissa, exponent] = text.split("e-");
  const raised = [...(exponent ?? "")].map((digit) => SUPERSCRIPTS[Number(digit)]);
  return `${mantissa}×10⁻${raised.join("")}`;
}

/**
 * @param {number} value
 * @returns {string}
 */
export function formatValue(value) {
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size < 1e-4) text = writePower(size.toExponential(1));
  else if (size < 0.01) text = size.toPrecision(2);
  else if (size < 10) text = size.toFixed(3);
  else if (size < 100) text = size.toFixed(2);
  else if (size < 1e4) text = size.toFixed(1);
  else text = Math.round(size).toLocaleString("en-US");
  return value < 0 ? `−${text}` : text;
}

/**
 * As short as a cell of a table needs.
 * @param {number} value
 * @returns {string}
 */
export function formatCell(value) {
  const size = Math.abs(value);
  return formatNumber(value, size < 10 ? 2 : size < 100 ? 1 : 0);
}

/**
 * @param {number} value
 * @returns {string}
 */
export function formatSignedValue(value) {
  return value < 0 ? formatValue(value) : `+${formatValue(value)}`;
}

/**
 * 0.5 -> "0.50", -0.5 -> "−0.50" with a true minus sign.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function formatNumber(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function formatSigned(value, digits = 2) {
  const text = formatNumber(value, digits);
  return text.startsWith("−") ? text : `+${text}`;
}

/**
 * As figures/format.py writes a network's probability: softmax reaches neither 0 nor 1.
 * @param {number} probability
 */
export function formatProbability(probability) {
  if (probability < 0.0005) return "< 0.1 %";
  return probability >= 0.9995 ? "> 99.9 %" : `${(100 * probability).toFixed(1)} %`;
}

/**
 * A counted share, 0.9876 -> "98.8 %"; what is not certain never shows as 100 %, nor what is
 * possible as 0 %.
 * @param {number} probability
 * @returns {string}
 */
export function formatPercent(probability) {
  if (probability > 0 && probability < 0.0005) return "< 0.1 %";
  if (probability >= 0.9995 && probability < 1) return "> 99.9 %";
  return `${(probability * 100).toFixed(1)} %`;
}
