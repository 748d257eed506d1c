// Coordinate systems, marks and points of plots.

/** Positions of the numbers from `low` to `high` between two coordinates. */
function makeScale({ low, high, from, to, logarithmic = false }) {
  const map = logarithmic ? Math.log : (value) => value;
  const at = (value) => from + (map(value) - map(low)) / (map(high) - map(low)) * (to - from);
  return { at, low, high, logarithmic };
}

function niceStep(range, count) {
  const power = 10 ** Math.floor(Math.log10(range / count));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => range / step <= count);
}

function evenTicks(scale, count) {
  const step = niceStep(scale.high - scale.low, count);
  const first = Math.ceil(scale.low / step - 1e-9);
  const last = Math.floor(scale.high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** Numbers to mark on an axis, about `count` of them. */
function ticksOf(scale, count) {
  if (!scale.logarithmic) return evenTicks(scale, count);
  const choices = [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]];
  for (const factors of choices) {
    const ticks = [];
    for (let power = -6; power <= 9; ++power) {
      for (const factor of factors) {
        const tick = factor * 10 ** power;
        if (tick >= scale.low * 0.999 && tick <= scale.high * 1.001) ticks.push(tick);
      }
    }
    // A short axis may lie between all of them.
    if (ticks.length === 0) return evenTicks(scale, count);
    if (ticks.length <= count) return ticks;
  }
  return [scale.low, scale.high];
}

/** Decimal places that tell evenly spaced numbers apart. */
function digitsOf(ticks) {
  return ticks.length < 2 ? 2 : Math.max(0, -Math.floor(Math.log10(ticks[1] - ticks[0]) + 1e-9));
}

/** The range of `values` with some room around it. */
function padded(values, share, minimum) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max((high - low) * share, minimum);
  return { low: low - room, high: high + room };
}

/**
 * An empty plot. `x` and `y`: {low, high, logarithmic, title, format(value, digits)}. Returns the
 * image, the group to draw into, and the scales.
 */
function makePlot({ width, height, label, x, y }) {
  const margin = { left: y.title ? 64 : 46, right: 14, top: 12, bottom: 44 };
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const xScale = makeScale({ ...x, from: margin.left, to: right });
  const yScale = makeScale({ ...y, from: bottom, to: margin.top });
  const xMarks = ticksOf(xScale, Math.max(3, Math.floor((right - margin.left) / 64)));
  const yMarks = ticksOf(yScale, Math.max(3, Math.floor((bottom - margin.top) / 44)));
  const xDigits = digitsOf(xMarks);
  const yDigits = digitsOf(yMarks);
  const body = svg("g");
  const image = svg("svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    svg("g", { class: "axes", "aria-hidden": "true" },
      xMarks.map((value) => [
        svg("line", { x1: xScale.at(value), x2: xScale.at(value), y1: margin.top, y2: bottom }),
        svg("text", { x: xScale.at(value), y: bottom + 17, "text-anchor": "middle" },
          x.format(value, xDigits))]),
      yMarks.map((value) => [
        svg("line", { x1: margin.left, x2: right, y1: yScale.at(value), y2: yScale.at(value) }),
        svg("text", { x: margin.left - 7, y: yScale.at(value) + 4, "text-anchor": "end" },
          y.format(value, yDigits))]),
      svg("text", { class: "title", x: (margin.left + right) / 2, y: height - 7,
        "text-anchor": "middle" }, x.title),
      y.title && svg("text", { class: "title", transform: `translate(13 ${(margin.top + bottom) / 2}) rotate(-90)`,
        "text-anchor": "middle" }, y.title)),
    body);
  return { image, body, x: xScale, y: yScale, left: margin.left, right, top: margin.top, bottom };
}

function pathThrough(points) {
  return points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** A mark of about 12 pixels: families differ in shape as well as in colour. */
function makeMark(shape, x, y, attributes) {
  const outlines = {
    circle: null,
    square: "M-5.2-5.2h10.4v10.4h-10.4z",
    triangle: "M0-7L6.6 5H-6.6z",
    diamond: "M0-7.5L7.5 0 0 7.5-7.5 0z",
  };
  const outline = outlines[shape];
  const transform = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
  return outline ? svg("path", { d: outline, transform, ...attributes })
                 : svg("circle", { r: 6, transform, ...attributes });
}

/**
 * Lets the marks be read: by pointer, or by the arrow keys once the first one has the focus.
 * `lines(index)` are the texts of a mark.
 */
function makeReadable(marks, lines) {
  marks.forEach((mark, index) => {
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", lines(index).join(", "));
    mark.setAttribute("tabindex", index === 0 ? 0 : -1);
    mark.addEventListener("pointerenter", () => tooltip.showAt(mark, lines(index)));
    mark.addEventListener("pointerleave", tooltip.hide);
    mark.addEventListener("focus", () => tooltip.showAt(mark, lines(index)));
    mark.addEventListener("blur", tooltip.hide);
    mark.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
      const next = marks[index + (steps[event.key] ?? NaN)];
      if (event.key === "Escape") tooltip.hide();
      if (!next) return;
      event.preventDefault();
      mark.setAttribute("tabindex", -1);
      next.setAttribute("tabindex", 0);
      next.focus();
    });
  });
}

/** `entries`: [{name, shape, className, dashed}]. */
function makeLegend(entries) {
  return html("ul", { class: "legend" }, entries.map((entry) => html("li", {},
    svg("svg", { width: 26, height: 16, viewBox: "0 0 26 16", "aria-hidden": "true",
      class: entry.className },
      entry.shape ? makeMark(entry.shape, 13, 8, { class: entry.hollow ? "mark hollow" : "mark" })
                  : svg("line", { x1: 1, x2: 25, y1: 8, y2: 8, class: "curve" })),
    entry.name)));
}
