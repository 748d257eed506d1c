// What may be lost, and which cells are recommended for it.

/** By measurement alone, for runs without a prediction: as the search asked, or for usual losses. */
function measuredBudgets() {
  if (measured.length < 2) return [];
  const asked = facts.search?.min_accuracy;
  const usual = baseline ? [0.01, 0.03, 0.05].map((loss) => baseline.accuracy - loss) : [];
  return (isNumber(asked) ? [asked] : usual).map((accuracy) => ({
    max_loss: baseline && baseline.accuracy - accuracy,
    min_accuracy: accuracy,
    recommendations: measured
      .filter((cell) => isNumber(cell.throughput) && isEnough(cell, accuracy))
      .sort((a, b) => b.throughput - a.throughput),
  }));
}

const budgets = facts.prediction?.budgets ?? measuredBudgets();

/** What a budget asks for: as an accuracy where it is more than that of the dense model. */
function isLossBudget(budget) {
  return isNumber(budget.max_loss) && budget.max_loss > -1e-9;
}

function budgetText(budget) {
  return isLossBudget(budget) ? pointsText(budget.max_loss) : accuracyText(budget.min_accuracy);
}

/** All that could have been recommended, had it been good enough. */
const candidates = facts.prediction
  ? (facts.prediction.candidates ?? [])
    .filter((cell) => facts.prediction.allow_extrapolation || !cell.extrapolated)
  : measured.filter((cell) => isNumber(cell.accuracy) && isNumber(cell.throughput));

/** The measured cells of which a predict stage takes the mean. */
function variantsOf(recommendation) {
  return measured.includes(recommendation) ? [recommendation]
    : measured.filter((cell) => isSameCell(cell, recommendation));
}

/** The cell of the page that a recommendation is about, with all that is known of it. */
function recommendedCell(recommendation) {
  const variants = variantsOf(recommendation);
  if (variants.length > 1) return recommendation;
  return variants[0] ?? predicted.find((cell) => isSameCell(cell, recommendation)) ??
         recommendation;
}

/** The first budget that gains something. */
function firstBudget() {
  const gains = ({ recommendations: [first] }) => first && !variantsOf(first).includes(baseline);
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

function best(budget = chosen.budget) {
  const first = budget?.recommendations[0];
  return first && recommendedCell(first);
}
