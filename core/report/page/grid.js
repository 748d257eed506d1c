// The cells of the run, measured and predicted.

const facts = JSON.parse(document.getElementById("facts").textContent);

const FAMILIES = {
  dense: { name: "Dense", shape: "diamond", className: "dense" },
  pruned: { name: "Pruned only", shape: "square", className: "pruned" },
  multiplexed: { name: "Multiplexed only", shape: "triangle", className: "multiplexed" },
  both: { name: "Both", shape: "circle", className: "both" },
};

function familyOf(cell) {
  if (cell.instances > 1) return cell.sparsity > 0 ? "both" : "multiplexed";
  return cell.sparsity > 0 ? "pruned" : "dense";
}

function isSameCell(one, other) {
  return one.instances === other.instances && Math.abs(one.sparsity - other.sparsity) < 1e-9;
}

/** Whether a cell is as accurate as a budget asks, but for rounding. */
function isEnough(cell, accuracy) {
  return cell.accuracy >= accuracy - 1e-9;
}

/** The values of the variables that the axes do not show: "compressor magnitude". */
function othersOf(cell) {
  return Object.entries(cell.variables ?? {})
    .filter(([name, value]) => name !== "instances" && name !== "sparsity" && value !== "-")
    .map(([name, value]) => `${name} ${value}`).join(", ");
}

function cellName(cell) {
  const others = othersOf(cell);
  return `N = ${cell.instances}, sparsity ${sparsityText(cell.sparsity)}${others && `, ${others}`}`;
}

/** What has been predicted, each cell once. */
function predictedCells(prediction) {
  const found = [];
  const all = [prediction?.candidates ?? [],
               ...(prediction?.budgets ?? []).map((budget) => budget.recommendations ?? [])];
  for (const cell of all.flat()) {
    if (!found.some((other) => isSameCell(cell, other))) found.push(cell);
  }
  return found;
}

const measured = facts.cells;
const predicted = predictedCells(facts.prediction)
  .filter((cell) => !measured.some((other) => isSameCell(cell, other)));
const baseline = measured.find((cell) => familyOf(cell) === "dense" && isNumber(cell.accuracy));

function speedUpOf(cell) {
  return isNumber(baseline?.throughput) && isNumber(cell.throughput)
    ? cell.throughput / baseline.throughput : undefined;
}

function isPredicted(cell) {
  return predicted.includes(cell);
}

/** "measured", "interpolated" or "extrapolated". */
function sourceOf(cell) {
  if (!isPredicted(cell)) return "measured";
  return cell.extrapolated ? "extrapolated" : "interpolated";
}

/** What a tooltip says of a cell. */
function cellLines(cell) {
  const range = cell.examples_per_second;
  return [
    cellName(cell),
    isNumber(cell.accuracy)
      ? `accuracy ${accuracyText(cell.accuracy)}` +
        (baseline && cell !== baseline
          ? ` (${changeText(baseline.accuracy - cell.accuracy)})` : "") : null,
    isNumber(cell.throughput)
      ? `${speedUpText(speedUpOf(cell))} the dense throughput, ${throughputText(cell.throughput)}`
      : null,
    range ? `rounds from ${throughputText(range.min)} to ${throughputText(range.max)}` : null,
    isPredicted(cell) ? `predicted: ${sourceOf(cell)}` : "measured",
  ].filter((line) => line !== null);
}

/** The cells that no other one beats in both accuracy and throughput, the slowest first. */
function paretoFront(cells) {
  const sorted = cells.filter((cell) => isNumber(cell.accuracy) && isNumber(cell.throughput))
    .sort((a, b) => b.throughput - a.throughput || b.accuracy - a.accuracy);
  const front = [];
  for (const cell of sorted) {
    if (front.length === 0 || cell.accuracy > front[front.length - 1].accuracy) front.push(cell);
  }
  return front.reverse();
}
