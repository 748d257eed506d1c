// The cell to deploy, and why.

/** Whose score is no share of the held-out texts. */
const TASKS_OF_OTHER_SCORES = ["cola", "ner", "pos", "regression", "stsb"];

function standardErrorText(cell) {
  const isShare = !TASKS_OF_OTHER_SCORES.includes(facts.task);
  if (!isShare || !isNumber(cell.examples) || !(cell.accuracy >= 0 && cell.accuracy <= 1)) return "";
  const error = Math.sqrt(cell.accuracy * (1 - cell.accuracy) / cell.examples);
  return ` on ${countText(cell.examples)} held-out texts, which leaves a standard error of ` +
         `${pointsText(error)}`;
}

function conditionsText() {
  const conditions = facts.measured_with;
  const join = (values) => values.join(" and ");
  const parts = [];
  if (conditions.device) parts.push(`on ${join(conditions.device)}`);
  if (conditions.threads) parts.push(`with ${join(conditions.threads)} ${conditions.threads.at(-1) === 1 ? "thread" : "threads"}`);
  if (conditions.precision) parts.push(`in ${join(conditions.precision)}`);
  return parts.join(" ");
}

function trustText() {
  const validation = Object.values(facts.prediction?.cross_validation ?? {})[0];
  if (!validation || !isNumber(validation.accuracy_within)) return null;
  const throughput = isNumber(validation.throughput_within)
    ? ` and ${shareText(validation.throughput_within)} of their throughputs to within 20 %` : "";
  const hits = isNumber(validation.top3_hit)
    ? ` For ${shareText(validation.top3_hit)} of 21 accepted losses, the truly best cell was among ` +
      "the first three that it named." : "";
  const advice = validation.accuracy_within < 0.5
    ? " Rely on what was measured, then, not on what was predicted." : "";
  return "How far the predictions can be trusted: with each of the " +
         `${plural(validation.left_out.length, "cell")} that are both pruned and multiplexed left ` +
         `out of the fit in turn, ${shareText(validation.accuracy_within)} of their accuracies were ` +
         `predicted to within 1.5 points${throughput}.${hits}${advice}`;
}

/** "2.31\u00d7", or the throughput where it is relative to nothing. */
function gainText(cell) {
  const factor = speedUpOf(cell);
  return isNumber(factor) ? speedUpText(factor) : throughputText(cell.throughput);
}

/** Where the numbers of a cell come from. */
function sourceTexts(cell) {
  const variants = variantsOf(cell).length;
  if (isPredicted(cell)) {
    return [`It was not trained: its accuracy of ${accuracyText(cell.accuracy)} and its throughput are ` +
      `${sourceOf(cell)} from the cells that were. Train it before you rely on it.`];
  }
  if (variants > 1) {
    return [`Its accuracy of ${accuracyText(cell.accuracy)} and its throughput are the means of ` +
      `${variants} measured variants: choose one of them under "All that was measured".`];
  }
  const dense = isNumber(baseline?.throughput)
    ? `; the dense model makes ${throughputText(baseline.throughput)} there` : "";
  return [`Its accuracy of ${accuracyText(cell.accuracy)} was measured${standardErrorText(cell)}.`,
          `Its ${throughputText(cell.throughput)} were measured ${conditionsText()}${dense}.`];
}

function reasons(budget, cell) {
  const known = candidates.map(recommendedCell);
  const isEnoughHere = (one) => isEnough(one, budget.min_accuracy);
  const second = budget.recommendations[1] && recommendedCell(budget.recommendations[1]);
  const faster = known.filter((one) => one.throughput > cell.throughput && !isEnoughHere(one))
    .sort((a, b) => b.accuracy - a.accuracy)[0];
  return [
    `It is the fastest of the ${plural(known.filter(isEnoughHere).length, "cell")} that reach an ` +
      `accuracy of ${accuracyText(budget.min_accuracy)}, out of ${known.length} that are known.`,
    ...sourceTexts(cell),
    second ? `The next best: ${cellName(second)}, ${gainText(second)}, accuracy ` +
             `${accuracyText(second.accuracy)} (${sourceOf(second)}).` : null,
    faster ? `Of those that are faster, the most accurate is ${cellName(faster)} with ` +
             `${accuracyText(faster.accuracy)}: not enough.` : null,
    trustText(),
  ].filter((reason) => reason !== null);
}

function tile(value, text) {
  return html("div", { class: "tile" }, html("b", {}, value), html("span", {}, text));
}

function recommendationBody() {
  const cell = best();
  if (!cell) {
    return [html("p", { class: "notice" }, chosen.budget.reason ?? (isLossBudget(chosen.budget)
      ? "No cell that was measured loses so little accuracy."
      : `No cell that was measured reaches an accuracy of ${budgetText(chosen.budget)}.`))];
  }
  const loss = baseline ? baseline.accuracy - cell.accuracy : undefined;
  return [
    html("div", { class: "tiles" },
      tile(gainText(cell),
        isNumber(speedUpOf(cell)) ? "the throughput of the dense model" : "throughput"),
      tile(accuracyText(cell.accuracy), isNumber(loss) ? changeText(loss) : "accuracy"),
      tile(`N = ${cell.instances}`, cell.instances > 1 ? "texts share a forward pass"
                                                       : "text in a forward pass"),
      tile(sparsityText(cell.sparsity), "of the encoder's weights pruned")),
    html("h3", {}, "Why"),
    html("ul", { class: "reasons" }, reasons(chosen.budget, cell).map((reason) => html("li", {}, reason))),
    cell.model
      ? html("p", {}, "The model is in the folder of the run: ",
          html("code", {}, `prumux infer ${facts.folder}/${cell.model} --input texts.txt`))
      : null,
  ].filter((child) => child !== null);
}

function addRecommendation() {
  if (budgets.length === 0) {
    addSection("recommendation", "Recommendation", html("p", { class: "notice" }, measured.length < 2
      ? "One model at most has been measured yet: there is nothing to choose from."
      : "The dense model (N = 1, sparsity 0 %) has not been measured, and losses are relative to it."));
    return;
  }
  const body = html("div", { id: "recommended", "aria-live": "polite" }, recommendationBody());
  chosen.listeners.push(() => body.replaceChildren(...recommendationBody()));
  addSection("recommendation", "Recommendation",
    choice("budget", budgets.every(isLossBudget) ? "Accepted loss of accuracy" : "Least accuracy",
      budgets.map(budgetText), chosen.index, (index) => chosen.change(index)),
    body,
    facts.prediction || facts.search ? null : html("p", { class: "remark" },
      "Chosen among the measured cells: there is no prediction from them."));
}
