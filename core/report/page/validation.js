// How well the performance model predicts what was measured.

const TOLERANCE = 0.015;

function leftOut() {
  const validation = Object.values(facts.prediction?.cross_validation ?? {})[0];
  return (validation?.left_out ?? []).filter((cell) => isNumber(cell.predicted_accuracy));
}

function leftOutLines(cell) {
  const error = cell.predicted_accuracy - cell.accuracy;
  return [cellName(cell), `measured ${accuracyText(cell.accuracy)}`,
          `predicted ${accuracyText(cell.predicted_accuracy)}`,
          `${pointsText(error)} too ${error > 0 ? "high" : "low"}`];
}

function validationPlot(width) {
  const cells = leftOut();
  const range = padded(cells.flatMap((cell) => [cell.accuracy, cell.predicted_accuracy]), 0.1, 0.02);
  const size = Math.min(width, 480);
  const axis = (title) => ({ ...range, title, format: decimals });
  const plot = makePlot({ width: size, height: Math.round(size * 0.85),
    label: "Predicted over measured accuracy. Arrow keys go from cell to cell.",
    x: axis("measured accuracy"), y: axis("predicted accuracy") });
  const clip = (value) => Math.min(Math.max(value, range.low), range.high);
  const at = (x, y) => [plot.x.at(clip(x)), plot.y.at(clip(y))];
  const { low, high } = range;
  const band = [at(low, low), at(low, low + TOLERANCE), at(high - TOLERANCE, high), at(high, high),
                at(high, high - TOLERANCE), at(low + TOLERANCE, low)];
  plot.body.append(
    svg("path", { class: "band", d: `${pathThrough(band)}Z`, "aria-hidden": "true" }),
    svg("path", { class: "bound", d: pathThrough([at(low, low), at(high, high)]), "aria-hidden": "true" }));
  const sorted = [...cells].sort((a, b) => a.accuracy - b.accuracy);
  const marks = sorted.map((cell) => makeMark("circle",
    plot.x.at(cell.accuracy), plot.y.at(cell.predicted_accuracy), { class: "mark both",
      "data-measured": cell.accuracy, "data-predicted": cell.predicted_accuracy }));
  makeReadable(marks, (index) => leftOutLines(sorted[index]));
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

function addValidation() {
  const cells = leftOut();
  if (cells.length === 0) return;
  addSection("prediction", "Predicted and measured",
    validationTiles(),
    figure("Each mark is a cell that is both pruned and multiplexed, and was left out of the fit by " +
      "which it is predicted. In the band, the prediction is right to 1.5 points.", validationPlot),
    disclosure("The same as a table", table("Predictions of cells that were left out", [
      { title: "cell", text: cellName },
      { title: "measured", numeric: true, text: (cell) => accuracyText(cell.accuracy) },
      { title: "predicted", numeric: true, text: (cell) => accuracyText(cell.predicted_accuracy) },
      { title: "error in points", numeric: true,
        text: (cell) => decimals((cell.predicted_accuracy - cell.accuracy) * 100, 1) },
    ], cells)));
}
