"use strict";

// Elements of the page, made so that text from a run can never become markup.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function complete(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

function html(tag, attributes = {}, ...children) {
  return complete(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return complete(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

/** Adds a section to the page and to its table of contents. */
function addSection(id, title, ...children) {
  const heading = html("h2", { id: `${id}-title` }, title);
  const section = html("section", { id, "aria-labelledby": `${id}-title` }, heading, ...children);
  document.getElementById("content").append(section);
  document.getElementById("contents").append(html("a", { href: `#${id}` }, title));
}

/** `columns`: [{title, text(row), numeric}]. */
function table(caption, columns, rows) {
  const cell = (tag, column, text, more = {}) =>
    html(tag, { class: column.numeric ? "number" : null, ...more }, text);
  return html(
    "div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    html("table", {},
      html("caption", {}, caption),
      html("thead", {}, html("tr", {},
        columns.map((column) => cell("th", column, column.title, { scope: "col" })))),
      html("tbody", {}, rows.map((row) => html("tr", {},
        columns.map((column, index) => cell(index === 0 ? "th" : "td", column, column.text(row),
          index === 0 ? { scope: "row" } : {})))))));
}

function disclosure(title, ...children) {
  return html("details", {}, html("summary", {}, title), ...children);
}

/** A group of radio buttons; `changed` is told the index of the one that is chosen. */
function choice(name, title, labels, selected, changed) {
  const buttons = labels.map((label, index) => {
    const input = html("input", { type: "radio", name, value: index });
    input.checked = index === selected;
    input.addEventListener("change", () => changed(index));
    return html("label", {}, input, html("span", {}, label));
  });
  return html("fieldset", { class: "choice" }, html("legend", {}, title), buttons);
}

/** Draw the figures; called once the page is complete. */
const firstDrawings = [];

/** A figure whose picture is drawn for the width that it has, and again when that changes. */
function figure(caption, draw) {
  const picture = html("div", { class: "picture" });
  const element = html("figure", {}, html("figcaption", {}, caption), picture);
  let drawn = 0;
  const adapt = () => {
    const width = Math.round(picture.clientWidth);
    if (width === 0 || width === drawn) return;
    drawn = width;
    picture.replaceChildren(draw(width));
  };
  firstDrawings.push(adapt);
  // Not at once: drawing changes sizes, of which the observer would have to tell again.
  new ResizeObserver(() => requestAnimationFrame(adapt)).observe(picture);
  element.redraw = () => {
    if (drawn > 0) picture.replaceChildren(draw(drawn));
  };
  return element;
}

/** The only tooltip; its texts are also in the labels of what it belongs to. */
const tooltip = {
  show(lines, x, y) {
    const element = document.getElementById("tooltip");
    element.replaceChildren(...lines.map((line, index) =>
      html(index === 0 ? "strong" : "span", {}, line)));
    element.hidden = false;
    const box = element.getBoundingClientRect();
    const left = Math.min(Math.max(x - box.width / 2, 8), window.innerWidth - box.width - 8);
    const above = y - box.height - 14;
    element.style.left = `${left}px`;
    element.style.top = `${above > 8 ? above : y + 18}px`;
  },
  showAt(target, lines) {
    const box = target.getBoundingClientRect();
    tooltip.show(lines, box.left + box.width / 2, box.top);
  },
  hide() {
    document.getElementById("tooltip").hidden = true;
  },
};
