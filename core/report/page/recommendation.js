// Which cell to deploy, and why.

/** By measurement alone, for runs without a prediction: for the loss of the search, or usual ones. */
function measuredBudgets() {
  if (!baseline || measured.length < 2) return [];
  const asked = facts.search?.min_accuracy;
  const losses = isNumber(asked) ? [baseline.accuracy - asked] : [0.01, 0.03, 0.05];
  return losses.map((loss) => ({
    max_loss: loss,
    min_accuracy: baseline.accuracy - loss,
    recommendations: measured
      .filter((cell) => isNumber(cell.throughput) && isEnough(cell, baseline.accuracy - loss))
      .sort((a, b) => b.throughput - a.throughput),
  }));
}

const budgets = facts.prediction?.budgets ?? measuredBudgets();

/** The first budget that gains something. */
function firstBudget() {
  const gains = ({ recommendations: [first] }) => first && !isSameCell(first, baseline ?? {});
  return Math.max(0, budgets.findIndex(gains));
}

/** The budget that is shown, and who wants to know when it changes. */
const chosen = {
  index: firstBudget(),
  listeners: [],
  get budget() {
    return budgets[this.index];
  },
  change(index) {
    this.index = index;
    this.listeners.forEach((listener) => listener());
  },
};

/** The cell of the page that a recommendation is about, with all that is known of it. */
function recommendedCell(recommendation) {
  return [...measured, ...predicted].find((cell) => isSameCell(cell, recommendation)) ??
         recommendation;
}

function best(budget = chosen.budget) {
  const first = budget?.recommendations[0];
  return first && recommendedCell(first);
}

function standardErrorText(cell) {
  const isShare = facts.task !== "cola" && facts.task !== "stsb" && facts.task !== "regression";
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

function reasons(budget, cell) {
  const known = [...measured, ...predicted]
    .filter((one) => isNumber(one.accuracy) && isNumber(one.throughput));
  const enough = known.filter((one) => isEnough(one, budget.min_accuracy));
  const second = budget.recommendations[1] && recommendedCell(budget.recommendations[1]);
  const faster = known.filter((one) => one.throughput > cell.throughput)
    .sort((a, b) => b.accuracy - a.accuracy)[0];
  return [
    `It is the fastest of the ${plural(enough.length, "cell")} that reach an accuracy of ` +
      `${accuracyText(budget.min_accuracy)}, out of ${known.length} that are known.`,
    isPredicted(cell)
      ? `It was not trained: its accuracy of ${accuracyText(cell.accuracy)} and its throughput are ` +
        `${sourceOf(cell)} from the cells that were. Train it before you rely on it.`
      : `Its accuracy of ${accuracyText(cell.accuracy)} was measured${standardErrorText(cell)}.`,
    isPredicted(cell) ? null
      : `Its ${throughputText(cell.throughput)} were measured ${conditionsText()}; the dense model ` +
        `makes ${throughputText(baseline?.throughput)} there.`,
    second ? `The next best: ${cellName(second)}, ${speedUpText(speedUpOf(second))}, accuracy ` +
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
    return [html("p", { class: "notice" }, chosen.budget.reason ??
      "No cell that was measured loses so little accuracy.")];
  }
  const loss = baseline ? baseline.accuracy - cell.accuracy : undefined;
  const factor = speedUpOf(cell);
  return [
    html("div", { class: "tiles" },
      tile(isNumber(factor) ? speedUpText(factor) : throughputText(cell.throughput),
        isNumber(factor) ? "the throughput of the dense model" : "throughput"),
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
    choice("budget", "Accepted loss of accuracy",
      budgets.map((budget) => pointsText(budget.max_loss)), chosen.index,
      (index) => chosen.change(index)),
    body,
    facts.prediction || facts.search ? null : html("p", { class: "remark" },
      "Chosen among the measured cells: no predict stage has run yet."));
}
