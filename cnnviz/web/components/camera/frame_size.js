// Which part of a camera's frame is sent, and where the strongest maps stand from frame to frame.

const MOST_BASE64 = 60_000; // of a body of 64 KiB
const EXACT_SIDE = 96; // up to here a frame goes as PNG: what is shown is what the network sees
const QUALITIES = [0.9, 0.7, 0.5, 0.3];

/**
 * A square's image file as base64, small enough for a request.
 * @param {{ width: number, toDataURL: (type: string, quality?: number) => string }} square
 */
export function encodeSquare(square) {
  const strip = (/** @type {string} */ url) => url.slice(url.indexOf(",") + 1);
  if (square.width <= EXACT_SIDE) return strip(square.toDataURL("image/png"));
  let text = "";
  for (const quality of QUALITIES) {
    text = strip(square.toDataURL("image/jpeg", quality));
    if (text.length <= MOST_BASE64) break;
  }
  return text;
}

/**
 * Place channels so that those that were there keep their place.
 * @param {number[]} before Channels by their place.
 * @param {number[]} channels Those that are strongest now.
 */
export function keepPlaces(before, channels) {
  const places = channels.map((_, place) =>
    channels.includes(before[place]) ? before[place] : null,
  );
  const fresh = channels.filter((channel) => !places.includes(channel));
  return places.map((channel) => channel ?? fresh.shift());
}
