// Numbers of any size, short: 0.512, 17.4, 421.6, 0.00042, 3.1e−7.

function formatValue(value) {
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size < 1e-4) text = size.toExponential(1).replace("e-", "e−");
  else if (size < 0.01) text = size.toPrecision(2);
  else if (size < 10) text = size.toFixed(3);
  else if (size < 100) text = size.toFixed(2);
  else text = size.toFixed(size < 1e4 ? 1 : 0);
  return value < 0 ? `−${text}` : text;
}

// As short as a cell of a table needs.
function formatCell(value) {
  const size = Math.abs(value);
  return formatNumber(value, size < 10 ? 2 : size < 100 ? 1 : 0);
}

function formatSignedValue(value) {
  return value < 0 ? formatValue(value) : `+${formatValue(value)}`;
}
