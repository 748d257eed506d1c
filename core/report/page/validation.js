// How well the performance model predicts what was measured.

const ACCURACY = {
  name: "accuracy", logarithmic: false, text: accuracyText,
  tick: decimals,
  range: (values) => padded(values, 0.1, 0.02),
  /** The predictions that are near enough to `measured`. */
  near: (measured) => [measured - 0.015, measured + 0.015],
  errorTitle: "error in points",
  error: (value, measured) => decimals((value - measured) * 100, 1),
  difference: (value, measured) => pointsText(value - measured),
  band: "the prediction is right to 1.5 points",
};

const THROUGHPUT = {
  name: "throughput", logarithmic: true, text: throughputText,
  tick: (value) => value < 1e4 ? countText(value) : `${+(value / 1e3).toPrecision(3)}k`,
  range: (values) => ({ low: Math.min(...values) / 1.3, high: Math.max(...values) * 1.3 }),
  near: (measured) => [measured * 0.8, measured * 1.2],
  errorTitle: "error in %",
  error: (value, measured) => decimals((value / measured - 1) * 100, 0),
  difference: (value, measured) => shareText(Math.abs(value / measured - 1)),
  band: "it is right to 20 %",
};

/** The cells of which the quantity was measured and predicted, with both values. */
function leftOut(quantity) {
  const validation = Object.values(facts.prediction?.cross_validation ?? {})[0];
  return (validation?.left_out ?? [])
    .map((cell) => ({ ...cell, measured: cell[quantity.name],
      predicted: cell[`predicted_${quantity.name}`] }))
    .filter((cell) => isNumber(cell.measured) && isNumber(cell.predicted));
}

function leftOutLines(quantity, cell) {
  return [cellName(cell), `measured ${quantity.text(cell.measured)}`,
          `predicted ${quantity.text(cell.predicted)}`,
          `${quantity.difference(cell.predicted, cell.measured)} too ` +
            (cell.predicted > cell.measured ? "high" : "low")];
}

function validationPlot(quantity, cells, width) {
  const range = quantity.range(cells.flatMap((cell) => [cell.measured, cell.predicted]));
  const size = Math.min(width, 480);
  const axis = (title) =>
    ({ ...range, logarithmic: quantity.logarithmic, title, format: quantity.tick });
  const plot = makePlot({ width: size, height: Math.round(size * 0.85),
    label: `Predicted over measured ${quantity.name}. Arrow keys go from cell to cell.`,
    x: axis(`measured ${quantity.name}`), y: axis(`predicted ${quantity.name}`) });
  const clip = (value) => Math.min(Math.max(value, range.low), range.high);
  const at = (x, y) => [plot.x.at(x), plot.y.at(clip(y))];
  const { low, high } = range;
  // Edges of the band bend where they meet the frame, so that they need points in between.
  const steps = Array.from({ length: 201 }, (_, index) => quantity.logarithmic
    ? low * (high / low) ** (index / 200) : low + (high - low) * index / 200);
  const band = [...steps.map((x) => at(x, quantity.near(x)[1])),
                ...[...steps].reverse().map((x) => at(x, quantity.near(x)[0]))];
  plot.body.append(
    svg("path", { class: "band", d: `${pathThrough(band)}Z`, "aria-hidden": "true" }),
    svg("path", { class: "bound", d: pathThrough([at(low, low), at(high, high)]), "aria-hidden": "true" }));
  const sorted = [...cells].sort((a, b) => a.measured - b.measured);
  const marks = sorted.map((cell) => makeMark("circle",
    plot.x.at(cell.measured), plot.y.at(cell.predicted), { class: "mark both",
      "data-quantity": quantity.name, "data-measured": cell.measured, "data-predicted": cell.predicted }));
  makeReadable(marks, (index) => leftOutLines(quantity, sorted[index]));
  plot.body.append(...marks);
  return plot.image;
}

function validationTiles() {
  const validation = Object.values(facts.prediction.cross_validation)[0];
  const tiles = [
    [validation.accuracy_within, "of the accuracies predicted to within 1.5 points"],
    [validation.throughput_within, "of the throughputs predicted to within 20 %"],
    [validation.top3_hit, "of 21 accepted losses whose best cell is among the first three named"],
  ];
  return html("div", { class: "tiles" }, tiles.filter(([share]) => isNumber(share))
    .map(([share, text]) => tile(shareText(share), text)));
}

function validationOf(quantity) {
  const cells = leftOut(quantity);
  if (cells.length === 0) return null;
  return html("div", {},
    figure(`${quantity.name[0].toUpperCase()}${quantity.name.slice(1)}. In the band, ${quantity.band}.`,
      (width) => validationPlot(quantity, cells, width)),
    disclosure("The same as a table", table(`Predictions of ${quantity.name}`, [
      { title: "cell", text: cellName },
      { title: "measured", numeric: true, text: (cell) => quantity.text(cell.measured) },
      { title: "predicted", numeric: true, text: (cell) => quantity.text(cell.predicted) },
      { title: quantity.errorTitle, numeric: true,
        text: (cell) => quantity.error(cell.predicted, cell.measured) },
    ], cells)));
}

function addValidation() {
  const parts = [ACCURACY, THROUGHPUT].map(validationOf).filter((part) => part !== null);
  if (parts.length === 0) return;
  addSection("prediction", "Predicted and measured",
    validationTiles(),
    html("p", { class: "remark" }, "Each mark is a cell that is both pruned and multiplexed, and was " +
      "left out of the fit by which it is predicted."),
    html("div", { class: "columns" }, parts));
}
