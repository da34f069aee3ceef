// Colours and pixels: activations as base64 of int8 become coloured cells on a canvas.

function decodeBytes(text) {
  const binary = atob(text);
  const bytes = new Int8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

// Base64 of 256 RGB triples to {rgb, pixels}; a pixel is RGBA as a canvas stores it.
function readColorTable(text) {
  const rgb = new Uint8Array(decodeBytes(text).buffer);
  const pixels = new Uint32Array(256);
  const channels = new Uint8Array(pixels.buffer);
  for (let i = 0; i < 256; i += 1) {
    channels.set([rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2], 255], 4 * i);
  }
  return { rgb, pixels };
}

const colorProbe = document.createElement("canvas").getContext("2d");

function parseColor(text) {
  colorProbe.fillStyle = "#000000";
  colorProbe.fillStyle = text.trim() || "#000000";
  const hex = colorProbe.fillStyle; // the canvas answers every opaque colour as #rrggbb
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

function luminance([red, green, blue]) {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

function isDarkTheme(element) {
  const ground = getComputedStyle(element).getPropertyValue("--st-background-color");
  return luminance(parseColor(ground)) < 0.5;
}

// Colour of a signed value; `limit` gets the end of the scale.
function signedColor(table, value, limit) {
  const share = limit > 0 ? value / limit : 0;
  const index = 128 + Math.max(-128, Math.min(127, Math.round(share * 127)));
  return [table.rgb[3 * index], table.rgb[3 * index + 1], table.rgb[3 * index + 2]];
}

// Pixels by int8 + 128 for signed activations: the scale's middle is zero.
function signedPixels(table) {
  return table.pixels;
}

// Pixels by int8 + 128 for the input: `paper` and `ink` are the values of bare paper and full ink.
function inkPixels(table, scale, paper, ink) {
  const pixels = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    const share = ((i - 128) * scale - paper) / (ink - paper);
    pixels[i] = table.pixels[Math.max(0, Math.min(255, Math.round(share * 255)))];
  }
  return pixels;
}

const MARGIN = 1; // for the frame around the outer maps

// Where the maps of a layer lie on its canvas. All lengths are in CSS pixels.
function gridOf({ maps, rows, columns, across, cell, gap }) {
  const down = Math.ceil(maps / across);
  const width = columns * cell;
  const height = rows * cell;
  return {
    maps, rows, columns, across, cell, gap, width, height,
    totalWidth: across * width + (across - 1) * gap + 2 * MARGIN,
    totalHeight: down * height + (down - 1) * gap + 2 * MARGIN,
    left: (map) => MARGIN + (map % across) * (width + gap),
    top: (map) => MARGIN + Math.floor(map / across) * (height + gap),
  };
}

// The cell under a point of the canvas, or null between the maps.
function cellAt(grid, x, y) {
  const across = Math.floor((x - MARGIN) / (grid.width + grid.gap));
  const channel = Math.floor((y - MARGIN) / (grid.height + grid.gap)) * grid.across + across;
  if (across < 0 || across >= grid.across || channel < 0 || channel >= grid.maps) return null;
  let column = Math.floor((x - grid.left(channel)) / grid.cell);
  let row = Math.floor((y - grid.top(channel)) / grid.cell);
  // A hairline between single cells belongs to the one before it.
  if (grid.gap <= 1) {
    row = Math.min(row, grid.rows - 1);
    column = Math.min(column, grid.columns - 1);
  }
  if (row < 0 || column < 0 || column >= grid.columns || row >= grid.rows) return null;
  return { channel, row, column };
}

// Give a canvas one dot for every dot of the screen.
function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  return ratio;
}

// Paint all maps of a layer: one dot a cell on a scratch canvas, then enlarged without smoothing.
function createMapPainter(canvas) {
  const context = canvas.getContext("2d");
  const scratch = document.createElement("canvas");
  const scratchContext = scratch.getContext("2d");
  let grid = null;
  let ratio = 1;
  let image = null;
  let dots = null;

  function resize(next) {
    grid = next;
    ratio = fitCanvas(canvas, grid.totalWidth, grid.totalHeight);
    scratch.width = grid.columns;
    scratch.height = grid.rows * grid.maps;
    image = scratchContext.createImageData(scratch.width, scratch.height);
    dots = new Uint32Array(image.data.buffer);
  }

  // Left, top, width and height of a map in screen dots.
  function place(map) {
    return [grid.left(map), grid.top(map), grid.width, grid.height]
      .map((length) => Math.round(length * ratio));
  }

  // A hairline around each map, in the margin, so that a map of zeros is seen too.
  function frame(color) {
    const hair = Math.max(1, Math.round(ratio));
    context.fillStyle = color;
    for (let map = 0; map < grid.maps; map += 1) {
      const [x, y, width, height] = place(map);
      context.fillRect(x - hair, y - hair, width + 2 * hair, height + 2 * hair);
    }
  }

  function paint(values, pixels) {
    for (let i = 0; i < dots.length; i += 1) dots[i] = pixels[values[i] + 128];
    scratchContext.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    for (let map = 0; map < grid.maps; map += 1) {
      context.drawImage(scratch, 0, map * grid.rows, grid.columns, grid.rows, ...place(map));
    }
  }

  return { resize, frame, paint };
}

// 0.5 -> "0.50", -0.5 -> "−0.50" with a true minus sign.
function formatNumber(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function formatSigned(value, digits = 2) {
  const text = formatNumber(value, digits);
  return text.startsWith("−") ? text : `+${text}`;
}

// Create an element: attributes by name, `class` and `data-*` included; children are nodes or text.
function build(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
