"use strict";
// Positions of a person are in thousandths of the crop's side, from its upper left corner.
const { joints, skeleton, classes, unit, people, pictures, heatmaps } =
  JSON.parse(document.getElementById("data").textContent);
const BATCH = 60;
const SVG = "http://www.w3.org/2000/svg";
const $ = (id) => document.getElementById(id);
let chosen = [];
let shown = 0;
let open = null;

function element(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "line", "circle", "image", "text", "title"].includes(name);
  const made = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// One skeleton: its bones and joints; a joint that is unknown has no position.
function skeletonOf(person, places, layer, describe) {
  const group = element("g", { class: layer });
  for (const [from, to] of skeleton) {
    const [a, b] = [places[from], places[to]];
    if (a && b) group.append(element("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }));
  }
  places.forEach((place, joint) => {
    if (!place) return;
    const mark = element("circle", { cx: place[0], cy: place[1], r: 13, ...describe(joint) });
    mark.append(element("title", {}, `${layer} ${joints[joint]}`));
    group.append(mark);
  });
  return group;
}

function className(person, joint) {
  return person.classes[joint] < 0 ? "unknown" : classes[person.classes[joint]];
}

// A person's crop, under whatever is added to it.
function crop(person, shows) {
  const picture = element("svg", { class: "view", viewBox: "0 0 1000 1000", role: "img",
    "aria-label": `person ${person.number}: ${shows}` });
  const data = pictures[person.number];
  if (data) picture.append(element("image", { class: "crop", href: `data:image/jpeg;base64,${data}`,
    width: 1000, height: 1000 }));
  else picture.append(element("text", { x: 500, y: 970 }, "picture not in this report"));
  return picture;
}

function view(person) {
  const picture = crop(person, "annotated and predicted joints");
  picture.append(skeletonOf(person, person.truth, "truth", () => ({})));
  const off = element("g", { class: "off truth" });
  person.classes.forEach((code, joint) => {
    const [a, b] = [person.truth[joint], person.predicted[joint]];
    if (code > 1) off.append(element("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }));
  });
  picture.append(off);
  picture.append(skeletonOf(person, person.predicted, "predicted",
    (joint) => ({ class: className(person, joint) })));
  return picture;
}

function score(person) {
  if (!person.counted) return "no joint is annotated";
  return `${person.found} of ${person.counted} joints found`;
}

function card(person) {
  const caption = element("div", { class: "caption" },
    element("b", {}, `Person ${person.number}`), `${score(person)}, mean error ${fixed(person.error)}`,
    element("div", { class: "hint" }, person.image));
  const made = element("button", { type: "button", class: "person", "data-person": person.number },
    view(person), caption);
  made.addEventListener("click", () => show(person));
  return made;
}

function fixed(value) { return value === null ? "–" : value.toFixed(2); }

const last = (value) => (value === null ? -Infinity : value);
const ORDERS = {
  worst: (a, b) => a.rank - b.rank,
  error: (a, b) => last(b.error) - last(a.error),
  score: (a, b) => a.score - b.score,
  scale: (a, b) => a.size - b.size,
  person: (a, b) => a.number - b.number,
};

function choose() {
  const joint = $("joint").value;
  const wanted = $("class").value;
  const asked = joint === "" ? joints.map((_, index) => index) : [Number(joint)];
  const fits = (person) => asked.some((index) => {
    const code = person.classes[index];
    return code >= 0 && (wanted === "" || code === Number(wanted));
  });
  chosen = joint === "" && wanted === "" ? [...people] : people.filter(fits);
  chosen.sort(ORDERS[$("order").value]);
  shown = 0;
  $("cards").replaceChildren();
  $("count").value = `${chosen.length} of ${people.length} people`;
  more();
}

function more() {
  $("cards").append(...chosen.slice(shown, shown + BATCH).map(card));
  shown = Math.min(shown + BATCH, chosen.length);
  $("more").classList.toggle("hidden", shown === chosen.length);
}

function show(person) {
  open = person;
  $("detail-title").textContent = `Person ${person.number}`;
  $("detail-picture").replaceChildren(view(person));
  const near = person.neighbours ? `${person.neighbours} other people in the crop` : "nobody else in the crop";
  $("detail-facts").textContent = `${person.image}: ${score(person)}, mean error ${fixed(person.error)} ${unit}; ` +
    `crop of ${person.size} px, ${near}; mean score ${fixed(person.score)}.`;
  $("detail-joints").replaceChildren(...joints.map((name, joint) => {
    const kind = className(person, joint);
    const tag = element("span", { class: kind === "unknown" ? "" : `tag ${kind}` }, kind === "unknown" ? "not annotated" : kind);
    const row = [name.replaceAll("_", " "), tag, fixed(person.errors[joint]), fixed(person.scores[joint])];
    return element("tr", {}, ...row.map((cell) => element("td", {}, cell)));
  }));
  layers();
  heat();
  if (!$("detail").open) $("detail").showModal();
  const address = `#person-${person.number}`;
  if (location.hash !== address) history.replaceState(null, "", address);
}

// The open person's heatmaps, of all joints or of one: each stack's picture holds all
// in one square and each joint's in a square of its own below.
function heat() {
  const stacks = heatmaps[open.number];
  $("heat").hidden = !stacks;
  if (!stacks || !$("heat").open) return;
  const joint = $("heat-joint").value;
  const only = (places) => places.map((place, index) => (joint === String(index) ? place : null));
  $("heat-stacks").replaceChildren(...stacks.map((data, index) => {
    const name = `stack ${index + 1} of ${stacks.length}`;
    const picture = crop(open, `heatmaps of ${name}`);
    const rows = joints.length + 1;
    const row = joint === "" ? 0 : Number(joint) + 1;
    picture.append(element("image", { href: `data:image/png;base64,${data}`, y: -1000 * row,
      width: 1000, height: 1000 * rows, preserveAspectRatio: "none" }));
    picture.append(skeletonOf(open, only(open.truth), "truth", () => ({})));
    picture.append(skeletonOf(open, only(open.predicted), "predicted",
      (index) => ({ class: className(open, index) })));
    const shown = joint === "" ? "all joints" : joints[joint].replaceAll("_", " ");
    return element("figure", {}, picture, element("figcaption", {}, `${name}: ${shown}`));
  }));
}

function layers() {
  for (const name of ["truth", "predicted"])
    for (const group of $("detail-picture").querySelectorAll(`.${name}`))
      group.classList.toggle("hidden", !$(`show-${name}`).checked);
}

// The chosen person before or after the open one.
function step(by) {
  const next = chosen[chosen.indexOf(open) + by];
  if (next) show(next);
}

function byAddress() {
  const found = /^#person-(\d+)$/.exec(location.hash);
  const person = found && people.find((one) => one.number === Number(found[1]));
  if (person) show(person);
}

function moveFocus(by) {
  const cards = [...document.querySelectorAll(".person")];
  const next = cards[cards.indexOf(document.activeElement) + by];
  if (next) next.focus();
}

for (const [index, option] of [...$("order").options].entries()) option.defaultSelected = index === 0;
for (const id of ["joint", "class", "order"]) $(id).addEventListener("change", choose);
$("controls").addEventListener("submit", (event) => event.preventDefault());
$("person").addEventListener("change", () => {
  const person = people.find((one) => one.number === Number($("person").value));
  if (person) show(person);
  else $("count").value = `there is no person ${$("person").value}`;
});
$("more").addEventListener("click", more);
$("close").addEventListener("click", () => $("detail").close());
$("previous").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
for (const name of ["truth", "predicted"]) $(`show-${name}`).addEventListener("change", layers);
$("heat").addEventListener("toggle", heat);
$("heat-joint").addEventListener("change", heat);
$("detail").addEventListener("close", () => {
  history.replaceState(null, "", location.pathname + location.search);
  const back = document.querySelector(`[data-person="${open.number}"]`);
  if (back) back.focus();
});
document.addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by || event.target.matches("select, input")) return;
  if ($("detail").open) step(by);
  else if (event.target.matches(".person")) moveFocus(by);
  else return;
  event.preventDefault();
});
addEventListener("hashchange", byAddress);
choose();
byAddress();
