// The page from its top to its bottom.

function overview() {
  const complete = facts.stages.filter((stage) => stage.complete);
  const seconds = complete.reduce((sum, stage) => sum + stage.seconds, 0);
  const last = complete.map((stage) => stage.finished).sort().at(-1);
  const unfinished = facts.stages.length - complete.length;
  return [
    `${plural(measured.length, "model")} measured`,
    predicted.length > 0 ? `${predicted.length} more predicted` : null,
    `${plural(complete.length, "stage")} in ${secondsText(seconds)} of computing`,
    unfinished > 0 ? `${plural(unfinished, "unfinished stage")}` : null,
    last ? `last result ${last}` : null,
  ].filter((text) => text !== null).join(" \u00b7 ");
}

function addHeader() {
  document.getElementById("top").append(
    html("p", { class: "kicker" }, "prumux report"),
    html("h1", {}, facts.name, facts.task ? html("small", {}, ` on ${facts.task}`) : ""),
    html("p", { class: "overview" }, overview()));
}

function addNotes() {
  if (facts.stages.length === 0) {
    facts.notes.unshift("Nothing has been computed in this run yet.");
  }
  if (facts.notes.length === 0) return;
  document.getElementById("content").append(html("aside", { class: "notice", "aria-label": "Remarks" },
    html("ul", {}, facts.notes.map((note) => html("li", {}, note)))));
}

addHeader();
addNotes();
if (measured.length > 0) {
  addRecommendation();
  addSearch();
  addPareto();
  addHeatMap();
  addValidation();
}
addStructures();
addCurves();
addCells();
addMachine();
addStages();
addConfiguration();
document.getElementById("bottom").append(
  html("p", {}, `Made by prumux ${facts.made.prumux} from the run folder ${facts.folder}, ${facts.made.time}. ` +
    "The page loads nothing; its data are in it as JSON."));
firstDrawings.forEach((draw) => draw());
document.addEventListener("scroll", tooltip.hide, { passive: true });
