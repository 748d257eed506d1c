// What pruning has left of each model.

function structureSummary(structure) {
  const heads = structure.layers.flatMap((layer) => layer.heads);
  const units = structure.layers.map((layer) => layer.intermediate);
  const sum = units.reduce((a, b) => a + b, 0);
  return `${heads.filter(Boolean).length} of ${heads.length} heads, ` +
         `${countText(sum)} of ${countText(structure.intermediate_of * units.length)} feed-forward units, ` +
         `${structure.hidden} of ${structure.hidden_of} hidden dimensions left`;
}

/** Of weights that are products of two matrices: "query 24, key 20". */
function ranksText(layer) {
  return Object.entries(layer.ranks).map(([linear, rank]) =>
    `${linear.replace("attention.self.", "").replace("attention.output.dense", "attention output").replace(".dense", "")} ` +
    rank).join(", ");
}

function ranksRemark(structure) {
  const ranks = structure.layers.flatMap((layer) => Object.values(layer.ranks));
  if (ranks.length === 0) return "";
  return `; ${ranks.length} of the weights are products of ranks from ${Math.min(...ranks)} to ${Math.max(...ranks)}`;
}

/** A row for each layer: a square for each head, a bar for the feed-forward units. */
function structurePicture(width, structure) {
  const rowHeight = 22;
  const top = 34;
  const count = structure.layers[0].heads.length;
  const left = 26;
  const end = width - 44;
  const headsWidth = Math.min(count * 15, (end - left) * 0.5);
  const pitch = headsWidth / count;
  const barLeft = left + headsWidth + 14;
  const barWidth = end - barLeft;
  const height = top + rowHeight * structure.layers.length + 42;
  const text = (x, y, content, anchor = "start") =>
    svg("text", { x, y, "text-anchor": anchor }, content);
  const bar = (x, y, full, share) => [
    svg("rect", { class: "gone", x, y, width: full, height: 14, rx: 2 }),
    share > 0 ? svg("rect", { class: "kept", x, y, width: Math.max(full * share, 1), height: 14, rx: 2 })
              : null];
  const image = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": `${structure.label}: ${structureSummary(structure)}` },
  text(left, 14, "heads"), text(barLeft, 14, "feed-forward"), text(width, 14, "weights", "end"),
  structure.layers.map((layer, index) => {
    const y = top + index * rowHeight;
    return [
      text(0, y + 12, String(index + 1)),
      layer.heads.map((isKept, head) => svg("rect", { class: isKept ? "kept" : "gone",
        x: left + head * pitch + 1, y, width: pitch - 2, height: 14, rx: 2 },
      svg("title", {}, `layer ${index + 1}, head ${head}: ${isKept ? "left" : "removed"}`))),
      bar(barLeft, y, barWidth, layer.intermediate / structure.intermediate_of),
      layer.intermediate === 0
        ? svg("text", { class: "inside", x: barLeft + 5, y: y + 11 }, "removed")
        : svg("title", {}, `${layer.intermediate} units`),
      text(width, y + 12, shareText(layer.weights_left), "end"),
    ];
  }),
  text(left, height - 22, `hidden dimensions: ${structure.hidden} of ${structure.hidden_of}`),
  bar(left, height - 15, end - left, structure.hidden / structure.hidden_of));
  return image;
}

function structureTable(structure) {
  return table(`What is left of ${structure.label}`, [
    { title: "layer", text: ({ index }) => String(index + 1) },
    { title: structure.heads_are_known ? "heads left" : "number of heads left",
      text: ({ layer }) => structure.heads_are_known
        ? layer.heads.flatMap((isKept, head) => isKept ? [head] : []).join(", ") || "none"
        : String(layer.heads.filter(Boolean).length) },
    { title: "feed-forward units", numeric: true, text: ({ layer }) => countText(layer.intermediate) },
    { title: "ranks", text: ({ layer }) => ranksText(layer) || "whole weights" },
    { title: "weights left", numeric: true, text: ({ layer }) => shareText(layer.weights_left, 1) },
  ].filter(({ title }) => title !== "ranks" || ranksRemark(structure)), structure.layers.map((layer, index) => ({ layer, index })));
}

function structureModel(structure) {
  const remark = ranksRemark(structure) +
    (structure.heads_are_known ? "" : "; which heads is not recorded, only how many");
  return html("div", { class: "model" },
    html("h3", {}, structure.label),
    figure(structureSummary(structure) + remark, (width) => structurePicture(width, structure)),
    disclosure("The same as a table", structureTable(structure)));
}

const SHOWN_STRUCTURES = 6;

function addStructures() {
  if (facts.structures.length === 0) return;
  const columns = (structures) => html("div", { class: "columns" }, structures.map(structureModel));
  const folded = facts.structures.slice(SHOWN_STRUCTURES);
  addSection("structure", "What pruning left",
    html("p", {}, "A row is a layer of the encoder, the first one at the top. Filled: left. Hollow: " +
      "removed. The last column is the share of the layer's weights that is left."),
    columns(facts.structures.slice(0, SHOWN_STRUCTURES)),
    folded.length > 0 ? disclosure(`${folded.length} more`, columns(folded)) : null);
}
