// Accuracy over throughput improvement: pruned only, multiplexed only, both.

function paretoPlot(width) {
  const hasSpeedUp = isNumber(baseline?.throughput);
  const xOf = (cell) => hasSpeedUp ? speedUpOf(cell) : cell.throughput;
  const cells = [...measured, ...predicted]
    .filter((cell) => isNumber(cell.accuracy) && isNumber(cell.throughput));
  const xs = cells.map(xOf);
  const plot = makePlot({
    width,
    height: Math.round(Math.min(460, Math.max(320, width * 0.6))),
    label: "Accuracy over throughput improvement. Arrow keys go from cell to cell.",
    x: { low: Math.min(...xs) / 1.12, high: Math.max(...xs) * 1.12, logarithmic: true,
      title: hasSpeedUp ? "throughput improvement over the dense model" : "examples per second",
      format: (value) => hasSpeedUp ? `${+value.toPrecision(3)}\u00d7` : countText(value) },
    y: { ...padded(cells.map((cell) => cell.accuracy), 0.08, 0.005), title: "accuracy",
      format: decimals },
  });
  drawBudget(plot);
  for (const [key, family] of Object.entries(FAMILIES)) {
    const front = paretoFront(measured.filter((cell) => familyOf(cell) === key));
    if (front.length > 1) {
      plot.body.append(svg("path", { class: `curve ${family.className}`, "aria-hidden": "true",
        d: pathThrough(front.map((cell) => [plot.x.at(xOf(cell)), plot.y.at(cell.accuracy)])) }));
    }
  }
  const chosenCell = best();
  const sorted = [...cells].sort((a, b) => xOf(a) - xOf(b));
  const marks = sorted.map((cell) => {
    const family = FAMILIES[familyOf(cell)];
    const kind = isPredicted(cell) ? "mark hollow" : "mark";
    const x = plot.x.at(xOf(cell));
    const y = plot.y.at(cell.accuracy);
    if (cell === chosenCell) {
      plot.body.append(svg("circle", { class: "ring", cx: x, cy: y, r: 12, "aria-hidden": "true" }));
    }
    return makeMark(family.shape, x, y, { class: `${kind} ${family.className}`,
      "data-instances": cell.instances, "data-sparsity": cell.sparsity,
      "data-accuracy": cell.accuracy, "data-improvement": speedUpOf(cell) });
  });
  makeReadable(marks, (index) => cellLines(sorted[index]));
  plot.body.append(...marks);
  return plot.image;
}

/** What lies below the least accuracy is shaded. */
function drawBudget(plot) {
  const least = chosen.budget?.min_accuracy;
  if (!isNumber(least) || least <= plot.y.low || least >= plot.y.high) return;
  const y = plot.y.at(least);
  plot.body.append(
    svg("rect", { class: "excluded", x: plot.left, y, width: plot.right - plot.left,
      height: plot.bottom - y, "aria-hidden": "true" }),
    svg("line", { class: "bound", x1: plot.left, x2: plot.right, y1: y, y2: y, "aria-hidden": "true" }),
    svg("text", { class: "note", x: plot.right - 4, y: y + 14, "text-anchor": "end", "aria-hidden": "true" },
      isLossBudget(chosen.budget) ? `${budgetText(chosen.budget)} below the dense model`
                                  : `least accuracy: ${budgetText(chosen.budget)}`));
}

function addPareto() {
  const shown = [...measured, ...predicted]
    .filter((cell) => isNumber(cell.accuracy) && isNumber(cell.throughput));
  if (shown.length === 0) return;
  const picture = figure(
    "Each mark is a model, filled where it was measured and hollow where it was predicted; lines " +
    "join the best measured ones of a kind. Up and to the right is better.", paretoPlot);
  chosen.listeners.push(picture.redraw);
  const entries = Object.entries(FAMILIES)
    .filter(([key]) => shown.some((cell) => familyOf(cell) === key)).map(([, family]) => family);
  if (shown.some(isPredicted)) {
    entries.push({ name: "Predicted", shape: "circle", className: "neutral", hollow: true });
  }
  addSection("pareto", "Accuracy and throughput", makeLegend(entries), picture,
    disclosure("The same as a table", cellTable("Cells by throughput improvement",
      [...shown].sort((a, b) => a.throughput - b.throughput))));
}
