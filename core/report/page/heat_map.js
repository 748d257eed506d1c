// The grid as a table of coloured cells.

/** From dark blue to yellow, with a lightness that rises evenly: legible with any colour vision. */
const HEAT = [[0, 34, 78], [53, 69, 108], [102, 105, 112], [148, 142, 119], [200, 184, 102],
              [254, 232, 56]];

function heatColour(share) {
  const place = Math.min(Math.max(share, 0), 1) * (HEAT.length - 1);
  const index = Math.min(Math.floor(place), HEAT.length - 2);
  const colour = HEAT[index].map((low, channel) =>
    Math.round(low + (HEAT[index + 1][channel] - low) * (place - index)));
  return { background: `rgb(${colour})`, text: share > 0.5 ? "#111" : "#fff" };
}

const QUANTITIES = [
  { name: "Accuracy", value: (cell) => cell.accuracy, text: accuracyText, scale: (x) => x },
  { name: "Throughput improvement", value: speedUpOf, text: speedUpText, scale: Math.log },
];

function heatCell(cell, quantity, low, high) {
  if (!cell || !isNumber(quantity.value(cell))) {
    return html("td", { class: "heat nothing" }, html("span", { class: "absent" }, "not measured"));
  }
  const value = quantity.scale(quantity.value(cell));
  const colour = heatColour(high > low ? (value - low) / (high - low) : 1);
  const element = html("td", {
    class: `heat ${isPredicted(cell) ? "guessed" : "known"}${cell === best() ? " best" : ""}`,
    style: `background:${colour.background};color:${colour.text}`,
    "data-source": sourceOf(cell) },
  html("b", {}, `${isPredicted(cell) ? "\u2248\u202f" : ""}${quantity.text(quantity.value(cell))}`),
  html("small", {}, isPredicted(cell) ? sourceOf(cell) : "measured"));
  element.addEventListener("pointerenter", () => tooltip.showAt(element, cellLines(cell)));
  element.addEventListener("pointerleave", tooltip.hide);
  return element;
}

function heatMap(cells, quantity, caption) {
  const distinct = (values) => [...new Set(values)].sort((a, b) => a - b);
  const instances = distinct(cells.map((cell) => cell.instances));
  const sparsities = distinct(cells.map((cell) => cell.sparsity));
  const values = cells.map(quantity.value).filter(isNumber).map(quantity.scale);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const find = (n, s) => cells.find((cell) => cell.instances === n && cell.sparsity === s);
  return html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    html("table", { class: "heatmap" },
      html("caption", {}, caption),
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "N \\ sparsity"),
        sparsities.map((s) => html("th", { scope: "col" }, sparsityText(s))))),
      html("tbody", {}, instances.map((n) => html("tr", {},
        html("th", { scope: "row" }, `N = ${n}`),
        sparsities.map((s) => heatCell(find(n, s), quantity, low, high)))))));
}

function addHeatMap() {
  const cells = [...measured, ...predicted];
  if (new Set(cells.map((cell) => `${cell.instances} ${cell.sparsity}`)).size < 3) return;
  const groups = [...new Set(measured.map(othersOf))];
  const state = { quantity: QUANTITIES[0] };
  const body = html("div", {});
  const draw = () => body.replaceChildren(...groups.map((others) => heatMap(
    [...measured.filter((cell) => othersOf(cell) === others), ...(groups.length === 1 ? predicted : [])],
    state.quantity,
    `${state.quantity.name} by instances (N) and sparsity${others && `: ${others}`}`)));
  draw();
  chosen.listeners.push(draw);
  const quantities = baseline?.throughput ? QUANTITIES : QUANTITIES.slice(0, 1);
  addSection("grid", "The grid",
    quantities.length > 1
      ? choice("quantity", "Show", quantities.map((quantity) => quantity.name), 0, (index) => {
        state.quantity = quantities[index];
        draw();
      }) : null,
    body,
    html("p", { class: "remark" }, "A solid frame: trained and measured. A dashed one: predicted. " +
      "A double one: recommended above."));
}
