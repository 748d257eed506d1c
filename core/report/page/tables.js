// Everything else, as tables.

function cellTable(caption, cells) {
  const hasOthers = cells.some((cell) => othersOf(cell));
  return table(caption, [
    { title: "N", numeric: true, text: (cell) => String(cell.instances) },
    { title: "sparsity", numeric: true, text: (cell) => sparsityText(cell.sparsity) },
    ...(hasOthers ? [{ title: "variant", text: othersOf }] : []),
    { title: "accuracy", numeric: true, text: (cell) => accuracyText(cell.accuracy) },
    { title: "improvement", numeric: true, text: (cell) => speedUpText(speedUpOf(cell)) },
    { title: "throughput", numeric: true, text: (cell) => throughputText(cell.throughput) },
    { title: "parameters", numeric: true, text: (cell) => countText(cell.parameters) },
    { title: "source", text: sourceOf },
  ], cells);
}

function addCells() {
  if (measured.length === 0) return;
  const scores = [...new Set(measured.flatMap((cell) => Object.keys(cell.scores ?? {})))];
  addSection("cells", "All that was measured",
    cellTable("Measured cells", measured),
    scores.length > 1 || scores[0] !== "accuracy" ? table("Scores", [
      { title: "cell", text: cellName },
      ...scores.map((name) => ({ title: name.replaceAll("_", " "), numeric: true,
        text: (cell) => accuracyText(cell.scores?.[name]) })),
    ], measured) : null);
}

function rows(entries) {
  return html("dl", {}, entries.filter(([, value]) => value).map(([name, value]) =>
    html("div", {}, html("dt", {}, name), html("dd", {}, value))));
}

function machineTexts() {
  return (facts.measured_with.machine ?? []).map((machine) =>
    [machine.processor, machine.cores && plural(machine.cores, "core"),
     machine.memory_gib && `${Math.round(machine.memory_gib)} GiB of memory`, machine.system]
      .filter(Boolean).join(", "));
}

function addMachine() {
  const conditions = facts.measured_with;
  const join = (values) => values?.map((value) => isNumber(value) ? +value.toFixed(1) : value).join("; ");
  addSection("machine", "Versions and machine",
    rows([
      ["machine of the throughputs", machineTexts().join("; ")],
      ["device", join(conditions.device)],
      ["threads", join(conditions.threads)],
      ["number format", join(conditions.precision)],
      ["groups of a batch", join(conditions.groups)],
      ["mean length in tokens", join(conditions.length)],
      ["timed rounds, of which the median counts", join(conditions.rounds)],
      ...Object.entries(facts.versions).map(([name, values]) => [name, values.join("; ")]),
      ["report made by", `prumux ${facts.made.prumux}, ${facts.made.time}`],
    ]));
}

function addStages() {
  if (facts.stages.length === 0) return;
  addSection("stages", "Stages",
    disclosure(`${plural(facts.stages.length, "stage")} with times`, table("Stages of the run", [
      { title: "folder", text: (stage) => stage.folder },
      { title: "kind", text: (stage) => stage.kind },
      { title: "cell", text: (stage) => stage.label },
      { title: "time", numeric: true,
        text: (stage) => stage.complete ? secondsText(stage.seconds) : "\u2013" },
      { title: "finished", text: (stage) => stage.finished || "unfinished" },
    ], facts.stages)));
}

function addConfiguration() {
  if (!facts.configuration) return;
  addSection("configuration", "Configuration",
    html("p", {}, "The pipeline with every default, and where each value was given."),
    disclosure("resolved.yaml", html("pre", { tabindex: 0 }, facts.configuration)));
}
