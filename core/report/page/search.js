// How the cell was found, where a tune stage has searched.

/** When the last stage of a cell was finished; texts of UTC times compare as they are. */
function finishedAt(cell) {
  const times = facts.stages.filter((stage) => cell.stages?.includes(stage.folder))
    .map((stage) => stage.finished);
  return times.sort().at(-1) ?? "";
}

function addSearch() {
  const search = facts.search;
  if (!search) return;
  const steps = [...measured].sort((a, b) => finishedAt(a).localeCompare(finishedAt(b)));
  addSection("search", "How it was found",
    html("p", {}, `${search.measured_cells} of ${plural(search.cells, "candidate")} were trained and ` +
      `measured, in ${secondsText(search.seconds)} of computing. The search ended: ${search.ended_because}.`),
    table("Cells in the order in which they were finished", [
      { title: "", numeric: true, text: (cell) => String(steps.indexOf(cell) + 1) },
      { title: "cell", text: cellName },
      { title: "accuracy", numeric: true, text: (cell) => accuracyText(cell.accuracy) },
      { title: "throughput", numeric: true, text: (cell) => throughputText(cell.throughput) },
      { title: "accurate enough", text: (cell) => (isEnough(cell, search.min_accuracy ?? -Infinity) ? "yes" : "no") },
    ], steps));
}
