// How the trainings went.

const CURVE_KINDS = [
  { name: "loss", title: "loss", format: (value, digits = 3) => decimals(value, digits) },
  { name: "score", title: "evaluation score", format: (value, digits = 4) => decimals(value, digits) },
  { name: "sparsity", title: "sparsity", format: (value, digits = 3) => shareText(value, Math.max(digits - 2, 0)) },
];

function seriesClass(index) {
  return `series-${index % 8}`;
}

function nearestIndex(steps, step) {
  let found = 0;
  steps.forEach((one, index) => {
    if (Math.abs(one - step) < Math.abs(steps[found] - step)) found = index;
  });
  return found;
}

/** A line that follows the pointer, or the arrow keys, and tells the values beside it. */
function addCursor(plot, trainings, kind) {
  const line = svg("line", { class: "cursor", y1: plot.top, y2: plot.bottom, visibility: "hidden" });
  plot.body.append(line);
  const steps = [...new Set(trainings.flatMap((one) => one[kind.name].steps))].sort((a, b) => a - b);
  const state = { index: steps.length - 1 };
  const show = () => {
    const step = steps[state.index];
    const x = plot.x.at(step);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    line.setAttribute("visibility", "visible");
    const lines = trainings.map((one) => {
      const curve = one[kind.name];
      return `${one.label || one.id}: ${kind.format(curve.values[nearestIndex(curve.steps, step)])}`;
    });
    const box = plot.image.getBoundingClientRect();
    tooltip.show([`${kind.title} at step ${step}`, ...lines], box.left + x * box.width / plot.width,
      box.top + 30);
    plot.image.setAttribute("aria-label", `${kind.title} at step ${step}: ${lines.join("; ")}`);
  };
  const hide = () => {
    line.setAttribute("visibility", "hidden");
    tooltip.hide();
  };
  plot.image.setAttribute("tabindex", 0);
  plot.image.addEventListener("pointermove", (event) => {
    const box = plot.image.getBoundingClientRect();
    const x = (event.clientX - box.left) * plot.width / box.width;
    const share = (x - plot.left) / (plot.right - plot.left);
    state.index = nearestIndex(steps, plot.x.low + share * (plot.x.high - plot.x.low));
    show();
  });
  plot.image.addEventListener("pointerleave", hide);
  plot.image.addEventListener("focus", () => plot.image.matches(":focus-visible") && show());
  plot.image.addEventListener("blur", hide);
  plot.image.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") hide();
    if (!move) return;
    event.preventDefault();
    state.index = Math.min(Math.max(state.index + move, 0), steps.length - 1);
    show();
  });
}

function curvesPlot(width, trainings, all, kind) {
  const steps = trainings.flatMap((one) => one[kind.name].steps);
  const values = trainings.flatMap((one) => one[kind.name].values);
  const plot = makePlot({ width, height: 220,
    label: `${kind.title} over steps. Arrow keys go from step to step.`,
    x: { low: 0, high: Math.max(...steps), title: "step", format: (value) => countText(value) },
    y: { ...padded(values, 0.06, 0.002), format: kind.format } });
  plot.width = width;
  for (const training of trainings) {
    const line = (curve, more) => svg("path", { "aria-hidden": "true",
      class: `curve ${seriesClass(all.indexOf(training))} ${more}`,
      d: pathThrough(curve.steps.map((step, index) =>
        [plot.x.at(step), plot.y.at(curve.values[index])])) });
    plot.body.append(line(training[kind.name], ""));
    if (kind.name === "sparsity" && training.target) plot.body.append(line(training.target, "target"));
  }
  addCursor(plot, trainings, kind);
  return plot.image;
}

function lastText(training, kind) {
  const values = training[kind.name]?.values;
  return values ? kind.format(values[values.length - 1]) : "\u2013";
}

/** The trainings of one stage of the pipeline, in all the cells. */
function stageCurves(id, trainings) {
  const kinds = CURVE_KINDS.filter((kind) => trainings.some((one) => one[kind.name]));
  return html("div", { class: "stage" },
    html("h3", {}, id, trainings[0].kind === id ? null : html("small", {}, ` ${trainings[0].kind}`)),
    trainings.length > 1 || trainings[0].label
      ? makeLegend(trainings.map((one, index) => ({ className: seriesClass(index),
        name: (one.label || one.folder) + (one.complete ? "" : " (unfinished)") }))) : null,
    html("div", { class: "columns" }, kinds.map((kind) => {
      const shown = trainings.filter((one) => one[kind.name]);
      return figure(kind.name === "sparsity" ? "sparsity (faint: its target)" : kind.title,
        (width) => curvesPlot(width, shown, trainings, kind));
    })),
    disclosure("Last values", table(`Last values of ${id}`, [
      { title: "training", text: (one) => one.label || one.folder },
      ...kinds.map((kind) => ({ title: kind.title, numeric: true, text: (one) => lastText(one, kind) })),
      { title: "state", text: (one) => one.complete ? "complete" : "unfinished" },
    ], trainings)));
}

/** The stages that train, in the order of the pipeline; what it no longer has comes last. */
function idsInOrder() {
  const place = (id) => facts.order.includes(id) ? facts.order.indexOf(id) : facts.order.length;
  return [...new Set(facts.curves.map((one) => one.id))].sort((a, b) => place(a) - place(b));
}

function byLabel(one, other) {
  return one.label.localeCompare(other.label, "en", { numeric: true });
}

function addCurves() {
  if (facts.curves.length === 0) return;
  addSection("training", "Training", idsInOrder().map((id) =>
    stageCurves(id, facts.curves.filter((one) => one.id === id).sort(byLabel))));
}
