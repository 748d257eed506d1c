// Numbers as people read them.

const MINUS = "\u2212";

function decimals(value, digits) {
  return value.toFixed(digits).replace("-", MINUS);
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function accuracyText(value) {
  return isNumber(value) ? decimals(value, 4) : "\u2013";
}

/** A loss of accuracy in points, of which there are 100. */
function pointsText(loss) {
  const points = +(Math.abs(loss) * 100).toFixed(1);
  return `${points} ${points === 1 ? "point" : "points"}`;
}

function changeText(loss) {
  const rounded = Math.round(loss * 1000) / 10;
  if (rounded === 0) return "no accuracy lost";
  return rounded > 0 ? `${pointsText(loss)} of accuracy lost`
                     : `${pointsText(loss)} of accuracy gained`;
}

function speedUpText(factor) {
  return isNumber(factor) ? `${decimals(factor, factor < 9.995 ? 2 : 1)}\u00d7` : "\u2013";
}

function throughputText(value) {
  if (!isNumber(value)) return "\u2013";
  return `${countText(value, value < 100 ? 1 : 0)}/s`;
}

/** With a narrow space between thousands. */
function countText(value, digits = 0) {
  if (!isNumber(value)) return "\u2013";
  const [whole, fraction] = decimals(value, digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function shareText(share, digits = 0) {
  return isNumber(share) ? `${decimals(share * 100, digits)} %` : "\u2013";
}

/** A sparsity of the grid, with the digits that it has. */
function sparsityText(sparsity) {
  return `${+(sparsity * 100).toFixed(1)} %`;
}

function secondsText(seconds) {
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${decimals(seconds / 3600, 1)} h`;
}

function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
