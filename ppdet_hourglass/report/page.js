"use strict";
// Positions are in thousandths of the crop's width, from its upper left corner.
const { noun, plural, joints, skeleton, colors, boneColors, people, classes, orders, layers, unit, example } =
  JSON.parse(document.getElementById("data").textContent);
const BATCH = 60;
const SVG = "http://www.w3.org/2000/svg";
const $ = (id) => document.getElementById(id);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
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

// Bones and joints; a joint without a place is unknown.  Of the layer "joints" the
// sides have their colours; a predicted joint has a ring in the colour of its class.
function skeletonOf(person, places, layer) {
  const sided = layer === "joints";
  const group = element("g", { class: `layer-${layer}` });
  skeleton.forEach(([from, to], bone) => {
    const [a, b] = [places[from], places[to]];
    if (!a || !b) return;
    const line = element("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1] });
    if (sided) line.setAttribute("stroke", boneColors[bone]);
    group.append(line);
  });
  places.forEach((place, joint) => {
    if (!place) return;
    const circle = element("circle", { cx: place[0], cy: place[1], r: 13 },
      element("title", {}, sided ? joints[joint] : `${layer} ${joints[joint]}`));
    if (sided) circle.setAttribute("fill", colors[joint]);
    if (layer === "predicted") circle.setAttribute("class", className(person, joint));
    const number = element("text", { class: "layer-numbers", x: place[0] + 22, y: place[1] + 14 }, String(joint));
    group.append(element("g", { class: "joint", "data-joint": joint }, circle, number));
  });
  return group;
}

function className(person, joint) {
  const code = person.classes[joint];
  return code < 0 ? "unknown" : classes[code];
}

function imageOf(data, layer, height, y = 0) {
  const type = layer === "crop" ? "jpeg" : "png";
  return element("image", { class: layer, href: `data:image/${type};base64,${data}`, y, width: 1000, height,
    preserveAspectRatio: "none" });
}

// A person's crop, under whatever is added to it.
function cropOf(person, shows) {
  const tall = person.tall || 1000;
  const view = element("svg", { class: "view", viewBox: `0 0 1000 ${tall}`, style: `aspect-ratio: 1000 / ${tall}`,
    role: "img", "aria-label": `${noun} ${person.number}: ${shows}` });
  if (person.picture) view.append(imageOf(person.picture, "crop", tall));
  else view.append(element("text", { x: 500, y: 970 }, "image not on this page"));
  return view;
}

function viewOf(person) {
  const view = cropOf(person, Object.keys(person.skeletons).join(" and "));
  if (person.overlay) view.append(imageOf(person.overlay, "layer-targets", person.tall || 1000));
  const { truth, predicted } = person.skeletons;
  for (const [layer, places] of Object.entries(person.skeletons)) view.append(skeletonOf(person, places, layer));
  if (truth && predicted) {
    const off = element("g", { class: "off layer-truth" });
    person.classes.forEach((code, joint) => {
      const [a, b] = [truth[joint], predicted[joint]];
      if (code > 1) off.append(element("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }));
    });
    view.lastChild.before(off);
  }
  return view;
}

function card(person) {
  const caption = element("div", { class: "caption" }, element("b", {}, `${noun} ${person.number}`), person.text,
    element("div", { class: "hint" }, person.image));
  const made = element("button", { type: "button", class: "person", "data-person": person.number },
    viewOf(person), caption);
  made.addEventListener("click", () => show(person));
  return made;
}

function choose() {
  const wanted = (id) => ($(id) && $(id).value !== "" ? Number($(id).value) : null);
  const [group, joint, kind] = ["group", "joint", "class"].map(wanted);
  const fits = (person, index) => (kind === null ? isKnown(person, index) : person.classes[index] === kind);
  chosen = people.filter((person) => {
    if (group !== null && person.group !== group) return false;
    if (joint !== null) return fits(person, joint);
    return kind === null || person.classes.includes(kind);
  });
  const order = orders[wanted("order") || 0];
  if (order) {
    const [, key, sign] = order;
    const last = (value) => (value === null ? Infinity : sign * value);
    chosen.sort((a, b) => last(a[key]) - last(b[key]));
  }
  document.body.classList.toggle("one-joint", joint !== null);
  shown = 0;
  $("cards").replaceChildren();
  $("count").value = `${chosen.length} of ${people.length} ${plural}`;
  more();
}

function isKnown(person, joint) {
  return Object.values(person.skeletons)[0][joint] !== null;
}

function more() {
  $("cards").append(...chosen.slice(shown, shown + BATCH).map(card));
  shown = Math.min(shown + BATCH, chosen.length);
  $("more").classList.toggle("hidden", shown === chosen.length);
  markJoint();
}

function markJoint() {
  for (const mark of all(".view .joint")) mark.classList.toggle("chosen", mark.dataset.joint === $("joint").value);
}

function show(person) {
  open = person;
  $("detail-title").textContent = `${noun} ${person.number}`;
  $("detail-view").replaceChildren(viewOf(person));
  $("detail-facts").textContent = `${person.image}: ${person.facts || person.text}`;
  const head = classes.length ? ["joint", "class", `error, ${unit}`, "score"] : ["", "joint", "known"];
  $("detail-head").replaceChildren(...head.map((text) => element("th", {}, text)));
  $("detail-joints").replaceChildren(...joints.map((name, joint) => {
    const row = classes.length ? judged(person, joint, name) : [String(joint), name, isKnown(person, joint) ? "yes" : "–"];
    return element("tr", {}, ...row.map((cell) => element("td", {}, cell)));
  }));
  heat();
  markJoint();
  if (!$("detail").open) $("detail").showModal();
  const address = `#person-${person.number}`;
  if (location.hash !== address) history.replaceState(null, "", address);
}

function judged(person, joint, name) {
  const kind = className(person, joint);
  const known = kind !== "unknown";
  const tag = element("span", { class: known ? `tag ${kind}` : "" }, known ? kind : "not annotated");
  const fixed = (value) => (value === null ? "–" : value.toFixed(2));
  return [name, tag, fixed(person.errors[joint]), fixed(person.scores[joint])];
}

// The open person's heatmaps, of all joints or of one: each stack's image holds all in
// one square and each joint's in a square of its own below.
function heat() {
  const stacks = open.stacks;
  $("heat").hidden = !stacks;
  if (!stacks || !$("heat").open) return;
  const joint = $("heat-joint").value;
  const only = (places) => places.map((place, index) => (joint === String(index) ? place : null));
  $("heat-stacks").replaceChildren(...stacks.map((data, index) => {
    const name = `stack ${index + 1} of ${stacks.length}`;
    const view = cropOf(open, `heatmaps of ${name}`);
    const row = joint === "" ? 0 : Number(joint) + 1;
    view.append(imageOf(data, "heat", 1000 * (joints.length + 1), -1000 * row));
    for (const [layer, places] of Object.entries(open.skeletons)) view.append(skeletonOf(open, only(places), layer));
    const shows = joint === "" ? "all joints" : joints[joint];
    return element("figure", {}, view, element("figcaption", {}, `${name}: ${shows}`));
  }));
}

function toggleLayer(name, on) {
  document.body.classList.toggle(`no-${name}`, !on);
  for (const box of all(`[data-layer="${name}"]`)) box.checked = on;
}

// The chosen person before or after the open one.
function step(by) {
  const next = chosen[chosen.indexOf(open) + by];
  if (next) show(next);
}

function byNumber(number) {
  return people.find((person) => person.number === Number(number));
}

function byAddress() {
  const found = /^#person-(\d+)$/.exec(location.hash);
  const person = found && byNumber(found[1]);
  if (person) show(person);
}

function moveFocus(by) {
  const cards = all(".person");
  const next = cards[cards.indexOf(document.activeElement) + by];
  if (next) next.focus();
}

if (example) {
  const view = element("svg", { class: "view", viewBox: "0 0 1000 1000", role: "img", "aria-label": "skeleton" });
  view.append(skeletonOf(example, example.skeletons.joints, "joints"));
  $("example").append(view);
}
for (const select of all("select")) select.selectedIndex = 0;
for (const id of ["group", "joint", "class", "order"]) if ($(id)) $(id).addEventListener("change", choose);
$("controls").addEventListener("submit", (event) => event.preventDefault());
$("person").addEventListener("change", () => {
  const person = byNumber($("person").value);
  if (person) show(person);
  else $("count").value = `${noun} ${$("person").value} is not on this page`;
});
$("more").addEventListener("click", more);
$("close").addEventListener("click", () => $("detail").close());
$("previous").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
for (const [name, , on] of layers) toggleLayer(name, on);
for (const box of all("[data-layer]"))
  box.addEventListener("change", () => toggleLayer(box.dataset.layer, box.checked));
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
